#include "bots/attempt/link_attempt.h"

#include <algorithm>
#include <sstream>

namespace turnout {
namespace {

// The type and transport of a remote candidate, from its text (RFC 8839 section 5.1).
IceCandidateInfo remoteCandidateInfo(const std::string& candidate) {
  std::istringstream words(candidate);
  std::string foundation, component, transport, priority, address, port, typ, type;
  words >> foundation >> component >> transport >> priority >> address >> port >> typ >> type;
  IceCandidateInfo info;
  std::transform(transport.begin(), transport.end(), transport.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  info.protocol = transport;
  info.address = address + ":" + port;
  for (const auto known : {CandidateType::kHost, CandidateType::kServerReflexive,
                           CandidateType::kPeerReflexive, CandidateType::kRelay}) {
    if (type == toString(known))
      info.type = known;
  }
  return info;
}

bool isUp(IceConnectionState state) {
  return state == IceConnectionState::kConnected || state == IceConnectionState::kCompleted;
}

}  // namespace

void LinkAttempt::start(Instant at, Role role) {
  TURNOUT_CHECK(phase_ == Phase::kIdle, "a link starts once");
  enter(Phase::kNegotiating);
  record(at, LinkStarted{role == Role::kOfferer});
  act(Deadline{plan_.begin + plan_.connect});
  if (role == Role::kOfferer)
    act(MakeOffer{});
}

void LinkAttempt::onPeer(const PeerEvent& event) {
  const Instant at = event.at;
  std::visit(Overloaded{
                 [&](const LocalDescription& description) {
                   record(at, DescriptionSet{"local", toString(description.type)});
                   local_set_ = true;
                   if (isLive())
                     act(ShipDescription{description.type, description.sdp});
                   noteDescriptionSet();
                 },
                 [&](const RemoteDescriptionSet& description) {
                   record(at, DescriptionSet{"remote", toString(description.type)});
                   remote_set_ = true;
                   noteDescriptionSet();
                 },
                 [&](const LocalCandidate& candidate) {
                   record(at, CandidateSeen{"local", candidate.info, false});
                   relays_ += candidate.info.type == CandidateType::kRelay;
                   if (isLive())
                     act(ShipCandidate{candidate.mline, candidate.candidate});
                 },
                 [&](const GatheringDone&) {
                   record(at, StateChanged{"gathering", "complete"});
                   gathering_done_ = true;
                   if (isLive())
                     act(ShipCandidate{0, ""});
                   if (isConnecting() && plan_.relay_only && relays_ == 0)
                     fail(at, iceCause(FailureCause::kTurnUnreachable),
                          "no TURN server gave a relay");
                 },
                 [&](const IceStateChanged& change) {
                   record(at, StateChanged{"ice", toString(change.state)});
                   noteIceState(at, change.state);
                 },
                 [&](const IcePairSelected& pair) {
                   record(at, PairSelected{pair.local, pair.remote});
                 },
                 [&](const IceServerOutcome& outcome) {
                   record(at, ServerOutcome{outcome.url, outcome.error_code, outcome.error_text,
                                            outcome.address, outcome.elapsed_ms, outcome.username});
                   if (outcome.error_code != 0 && outcome.url.rfind("stun", 0) != 0)
                     turn_codes_.push_back(outcome.error_code);
                 },
                 [&](const IcePermissionRefused& refused) {
                   record(at, PermissionRefused{refused.error_code, refused.error_text});
                 },
                 [&](const SignalingStateChanged& change) {
                   record(at, StateChanged{"signaling", change.state});
                 },
                 [&](const ConnectionStateChanged& change) {
                   record(at, StateChanged{"connection", change.state});
                   noteConnectionState(at, change.state);
                 },
                 [&](const DtlsStateChanged& change) {
                   record(at, StateChanged{"dtls", change.state});
                   if (change.state == "failed" && isConnecting())
                     fail(at, FailureCause::kDtls, "DTLS handshake failed");
                 },
                 [&](const FirstMedia& media) { noteMedia(at, media.kind); },
                 [](const MediaSilent&) {},  // of the Recovery
                 [](const MediaBack&) {},
                 [&](const PeerFailed& failure) {
                   if (isConnecting())
                     fail(at, FailureCause::kNegotiation, failure.what);
                   else if (isLive())
                     fail(at, FailureCause::kInternal, failure.what);
                 },
             },
             event.body);
}

void LinkAttempt::onDescription(Instant at, const std::string& type, const std::string& sdp) {
  if (!isLive())
    return;
  if (type != "offer" && type != "answer") {
    fail(at, FailureCause::kNegotiation, "description of unknown type \"" + type + "\"");
    return;
  }
  candidates_seen_.clear();  // those of another ICE generation may look the same
  act(SetRemote{type == "offer" ? SdpType::kOffer : SdpType::kAnswer, sdp});
  remote_handed_ = true;
  for (AddRemoteCandidate& candidate : kept_candidates_)
    act(std::move(candidate));
  kept_candidates_.clear();
}

void LinkAttempt::onCandidate(Instant at, unsigned mline, const std::string& candidate) {
  if (!isLive())
    return;
  if (!candidate.empty()) {
    const bool duplicate = !candidates_seen_.insert(candidate).second;
    record(at, CandidateSeen{"remote", remoteCandidateInfo(candidate), duplicate});
    if (duplicate) {
      if (!std::exchange(has_duplicates_, true))
        record(at, AppFaultSeen{AppFault::kDuplicateCandidates, "candidates come twice"});
      return;
    }
  }
  AddRemoteCandidate action{mline, candidate};
  if (remote_handed_)
    act(std::move(action));
  else
    kept_candidates_.push_back(std::move(action));
}

void LinkAttempt::onRefused(Instant at, const std::string& what) {
  if (isLive())
    fail(at, FailureCause::kNegotiation, what);
}

void LinkAttempt::onSignalingLost(Instant at, const std::string& what) {
  if (isConnecting())
    fail(at, FailureCause::kSignalingLost, what);
}

void LinkAttempt::onDeadline(Instant at) {
  switch (phase_) {
    case Phase::kNegotiating:
      fail(at, FailureCause::kNegotiation, "no complete offer/answer before the connect deadline");
      return;
    case Phase::kIce:
      fail(at, iceCause(FailureCause::kIceTimeout), "no working pair before the connect deadline");
      return;
    case Phase::kDtls:
      fail(at, FailureCause::kDtls, "no DTLS before the connect deadline");
      return;
    case Phase::kMedia:
      fail(at, FailureCause::kNoMedia, "connected, but not every kind of media arrived");
      return;
    case Phase::kIdle:
    case Phase::kUp:
    case Phase::kFailed:
    case Phase::kEnded:
      return;
  }
}

void LinkAttempt::end(Instant) {
  if (phase_ == Phase::kEnded)
    return;
  enter(Phase::kEnded);
  act(ClearDeadline{});
}

void LinkAttempt::noteDescriptionSet() {
  if (phase_ != Phase::kNegotiating || !local_set_ || !remote_set_)
    return;
  enter(ice_connected_ ? Phase::kDtls : Phase::kIce);
}

void LinkAttempt::noteIceState(Instant at, IceConnectionState state) {
  if (isUp(state)) {
    ice_connected_ = true;
    if (phase_ == Phase::kIce)
      enter(Phase::kDtls);
  }
  if (state == IceConnectionState::kFailed && isConnecting())
    fail(at, iceCause(FailureCause::kIceFailed), "ICE found no working pair");
}

void LinkAttempt::noteConnectionState(Instant at, const std::string& state) {
  if (state == "connected" && isConnecting())
    connected(at);
  if (state == "failed" && isConnecting()) {
    fail(at, ice_connected_ ? FailureCause::kDtls : iceCause(FailureCause::kIceFailed),
         "connection state failed");
  }
}

void LinkAttempt::connected(Instant at) {
  record(at, LinkConnected{});
  act(Connected{});
  enter(Phase::kMedia);
  act(Deadline{at + plan_.first_media});
  if (hasAllMedia())
    up(at);
}

void LinkAttempt::noteMedia(Instant at, MediaKind kind) {
  if (!media_seen_.insert(kind).second)
    return;
  record(at, MediaStarted{kind});
  if (phase_ == Phase::kMedia && hasAllMedia())
    up(at);
}

bool LinkAttempt::hasAllMedia() const {
  return std::includes(media_seen_.begin(), media_seen_.end(), plan_.media.begin(),
                       plan_.media.end());
}

void LinkAttempt::up(Instant at) {
  enter(Phase::kUp);
  act(ClearDeadline{});
  if (plan_.lost_at)
    record(at, LinkRecovered{plan_.rung, toMs(at - *plan_.lost_at)});
  act(Settled{.up = true});
}

const char* LinkAttempt::phaseWord() const {
  switch (phase_) {
    case Phase::kIdle:
    case Phase::kNegotiating:
      return "negotiation";
    case Phase::kIce:
      return "ice";
    case Phase::kDtls:
      return "dtls";
    case Phase::kMedia:
    case Phase::kUp:
    case Phase::kFailed:
    case Phase::kEnded:
      return "media";
  }
  return "";
}

void LinkAttempt::fail(Instant at, FailureCause cause, const std::string& detail) {
  const bool was_settled = phase_ == Phase::kUp;
  record(at, LinkFailed{cause, phaseWord(), detail});
  enter(Phase::kFailed);
  act(ClearDeadline{});
  if (!was_settled)
    act(Settled{.up = false, .cause = cause});
}

// A relay-only link without a relay did not fail in ICE: TURN never gave it a chance.
FailureCause LinkAttempt::iceCause(FailureCause otherwise) const {
  if (!plan_.relay_only || relays_ > 0)
    return otherwise;
  const bool refused =
      !turn_codes_.empty() && std::all_of(turn_codes_.begin(), turn_codes_.end(),
                                          [](int code) { return code == 401 || code == 403; });
  return refused ? FailureCause::kTurnAuth : FailureCause::kTurnUnreachable;
}

}  // namespace turnout
