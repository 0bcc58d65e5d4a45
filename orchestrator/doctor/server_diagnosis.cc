#include "orchestrator/doctor/server_diagnosis.h"

#include "orchestrator/results/diagnosis/turn_errors.h"
#include "pipelines/probe/remedy.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr int kNoStunAnswer = 701;

// STUN codes: RFC 8489 14.8, RFC 8656 19.
PrimaryCause causeOfCode(const ServerReport& server, std::chrono::seconds now) {
  switch (server.fault->code) {
    case 401: {
      const auto expiry = expiryOf(server.username);
      return expiry && *expiry <= now ? PrimaryCause::kTurnCredentialExpired
                                      : PrimaryCause::kTurnAuth;
    }
    case 403:
      return server.fault->stage == ProbeStage::kPermission ? PrimaryCause::kTurnForbiddenPeer
                                                            : PrimaryCause::kTurnForbidden;
    case 486:
      return PrimaryCause::kTurnQuota;
    case 508:
      return PrimaryCause::kTurnNoCapacity;
    default:
      return PrimaryCause::kTurnError;
  }
}

PrimaryCause causeOfTls(const ServerReport& server) {
  if (!server.certificate || server.certificate->fault == CertificateFault::kNone)
    return PrimaryCause::kTlsNotSpoken;
  return server.certificate->fault == CertificateFault::kOtherHost ? PrimaryCause::kTlsWrongName
                                                                   : PrimaryCause::kTlsUntrusted;
}

bool answersByStream(const ServerReport& server, const ProbeReport& all) {
  return std::ranges::any_of(all.servers, [&](const ServerReport& other) {
    return other.host == server.host && other.transport != TurnTransport::kUdp &&
           other.stun_ms.has_value();
  });
}

PrimaryCause causeOfSilence(const ServerReport& server, const ProbeReport& all) {
  switch (server.fault->stage) {
    case ProbeStage::kName:
      return PrimaryCause::kDnsFailure;
    case ProbeStage::kTls:
      return causeOfTls(server);
    case ProbeStage::kEcho:
      return PrimaryCause::kTurnRelayBlocked;
    default:
      return server.transport == TurnTransport::kUdp && answersByStream(server, all)
                 ? PrimaryCause::kUdpBlocked
                 : PrimaryCause::kTurnUnreachable;
  }
}

}  // namespace

std::optional<Diagnosis> diagnosisOf(const ServerReport& server, const ProbeReport& all,
                                     std::chrono::seconds now) {
  if (!server.fault)
    return std::nullopt;
  const bool is_silent =
      server.fault->code == kNoStunAnswer || server.fault->stage == ProbeStage::kEcho;
  const std::string to = server.username.empty() ? "" : " to user " + server.username;
  return Diagnosis{
      is_silent ? causeOfSilence(server, all) : causeOfCode(server, now),
      server.url + (is_silent ? ": " : " answered ") + faultText(server) + (is_silent ? "" : to)};
}

}  // namespace turnout
