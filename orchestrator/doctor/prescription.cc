#include "orchestrator/doctor/prescription.h"

#include "orchestrator/doctor/server_diagnosis.h"
#include "pipelines/probe/remedy.h"

#include <algorithm>

namespace turnout {
namespace {

bool isBeforeIce(PrimaryCause cause) {
  return cause < PrimaryCause::kTurnCredentialExpired;
}

Prescription ofCall(const ExaminedCall& call) {
  const Diagnosis diagnosis = call.outcome.diagnosis.value_or(Diagnosis{});
  return {diagnosis, call.name, wordsOf(diagnosis.cause).remedy};
}

// Of the servers that must work the one that came closest to it. The probe saw more of it than a
// call does.
std::optional<Prescription> ofServers(const ProbeReport& probe, std::chrono::seconds now) {
  std::optional<Prescription> closest;
  for (const ServerReport& server : probe.servers) {
    if (server.expectation != Expectation::kMustWork)
      continue;
    const auto found = diagnosisOf(server, probe, now);
    if (found && (!closest || found->cause < closest->diagnosis->cause))
      closest = Prescription{found, server.url, remedyFor(server, now)};
  }
  return closest;
}

}  // namespace

Prescription prescribe(const Examination& seen, std::chrono::seconds now) {
  std::vector<const ExaminedCall*> failed;
  for (const ExaminedCall& call : seen.calls)
    if (call.outcome.state != CallState::kSucceeded)
      failed.push_back(&call);
  for (const ExaminedCall* call : failed)
    if (const auto early = ofCall(*call); isBeforeIce(early.diagnosis->cause))
      return early;
  const auto servers = ofServers(seen.probe, now);
  const auto relayed =
      std::ranges::find_if(failed, [](const ExaminedCall* call) { return call->relay_only; });
  if (relayed != failed.end())
    return servers ? *servers : ofCall(**relayed);
  if (!failed.empty())
    return ofCall(*failed.front());
  return servers.value_or(Prescription{});
}

}  // namespace turnout
