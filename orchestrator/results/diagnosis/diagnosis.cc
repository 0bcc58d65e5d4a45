#include "orchestrator/results/diagnosis/diagnosis.h"

#include "orchestrator/results/diagnosis/turn_errors.h"
#include "orchestrator/results/fold/figures.h"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <sstream>

namespace turnout {
namespace {

using Kinds = std::set<CandidateType>;

// "host, relay"; "no candidates"
std::string kindsText(const Kinds& kinds) {
  std::string text;
  for (const CandidateType kind : kinds)
    text += (text.empty() ? "" : ", ") + std::string(candidateTypeWord(kind));
  return text.empty() ? "no candidates" : text;
}

std::optional<std::chrono::seconds> unixTimeOf(const RunFacts& run, Instant at) {
  std::tm began{};
  std::istringstream text(run.wall_clock);
  if (!(text >> std::get_time(&began, "%Y-%m-%dT%H:%M:%S")))
    return std::nullopt;
  return std::chrono::seconds(timegm(&began)) +
         std::chrono::duration_cast<std::chrono::seconds>(at - run.epoch);
}

// As the arm names servers, or as they were found when it ran.
bool usesTurn(const TurnArm& arm, const FailedLink& link) {
  const auto isTurnServer = [](const ServerResult& server) { return isTurn(server.url); };
  return std::ranges::any_of(link.ours.servers, isTurnServer) ||
         std::ranges::any_of(arm.ice_servers, [](const ScenarioServer& server) {
           return std::ranges::any_of(server.urls, isTurn);
         });
}

// "a TURN server of bot 1 answered 403 Forbidden IP for the other end"
std::optional<std::string> refusalText(const FailedLink& link) {
  for (const LinkEndFacts* end : {&link.ours, link.theirs ? &*link.theirs : nullptr}) {
    if (end && end->refusal)
      return "a TURN server of bot " + std::to_string(end->bot) + " answered " +
             std::to_string(end->refusal->code) + " " + end->refusal->text + " for the other end";
  }
  return std::nullopt;
}

struct Death {
  std::string service, how;
};

// Servers of the run that were dead at that time, by themselves or by a fault of the scenario.
std::vector<Death> deathsAt(const RunFacts& run, Instant at) {
  std::vector<Death> deaths;
  for (const auto& [name, service] : run.services) {
    if (service.crashed_at && *service.crashed_at <= at)
      deaths.push_back({name, *service.crash});
  }
  for (const FaultSpan& fault : run.faults) {
    if (fault.fault == "turn_kill" && fault.begin <= at && (!fault.end || at < *fault.end))
      deaths.push_back({fault.service, "killed by the scenario"});
  }
  return deaths;
}

class Examination {
 public:
  Examination(const CallOutcome& call, const TurnArm& arm, const RunFacts& run)
      : call_(call), arm_(arm), run_(run) {}

  Diagnosis diagnosis() const;

 private:
  Diagnosis told(PrimaryCause cause) const { return {cause, call_.detail}; }
  // Of what ran out of time: unless the bot host was too slow itself.
  Diagnosis late(PrimaryCause cause) const;
  Diagnosis ofJoin() const;
  Diagnosis ofIce() const;
  Diagnosis ofCandidates(const FailedLink& link) const;
  std::optional<Diagnosis> ofTurn(const FailedLink& link) const;
  std::optional<Diagnosis> ofDeath(const FailedLink& link) const;

  const CallOutcome& call_;
  const TurnArm& arm_;
  const RunFacts& run_;
};

Diagnosis Examination::late(PrimaryCause cause) const {
  const auto host = call_.host ? run_.hosts.find(*call_.host) : run_.hosts.end();
  if (host == run_.hosts.end() || host->second.loop_lag_p99_ms < kOverloadedLoopLagMs)
    return told(cause);
  return {PrimaryCause::kHostOverloaded,
          "the bot host was up to " + millisecondsText(host->second.loop_lag_p99_ms) +
              " late (99th percentile of its worst second): " + call_.detail};
}

// A bot that is refused for a session from before tries again until it is too late.
Diagnosis Examination::ofJoin() const {
  constexpr const char* kHeld = "session_active";
  if (call_.detail == kHeld)
    return told(PrimaryCause::kSessionActive);
  if (*call_.cause == FailureCause::kJoinRejected)
    return told(PrimaryCause::kSignalingRefused);
  if (const auto refused = call_.session_errors.find(kHeld); refused != call_.session_errors.end())
    return {PrimaryCause::kSessionActive, "refused " + countText(refused->second, "time") +
                                              " with session_active, and then " + call_.detail};
  return late(PrimaryCause::kSignalingTimeout);
}

// A TURN server of this run that was dead when the link failed, and that the link relied on.
std::optional<Diagnosis> Examination::ofDeath(const FailedLink& link) const {
  for (const Death& death : deathsAt(run_, link.at)) {
    const auto isOfIt = [host = "{" + death.service + "}"](const ServerResult& server) {
      const bool is_silent_or_was_used = server.code == 0 || server.code == 701;
      return is_silent_or_was_used && server.url.find(host) != std::string::npos;
    };
    const auto seen = std::ranges::find_if(link.ours.servers, isOfIt);
    if (seen != link.ours.servers.end())
      return Diagnosis{PrimaryCause::kTurnServerDied,
                       seen->url + ": " + (seen->code == 0 ? "was used" : seen->text) + "; " +
                           death.service + " had died (" + death.how + ")"};
  }
  return std::nullopt;
}

std::optional<Diagnosis> Examination::ofTurn(const FailedLink& link) const {
  if (auto death = ofDeath(link))
    return death;
  const TurnCircumstances circumstances{unixTimeOf(run_, link.at), run_.stream_hosts};
  std::optional<Diagnosis> worst;
  for (const LinkEndFacts* end : {&link.ours, link.theirs ? &*link.theirs : nullptr}) {
    if (!end || end->local.contains(CandidateType::kRelay))
      continue;
    auto found = worstTurnError(end->servers, circumstances);
    if (found && (!worst || found->cause < worst->cause))
      worst = std::move(found);
  }
  return worst;
}

Diagnosis Examination::ofCandidates(const FailedLink& link) const {
  // What the other end had: as it says, or as far as it came here.
  const Kinds& theirs = link.theirs ? link.theirs->local : link.ours.remote;
  const std::string pair = "ours: " + kindsText(link.ours.local) + "; theirs: " + kindsText(theirs);
  if (const auto refused = refusalText(link))
    return {PrimaryCause::kTurnForbiddenPeer, *refused + "; " + pair};
  const auto isDeaf = [](const LinkEndFacts& end) {
    return end.remote.empty() && !end.local.empty();
  };
  if (isDeaf(link.ours) || (link.theirs && isDeaf(*link.theirs)))
    return {PrimaryCause::kNoRemoteCandidates, pair};
  Kinds all = link.ours.local;
  all.insert(theirs.begin(), theirs.end());
  if (all == Kinds{CandidateType::kHost})
    return {PrimaryCause::kOnlyHostCandidates, arm_.ice_servers.empty() && link.ours.servers.empty()
                                                   ? pair + "; no STUN or TURN server is configured"
                                                   : pair};
  if (!usesTurn(arm_, link) && all.contains(CandidateType::kServerReflexive))
    return {PrimaryCause::kNoRelayConfiguredSymmetricNat, pair};
  return {PrimaryCause::kIceNoPair, pair};
}

Diagnosis Examination::ofIce() const {
  const bool is_turn =
      *call_.cause == FailureCause::kTurnAuth || *call_.cause == FailureCause::kTurnUnreachable;
  if (call_.failed_link) {
    if (auto turn = ofTurn(*call_.failed_link))
      return *std::move(turn);
  }
  const Diagnosis slow = late(PrimaryCause::kIceNoPair);
  if (slow.cause == PrimaryCause::kHostOverloaded)
    return slow;
  if (is_turn || !call_.failed_link)
    return told(is_turn ? PrimaryCause::kTurnUnreachable : PrimaryCause::kIceNoPair);
  return ofCandidates(*call_.failed_link);
}

Diagnosis Examination::diagnosis() const {
  const auto unlessDied = [this](PrimaryCause cause) {
    if (call_.failed_link) {
      if (auto death = ofDeath(*call_.failed_link))
        return *std::move(death);
    }
    return late(cause);
  };
  switch (*call_.cause) {
    case FailureCause::kSignalingUnreachable:
      return told(PrimaryCause::kSignalingUnreachable);
    case FailureCause::kJoinRejected:
    case FailureCause::kJoinTimeout:
      return ofJoin();
    case FailureCause::kSignalingLost:
      return told(PrimaryCause::kSignalingLost);
    case FailureCause::kPeerMissing:
      return late(PrimaryCause::kPeerMissing);
    case FailureCause::kNotAnswered:
      return told(PrimaryCause::kNotAnswered);
    case FailureCause::kNoPartner:
      return told(PrimaryCause::kNoPartner);
    case FailureCause::kPartnerLeft:
      return told(PrimaryCause::kPartnerLeft);
    case FailureCause::kNegotiation:
      return late(PrimaryCause::kNegotiationError);
    case FailureCause::kTurnAuth:
    case FailureCause::kTurnUnreachable:
    case FailureCause::kIceFailed:
    case FailureCause::kIceTimeout:
      return ofIce();
    case FailureCause::kDtls:
      return unlessDied(PrimaryCause::kDtlsFailed);
    case FailureCause::kNoMedia:
      return unlessDied(PrimaryCause::kConnectedNoMedia);
    case FailureCause::kHostCrashed:
      return told(PrimaryCause::kHostCrashed);
    case FailureCause::kInterrupted:
      return told(PrimaryCause::kInterrupted);
    case FailureCause::kInternal:
      break;
  }
  return told(PrimaryCause::kInternal);
}

}  // namespace

Diagnosis diagnosisOf(const CallOutcome& call, const TurnArm& arm, const RunFacts& run) {
  return Examination(call, arm, run).diagnosis();
}

}  // namespace turnout
