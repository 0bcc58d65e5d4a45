#include "orchestrator/results/diagnosis/diagnosis.h"

#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "orchestrator/results/fold/figures.h"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <sstream>

namespace turnout {
namespace {

// From when a call broke, as a bot saw it, to why, where nothing more is known. The order is that of
// the roots: see rootRank.
struct CauseRow {
  FailureCause cause;
  PrimaryCause primary;
  enum class May { kBeOurs, kNotBeOurs } may;  // kBeOurs: a bot host that fell behind explains it
};
constexpr CauseRow kCauses[] = {
    {FailureCause::kInternal, PrimaryCause::kInternal, CauseRow::May::kNotBeOurs},
    {FailureCause::kSignalingUnreachable, PrimaryCause::kSignalingUnreachable,
     CauseRow::May::kNotBeOurs},
    {FailureCause::kJoinRejected, PrimaryCause::kSignalingRefused, CauseRow::May::kNotBeOurs},
    {FailureCause::kJoinTimeout, PrimaryCause::kSignalingTimeout, CauseRow::May::kBeOurs},
    {FailureCause::kSignalingLost, PrimaryCause::kSignalingLost, CauseRow::May::kNotBeOurs},
    {FailureCause::kNotAnswered, PrimaryCause::kNotAnswered, CauseRow::May::kNotBeOurs},
    {FailureCause::kNoPartner, PrimaryCause::kNoPartner, CauseRow::May::kNotBeOurs},
    // An offerer without a relay may give up before it has offered.
    {FailureCause::kTurnAuth, PrimaryCause::kTurnUnreachable, CauseRow::May::kBeOurs},
    {FailureCause::kTurnUnreachable, PrimaryCause::kTurnUnreachable, CauseRow::May::kBeOurs},
    {FailureCause::kNegotiation, PrimaryCause::kNegotiationError, CauseRow::May::kBeOurs},
    {FailureCause::kIceFailed, PrimaryCause::kIceNoPair, CauseRow::May::kBeOurs},
    {FailureCause::kIceTimeout, PrimaryCause::kIceNoPair, CauseRow::May::kBeOurs},
    {FailureCause::kDtls, PrimaryCause::kDtlsFailed, CauseRow::May::kBeOurs},
    {FailureCause::kNoMedia, PrimaryCause::kConnectedNoMedia, CauseRow::May::kBeOurs},
    {FailureCause::kPartnerLeft, PrimaryCause::kPartnerLeft, CauseRow::May::kNotBeOurs},
    {FailureCause::kPeerMissing, PrimaryCause::kPeerMissing, CauseRow::May::kBeOurs},
    {FailureCause::kHostCrashed, PrimaryCause::kHostCrashed, CauseRow::May::kNotBeOurs},
    {FailureCause::kHostStalled, PrimaryCause::kHostStalled, CauseRow::May::kNotBeOurs},
    {FailureCause::kInterrupted, PrimaryCause::kInterrupted, CauseRow::May::kNotBeOurs},
};

const CauseRow& rowOf(FailureCause cause) {
  const auto* row = std::ranges::find(kCauses, cause, &CauseRow::cause);
  TURNOUT_CHECK(row != std::end(kCauses), "a failure cause has no row");
  return *row;
}

using Kinds = std::set<CandidateType>;

// "host, relay"; "no candidates"
std::string kindsText(const Kinds& kinds) {
  std::string text;
  for (const CandidateType kind : kinds)
    text += (text.empty() ? "" : ", ") + std::string(toString(kind));
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

// Of a relayed call: two to allocate, two for a check over both relays, four for DTLS.
constexpr double kRoundTripsToConnect = 8;

// The longest round trip to a server of either end, in ms; 0: none was measured.
double slowestServer(const FailedLink& link) {
  double slowest = 0;
  for (const LinkEndFacts* end : {&link.ours, link.theirs ? &*link.theirs : nullptr}) {
    if (!end)
      continue;
    for (const IceServerOutcome& server : end->servers)
      slowest = std::max(slowest, server.rtt_ms.value_or(0));
  }
  return slowest;
}

// Unknown of a log that does not tell.
bool isBoundToLoopback(const RunFacts& run) {
  std::istringstream addresses(run.local_addresses);
  std::string address;
  bool is_any = false;
  while (std::getline(addresses >> std::ws, address, ',')) {
    if (!address.starts_with("127.") && address != "::1")
      return false;
    is_any = true;
  }
  return is_any;
}

// As the arm names servers, or as they were found when it ran.
bool usesTurn(const TurnArm& arm, const FailedLink& link) {
  const auto isTurnServer = [](const IceServerOutcome& server) { return isTurn(server.url); };
  return std::ranges::any_of(link.ours.servers, isTurnServer) || namesTurn(arm);
}

// "a TURN server of bot 1 answered 403 Forbidden IP for the other end"
std::optional<Diagnosis> refusalOf(const FailedLink& link) {
  constexpr int kForbidden = 403;
  for (const LinkEndFacts* end : {&link.ours, link.theirs ? &*link.theirs : nullptr}) {
    if (end && end->refusal)
      return Diagnosis{end->refusal->error_code == kForbidden ? PrimaryCause::kTurnForbiddenPeer
                                                              : PrimaryCause::kTurnPeerRefused,
                       "a TURN server of bot " + std::to_string(end->bot) + " answered " +
                           std::to_string(end->refusal->error_code) + " " +
                           end->refusal->error_text + " for the other end"};
  }
  return std::nullopt;
}

// ICE had connected, over a relay that then let nothing else through.
std::optional<Diagnosis> refusalOfChannel(const FailedLink& link) {
  const bool is_of_channel = std::ranges::any_of(
      std::initializer_list<const LinkEndFacts*>{&link.ours, link.theirs ? &*link.theirs : nullptr},
      [](const LinkEndFacts* end) {
        return end && end->refusal && end->refusal->stage == ServerStage::kChannel;
      });
  return is_of_channel ? refusalOf(link) : std::nullopt;
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
  std::optional<Diagnosis> ofSignalingServer() const;
  Diagnosis ofIce() const;
  Diagnosis ofCandidates(const FailedLink& link) const;
  std::optional<Diagnosis> ofTurn(const FailedLink& link) const;
  std::optional<Diagnosis> ofDeath(const FailedLink& link) const;
  std::optional<Diagnosis> ofDistance(const FailedLink& link, const std::string& met) const;

  const CallOutcome& call_;
  const TurnArm& arm_;
  const RunFacts& run_;
};

Diagnosis Examination::late(PrimaryCause cause) const {
  if (call_.host_lag_ms < kOverloadedLoopLagMs)
    return told(cause);
  return {PrimaryCause::kHostOverloaded,
          "the bot host was up to " + millisecondsText(call_.host_lag_ms) +
              " late meanwhile (99th percentile of a second): " + call_.detail};
}

// What the run itself saw at the signaling URL, if that is no server of ours.
std::optional<Diagnosis> Examination::ofSignalingServer() const {
  static constexpr std::pair<SignalingKind, PrimaryCause> kCausesOfKinds[] = {
      {SignalingKind::kOtherApp, PrimaryCause::kSignalingOtherApp},
      {SignalingKind::kSocketIo2, PrimaryCause::kSignalingSocketIo2},
      {SignalingKind::kPlainWebSocket, PrimaryCause::kSignalingPlainWebSocket},
      {SignalingKind::kNoSocketIo, PrimaryCause::kSignalingNoSocketIo},
      {SignalingKind::kLogin, PrimaryCause::kSignalingLogin},
      {SignalingKind::kBadGateway, PrimaryCause::kSignalingBadGateway},
      {SignalingKind::kNotHttp, PrimaryCause::kSignalingNotHttp},
      {SignalingKind::kNoTls, PrimaryCause::kSignalingTls},
      {SignalingKind::kSilent, PrimaryCause::kSignalingSilent}};
  if (run_.signaling)
    for (const auto& [kind, cause] : kCausesOfKinds)
      if (kind == run_.signaling->kind)
        return Diagnosis{cause,
                         run_.signaling->detail.empty() ? call_.detail : run_.signaling->detail};
  return std::nullopt;
}

// A bot that is refused for a session from before tries again until it is too late. Our own protocol
// has one word for it, dialects another.
Diagnosis Examination::ofJoin() const {
  if (auto server = ofSignalingServer())
    return *std::move(server);
  constexpr const char* kHeld[] = {"session_active", "already-active"};
  const bool is_held = std::ranges::any_of(kHeld, [this](const char* held) {
    return call_.detail == held || call_.session_errors.contains(held);
  });
  if (*call_.cause == FailureCause::kJoinRejected)
    return told(is_held ? PrimaryCause::kSessionActive : PrimaryCause::kSignalingRefused);
  for (const char* held : kHeld)
    if (const auto refused = call_.session_errors.find(held); refused != call_.session_errors.end())
      return {PrimaryCause::kSessionActive, "refused " + countText(refused->second, "time") +
                                                " with " + held + ", and then " + call_.detail};
  return late(PrimaryCause::kSignalingTimeout);
}

// A TURN server of this run that was dead when the link failed, and that the link relied on.
std::optional<Diagnosis> Examination::ofDeath(const FailedLink& link) const {
  for (const Death& death : deathsAt(run_, link.at)) {
    const auto isOfIt = [host = "{" + death.service + "}"](const IceServerOutcome& server) {
      const bool is_silent_or_was_used =
          server.error_code == 0 || server.error_code == kNoStunAnswer;
      return is_silent_or_was_used && server.url.find(host) != std::string::npos;
    };
    const auto seen = std::ranges::find_if(link.ours.servers, isOfIt);
    if (seen != link.ours.servers.end())
      return Diagnosis{PrimaryCause::kTurnServerDied,
                       seen->url + ": " +
                           (seen->error_code == 0 ? "was used" : codedFaultText(*seen)) + "; " +
                           death.service + " had died (" + death.how + ")"};
  }
  return std::nullopt;
}

std::optional<Diagnosis> Examination::ofTurn(const FailedLink& link) const {
  if (auto death = ofDeath(link))
    return death;
  const ServerCircumstances circumstances{unixTimeOf(run_, link.at), run_.stream_endpoints};
  std::optional<Diagnosis> worst;
  for (const LinkEndFacts* end : {&link.ours, link.theirs ? &*link.theirs : nullptr}) {
    if (!end || end->local.contains(CandidateType::kRelay))
      continue;
    auto found = worstTurnFault(end->servers, circumstances);
    if (found && (!worst || found->cause < worst->cause))
      worst = std::move(found);
  }
  return worst;
}

Diagnosis Examination::ofCandidates(const FailedLink& link) const {
  // What the other end had: as it says, or as far as it came here.
  const Kinds& theirs = link.theirs ? link.theirs->local : link.ours.remote;
  const std::string pair = "ours: " + kindsText(link.ours.local) + "; theirs: " + kindsText(theirs);
  if (const auto refused = refusalOf(link))
    return {refused->cause, refused->evidence + "; " + pair};
  const auto isDeaf = [](const LinkEndFacts& end) {
    return end.remote.empty() && !end.local.empty();
  };
  const bool is_deaf = isDeaf(link.ours), are_deaf = link.theirs && isDeaf(*link.theirs);
  if (is_deaf || are_deaf)
    return {PrimaryCause::kNoRemoteCandidates,
            pair + "; none came " +
                (is_deaf && are_deaf ? "over"
                 : is_deaf           ? "to ours"
                                     : "to theirs") +
                (call_.detail.empty() ? "" : "; " + call_.detail)};
  if (isBoundToLoopback(run_) && !link.theirs && link.ours.local == Kinds{CandidateType::kHost})
    return {PrimaryCause::kBoundToLoopback,
            "bots were bound to " + run_.local_addresses + " alone; " + pair};
  Kinds all = link.ours.local;
  all.insert(theirs.begin(), theirs.end());
  if (all == Kinds{CandidateType::kHost})
    return {PrimaryCause::kOnlyHostCandidates, arm_.ice_servers.empty() && link.ours.servers.empty()
                                                   ? pair + "; no STUN or TURN server is configured"
                                                   : pair};
  if (!usesTurn(arm_, link) && all.contains(CandidateType::kServerReflexive))
    return {PrimaryCause::kNoRelayConfigured, pair};
  return ofDistance(link, pair).value_or(Diagnosis{PrimaryCause::kIceNoPair, pair});
}

// Whatever phase the deadline met: with servers that far away the call could not have come so far.
std::optional<Diagnosis> Examination::ofDistance(const FailedLink& link,
                                                 const std::string& met) const {
  const double rtt_ms = slowestServer(link);
  if (rtt_ms * kRoundTripsToConnect <= toMs(call_.watched))
    return std::nullopt;
  return Diagnosis{PrimaryCause::kTurnSlow,
                   met + "; an answer of a server took " + millisecondsText(rtt_ms)};
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
  const CauseRow& row = rowOf(*call_.cause);
  switch (*call_.cause) {
    case FailureCause::kSignalingUnreachable:
      if (auto server = ofSignalingServer())
        return *std::move(server);
      break;
    case FailureCause::kJoinRejected:
    case FailureCause::kJoinTimeout:
      return ofJoin();
    case FailureCause::kTurnAuth:
    case FailureCause::kTurnUnreachable:
    case FailureCause::kIceFailed:
    case FailureCause::kIceTimeout:
      return ofIce();
    case FailureCause::kDtls:
    case FailureCause::kNoMedia:
      if (call_.failed_link) {
        if (auto death = ofDeath(*call_.failed_link))
          return *std::move(death);
        if (auto refused = refusalOfChannel(*call_.failed_link))
          return *std::move(refused);
        auto distance = ofDistance(*call_.failed_link, call_.detail);
        if (distance && late(row.primary).cause != PrimaryCause::kHostOverloaded)
          return *std::move(distance);
      }
      break;
    default:
      break;
  }
  return row.may == CauseRow::May::kBeOurs ? late(row.primary) : told(row.primary);
}

}  // namespace

bool isAbortion(FailureCause cause) {
  return cause == FailureCause::kHostCrashed || cause == FailureCause::kHostStalled ||
         cause == FailureCause::kInterrupted;
}

int rootRank(FailureCause cause) {
  return static_cast<int>(&rowOf(cause) - std::begin(kCauses));
}

Diagnosis diagnosisOf(const CallOutcome& call, const TurnArm& arm, const RunFacts& run) {
  return Examination(call, arm, run).diagnosis();
}

}  // namespace turnout
