#include "bots/attempt/link_attempt.h"

#include "pipelines/base/log.h"
#include "pipelines/ice/ice_candidate.h"

#include <algorithm>
#include <array>
#include <map>

namespace turnout {
namespace {

constexpr std::array kLinkPhases{"idle",  "negotiating", "ice",    "dtls",
                                 "media", "up",          "failed", "ended"};

bool isUp(IceConnectionState state) {
  return state == IceConnectionState::kConnected || state == IceConnectionState::kCompleted;
}

}  // namespace

void LinkAttempt::enter(Phase phase, Instant, const char* why) {
  logPhase("link", kLinkPhases.at(static_cast<std::size_t>(phase_)),
           kLinkPhases.at(static_cast<std::size_t>(phase)), why);
  phase_ = phase;
  if (phase == Phase::kUp || !isLive())
    deadline_.reset();
  TURNOUT_DCHECK(isConsistent(), why);
}

bool LinkAttempt::isConsistent() const {
  const bool both_set = local_set_ && remote_set_;
  switch (phase_) {
    case Phase::kIdle:
      return !deadline_ && !local_set_ && !is_offering_;
    case Phase::kNegotiating:
      return !both_set;
    case Phase::kIce:
      return both_set && !ice_connected_;
    case Phase::kDtls:
      return both_set && ice_connected_;
    case Phase::kMedia:
      return true;
    case Phase::kUp:
      return hasAllMedia() && !deadline_;
    case Phase::kFailed:
    case Phase::kEnded:
      return !deadline_;
  }
  return false;
}

void LinkAttempt::start(Instant at, Role role) {
  TURNOUT_CHECK(phase_ == Phase::kIdle, "a link starts once");
  enter(Phase::kNegotiating, at, role == Role::kOfferer ? "offers" : "awaits an offer");
  record(at, LinkStarted{role == Role::kOfferer});
  deadline_ = plan_.begin + plan_.connect;
  is_offering_ = role == Role::kOfferer;
  if (is_offering_)
    act(MakeOffer{});
}

void LinkAttempt::onPeer(const PeerEvent& event) {
  const Instant at = event.at;
  std::visit(Overloaded{
                 [&](const LocalDescription& description) { noteLocal(at, description); },
                 [&](const RemoteDescriptionSet& description) {
                   record(at, DescriptionSet{"remote", toString(description.type)});
                   remote_set_ = true;
                   noteDescriptionSet(at);
                 },
                 [&](const LocalCandidate& candidate) {
                   record(at, CandidateSeen{"local", candidate.info, false});
                   relays_ += candidate.info.type == CandidateType::kRelay;
                   if (isLive())
                     act(local_candidates_.emplace_back(
                         ShipCandidate{candidate.mline, candidate.candidate, candidate.mid}));
                 },
                 [&](const GatheringDone&) {
                   record(at, StateChanged{"gathering", "complete"});
                   if (isLive())
                     act(local_candidates_.emplace_back(ShipCandidate{}));
                   if (isConnecting() && plan_.relay_only && relays_ == 0)
                     fail(at, iceCause(FailureCause::kTurnUnreachable),
                          "no TURN server gave a relay");
                 },
                 [&](const IceStateChanged& change) {
                   record(at, StateChanged{"ice", std::string(toString(change.state))});
                   noteIceState(at, change.state);
                 },
                 [&](const IcePairSelected& pair) {
                   record(at, PairSelected{pair.local, pair.remote});
                 },
                 [&](const IceServerOutcome& outcome) {
                   record(at, outcome);
                   if (outcome.error_code != 0 && outcome.url.rfind("stun", 0) != 0)
                     turn_codes_.push_back(outcome.error_code);
                 },
                 [&](const IcePermissionRefused& refused) { record(at, refused); },
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
                 [&](const TracksNegotiated& negotiated) { noteTracks(at, negotiated.tracks); },
                 [&](const TrackSilent& silent) {
                   record(at, MediaStopped{silent.kind, toMs(at - silent.since)});
                 },
                 [&](const TrackBack& back) {
                   record(at, MediaResumed{back.kind, toMs(back.gap)});
                 },
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

void LinkAttempt::noteLocal(Instant at, const LocalDescription& description) {
  record(at, DescriptionSet{"local", toString(description.type)});
  local_set_ = true;
  if (isLive()) {
    is_offering_ = description.type == SdpType::kOffer;
    local_ = ShipDescription{description.type, description.sdp};
    local_candidates_.clear();
    act(*local_);
  }
  noteDescriptionSet(at);
}

void LinkAttempt::onDescription(Instant at, const std::string& type, const std::string& sdp) {
  if (!isLive())
    return;
  if (type != "offer" && type != "answer") {
    fail(at, FailureCause::kNegotiation, "description of unknown type \"" + type + "\"");
    return;
  }
  const SdpType kind = type == "offer" ? SdpType::kOffer : SdpType::kAnswer;
  if (cameBefore(kind, sdp))
    return;
  candidates_seen_.clear();  // those of another ICE generation may look the same
  candidates_seen_before_.clear();
  is_offering_ = false;
  remote_ = SetRemote{kind, sdp};
  act(*remote_);
  for (AddRemoteCandidate& candidate : kept_candidates_)
    act(std::move(candidate));
  kept_candidates_.clear();
}

// Whoever was not sure that we heard it says it again. An answer that nobody awaits is of an offer
// that was answered already.
bool LinkAttempt::cameBefore(SdpType type, const std::string& sdp) {
  if (type == SdpType::kAnswer)
    return !is_offering_;
  if (!remote_ || remote_->type != type || remote_->sdp != sdp)
    return false;
  if (local_ && local_->type == SdpType::kAnswer)
    shipAgain();
  return true;
}

void LinkAttempt::shipAgain() {
  if (local_)
    act(*local_);
  for (const ShipCandidate& candidate : local_candidates_)
    act(candidate);
}

// Of what was said before, the other end may have heard nothing: but for what it has answered.
void LinkAttempt::onReachable(Instant) {
  candidates_seen_before_.merge(candidates_seen_);
  candidates_seen_.clear();
  if (!isLive() || !local_)
    return;
  const bool is_unanswered = is_offering_ && local_->type == SdpType::kOffer;
  if (is_unanswered || isConnecting())
    shipAgain();
}

void LinkAttempt::onCandidate(Instant at, unsigned mline, const std::string& candidate,
                              const std::string& mid) {
  if (!isLive())
    return;
  if (!candidate.empty()) {
    const SeenCandidate seen{mid.empty() ? std::to_string(mline) : "mid " + mid, candidate};
    if (candidates_seen_before_.contains(seen))
      return;  // said again, in case that we had not heard it
    const bool duplicate = !candidates_seen_.insert(seen).second;
    record(at, CandidateSeen{"remote", readCandidateLine(candidate), duplicate});
    if (duplicate) {
      if (!std::exchange(has_duplicates_, true))
        record(at, AppFaultSeen{AppFault::kDuplicateCandidates, "candidates come twice"});
      return;
    }
  }
  AddRemoteCandidate action{mline, candidate};
  if (remote_)
    act(std::move(action));
  else
    kept_candidates_.push_back(std::move(action));
}

void LinkAttempt::onRefused(Instant at, const std::string& what) {
  if (isLive())
    fail(at, FailureCause::kNegotiation, what);
}

void LinkAttempt::onSignalingLost(Instant at, const std::string& what) {
  if (isConnecting() && !plan_.outlives_signaling)
    fail(at, FailureCause::kSignalingLost, what);
}

void LinkAttempt::onTime(Instant at) {
  if (!deadline_ || *deadline_ > at)
    return;
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

void LinkAttempt::end(Instant at) {
  if (phase_ != Phase::kEnded)
    enter(Phase::kEnded, at, "the bot closes it");
}

void LinkAttempt::noteDescriptionSet(Instant at) {
  if (phase_ != Phase::kNegotiating || !local_set_ || !remote_set_)
    return;
  enter(ice_connected_ ? Phase::kDtls : Phase::kIce, at, "both descriptions are set");
}

void LinkAttempt::noteIceState(Instant at, IceConnectionState state) {
  if (isUp(state)) {
    ice_connected_ = true;
    if (phase_ == Phase::kIce)
      enter(Phase::kDtls, at, "ICE is connected");
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
  enter(Phase::kMedia, at, "connected");
  deadline_ = at + plan_.first_media;
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

// What is not to come is not missed.
void LinkAttempt::noteTracks(Instant at, const std::vector<NegotiatedTrack>& tracks) {
  std::map<MediaKind, MediaNegotiated> kinds;
  for (const NegotiatedTrack& track : tracks) {
    MediaNegotiated& kind =
        kinds.try_emplace(track.kind, MediaNegotiated{track.kind, false, false, false})
            .first->second;
    kind.sends |= track.sends;
    kind.receives |= track.receives;
    kind.codec |= track.has_codec;
  }
  for (const MediaKind kind : plan_.media)  // without a section it is not to come either
    kinds.try_emplace(kind, MediaNegotiated{kind, false, false, false});
  for (const auto& [kind, negotiated] : kinds)
    record(at, negotiated);
  for (const auto& [kind, negotiated] : kinds)
    judgeDirection(at, negotiated);
  std::erase_if(plan_.media, [&kinds](MediaKind kind) {
    const auto found = kinds.find(kind);
    return found == kinds.end() || !found->second.receives;
  });
  if (phase_ == Phase::kMedia && hasAllMedia())
    up(at);
}

// Later the two may agree on something else: hold, a track that goes.
void LinkAttempt::judgeDirection(Instant at, const MediaNegotiated& negotiated) {
  const auto expected = plan_.expected.find(negotiated.kind);
  const MediaDirection direction = directionOf(negotiated.sends, negotiated.receives);
  if (!isConnecting() || expected == plan_.expected.end() || expected->second == direction)
    return;
  const std::string kind = toString(negotiated.kind);
  fail(
      at, FailureCause::kNegotiation,
      kind + " was negotiated " + toString(direction) + ", and media." + kind + ".expect is " +
          toString(expected->second) +
          (negotiated.codec ? ""
                            : std::string(": the other end has no ") + codecName(negotiated.kind)));
}

bool LinkAttempt::hasAllMedia() const {
  return std::includes(media_seen_.begin(), media_seen_.end(), plan_.media.begin(),
                       plan_.media.end());
}

void LinkAttempt::up(Instant at) {
  enter(Phase::kUp, at, "every kind of media came");
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
  enter(Phase::kFailed, at, detail.c_str());
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
