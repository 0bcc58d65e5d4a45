#include "bots/attempt/media_link.h"

#include <algorithm>

namespace turnout {
namespace {

// Media that came so lately has not stopped, as far as anybody can tell: a MediaSilent says when it
// has.
constexpr Duration kStillFlows = 300ms;

}  // namespace

MediaLink::MediaLink(Plan plan)
    : plan_(std::move(plan)), attempt_(plan_.link), recovery_(plan_.recovery, plan_.history) {}

void MediaLink::start(Instant at) {
  attempt_.start(at, plan_.we_offer ? LinkAttempt::Role::kOfferer : LinkAttempt::Role::kAnswerer);
  if (isRecoveryAttempt())
    recovery_.onNewConnection(at);
  follow(at);
}

bool MediaLink::isFresh() const {
  return plan_.we_offer && attempt_.isOffering() &&
         attempt_.phase() == LinkAttempt::Phase::kNegotiating;
}

void MediaLink::onDescription(Instant at, const std::string& type, const std::string& sdp) {
  if (type == "offer" && winsAgainstOffers())
    return;
  attempt_.onDescription(at, type, sdp);
  follow(at);
}

void MediaLink::onCandidate(Instant at, unsigned mline, const std::string& candidate,
                            const std::string& mid) {
  attempt_.onCandidate(at, mline, candidate, mid);
  follow(at);
}

void MediaLink::onRefused(Instant at, const std::string& what) {
  attempt_.onRefused(at, what);
  follow(at);
}

void MediaLink::onSignalingLost(Instant at, const std::string& what) {
  attempt_.onSignalingLost(at, what);
  follow(at);
  recovery_.onSignaling(at, false);
}

void MediaLink::onSignalingBack(Instant at) {
  recovery_.onSignaling(at, true);
}

void MediaLink::onReachable(Instant at) {
  attempt_.onReachable(at);
  follow(at);
}

void MediaLink::onAddressChanged(Instant at) {
  if (isUp()) {
    lose(at, Recovery::Sign::kNetworkChanged);
  } else if (attempt_.isOnItsWay()) {  // over sockets of the address of before
    act(RestartIce{});
  }
}

void MediaLink::onPeer(const PeerEvent& event) {
  const Instant at = event.at;
  attempt_.onPeer(event);
  follow(at);
  const auto* state = std::get_if<ConnectionStateChanged>(&event.body);
  if (std::holds_alternative<IcePairSelected>(event.body)) {
    has_new_pair_ = true;
    if (isHeardThoughLost())
      onMediaBack(at, true);
  } else if (const auto* silent = std::get_if<MediaSilent>(&event.body); silent && isUp()) {
    if (!isRecoveryAttempt())
      has_new_pair_ = false;
    recovery_.onSilent(silent->since);
    if (std::exchange(is_repair_, false))
      recordLost(at);
    act(LinkDown{});
  } else if (const auto* back = std::get_if<MediaBack>(&event.body)) {
    onMediaBack(at, back->is_by_restart);
  } else if (state && state->state == "failed" && isUp()) {
    lose(at, Recovery::Sign::kFailed);
  }
}

void MediaLink::lose(Instant at, Recovery::Sign sign) {
  if (!isRecoveryAttempt())
    has_new_pair_ = false;
  is_repair_ = sign == Recovery::Sign::kFailed && !isRecoveryAttempt() && stillFlows(at);
  recovery_.onLost(at, sign);
  if (!is_repair_)
    act(LinkDown{});
}

bool MediaLink::stillFlows(Instant at) const {
  const auto heard = plan_.last_heard();
  return heard && at - *heard < kStillFlows;
}

void MediaLink::recordLost(Instant at) {
  record(at, LinkLost{toString(recovery_.sign()),
                      toMs(at - plan_.last_heard().value_or(plan_.link.begin))});
}

void MediaLink::onMediaBack(Instant at, bool is_by_restart) {
  if (!isUp())
    return;
  const auto outage = recovery_.onMedia(at);
  if (!outage || std::exchange(is_repair_, false))
    return;
  const auto rung = is_by_restart ? Recovery::Rung::kIceRestart : Recovery::Rung::kNone;
  record(at, LinkRecovered{toString(rung), toMs(*outage)});
  has_new_pair_ = false;
  act(LinkUp{});
}

// ICE may give up while media flows, or just before it does again: then nothing stops that could come
// back, and what is heard after the restart says that all is well.
bool MediaLink::isHeardThoughLost() const {
  const Recovery::History& history = recovery_.history();
  const auto heard = plan_.last_heard();
  return recovery_.sign() == Recovery::Sign::kFailed && history.attempts > 0 &&
         history.lost_since && heard && *heard > *history.lost_since;
}

// One kind is there again and another is not: that is no matter of the path, and no restart helps.
bool MediaLink::isPartlyBack(Instant at) const {
  return isUp() && recovery_.sign() == Recovery::Sign::kSilence && stillFlows(at);
}

std::optional<Instant> MediaLink::due() const {
  std::optional<Instant> first = attempt_.due();
  const auto consider = [&](std::optional<Instant> at) {
    if (at && (!first || *at < *first))
      first = at;
  };
  consider(recovery_.due());
  return first;
}

void MediaLink::onTime(Instant at) {
  attempt_.onTime(at);
  follow(at);
  if (const auto due = recovery_.due(); due && *due <= at) {
    if (isHeardThoughLost())
      onMediaBack(at, has_new_pair_);
    else if (isPartlyBack(at))
      recovery_.wait(at + kStillFlows);
  }
  obey(at, recovery_.onTime(at));
}

void MediaLink::obey(Instant at, const Recovery::Order& order) {
  const int attempts = recovery_.history().attempts;
  if (order.lost && !is_repair_)
    recordLost(at);
  if (order.restart_ice) {
    record(at, RecoveryTried{toString(Recovery::Rung::kIceRestart), attempts});
    act(RestartIce{});
  } else if (order.recreate) {
    record(at, RecoveryTried{toString(Recovery::Rung::kRecreate), attempts});
    act(MakeAnew{recovery_.history()});
  } else if (order.give_up) {
    record(at, LinkFailed{
                   FailureCause::kNoMedia, "media",
                   "given up after " + std::to_string(attempts) + " attempts to bring media back"});
    act(Settled{.up = false, .cause = FailureCause::kNoMedia});
  }
}

// A link that is an attempt of a recovery has failed only when the policy says so.
void MediaLink::follow(Instant at) {
  const auto take = [this](auto& action) { act(std::move(action)); };
  for (LinkAction& action : attempt_.takeActions())
    std::visit(
        Overloaded{
            [&](Record& note) {
              const auto* failed = std::get_if<LinkFailed>(&note.body);
              if (failed && isRecoveryAttempt())
                record(note.at, RecoveryFailed{failed->cause, failed->phase, failed->detail});
              else
                act(std::move(note));
            },
            [&](Settled& settled) { settle(at, settled); }, take},
        action);
}

void MediaLink::settle(Instant at, const Settled& settled) {
  const bool is_attempt = isRecoveryAttempt();
  if (settled.up)
    recovery_.onMedia(at);
  if (settled.up || !is_attempt)
    act(settled);
}

void MediaLink::end(Instant at) {
  attempt_.end(at);
  follow(at);
}

}  // namespace turnout
