#include "pipelines/peer/negotiation.h"

#include "pipelines/base/log.h"

#include <utility>

namespace turnout {

using Phase = Negotiation::Phase;
using ToDo = Negotiation::ToDo;

const char* toString(Phase phase) {
  switch (phase) {
    case Phase::kStable:
      return "stable";
    case Phase::kCreatingOffer:
      return "creating offer";
    case Phase::kSettingOffer:
      return "setting offer";
    case Phase::kAwaitingAnswer:
      return "awaiting answer";
    case Phase::kReadingAnswer:
      return "reading answer";
    case Phase::kReadingOffer:
      return "reading offer";
    case Phase::kCreatingAnswer:
      return "creating answer";
    case Phase::kSettingAnswer:
      return "setting answer";
  }
  return "";
}

void Negotiation::enter(Phase phase, Instant, const char* why) {
  logPhase("negotiation", toString(phase_), toString(phase), why);
  phase_ = phase;
  TURNOUT_DCHECK(isConsistent(), "the negotiation contradicts itself");
}

bool Negotiation::isConsistent() const {
  const bool is_at_rest = phase_ == Phase::kStable;
  const bool may_wait =
      !is_at_rest && phase_ != Phase::kAwaitingAnswer && phase_ != Phase::kReadingAnswer;
  return (!restart_wanted_ || !is_at_rest) && (!offer_waits_ || may_wait);
}

bool Negotiation::isOffering() const {
  return phase_ == Phase::kCreatingOffer || phase_ == Phase::kSettingOffer ||
         phase_ == Phase::kAwaitingAnswer;
}

Negotiation::ToDos Negotiation::offer(Instant at) {
  if (phase_ != Phase::kStable)
    return {};
  enter(Phase::kCreatingOffer, at, "asked for an offer");
  return {ToDo::kCreateOffer};
}

Negotiation::ToDos Negotiation::restart(Instant at, unsigned generation) {
  if (phase_ != Phase::kStable) {
    restart_wanted_ = generation;
    return {};
  }
  enter(Phase::kCreatingOffer, at, "asked for an ICE restart");
  return {ToDo::kRestartIce, ToDo::kCreateOffer};
}

Negotiation::ToDos Negotiation::onCreated(Instant at, SdpType type) {
  const bool is_offer = type == SdpType::kOffer;
  if (phase_ != (is_offer ? Phase::kCreatingOffer : Phase::kCreatingAnswer))
    return {};
  if (offer_waits_)
    return readWaitingOffer(at, "an offer of the far end came meanwhile",
                            is_offer ? ToDos{ToDo::kWithdrawRestart} : ToDos{});
  enter(is_offer ? Phase::kSettingOffer : Phase::kSettingAnswer, at, "created");
  return {ToDo::kSetLocal};
}

Negotiation::ToDos Negotiation::onLocalSet(Instant at, SdpType type, unsigned generation) {
  const bool is_offer = type == SdpType::kOffer;
  if (phase_ != (is_offer ? Phase::kSettingOffer : Phase::kSettingAnswer))
    return {};
  if (!is_offer)
    return becomeStable(at, generation, "answered", {ToDo::kTell});
  if (offer_waits_)
    return readWaitingOffer(at, "an offer of the far end came meanwhile",
                            {ToDo::kWithdrawRestart, ToDo::kRollBack});
  enter(Phase::kAwaitingAnswer, at, "offered");
  return {ToDo::kTell};
}

Negotiation::ToDos Negotiation::onRemote(Instant at, SdpType type) {
  if (type == SdpType::kAnswer) {
    if (phase_ == Phase::kAwaitingAnswer || phase_ == Phase::kStable)
      enter(Phase::kReadingAnswer, at, "an answer came");
    return {ToDo::kSetRemote};
  }
  switch (phase_) {
    case Phase::kStable:
    case Phase::kReadingAnswer:
      enter(Phase::kReadingOffer, at, "an offer came");
      return {ToDo::kSetRemote};
    case Phase::kAwaitingAnswer:
      enter(Phase::kReadingOffer, at, "an offer came, for which ours is given up");
      return {ToDo::kWithdrawRestart, ToDo::kRollBack, ToDo::kSetRemote};
    case Phase::kCreatingOffer:
    case Phase::kSettingOffer:
    case Phase::kReadingOffer:
    case Phase::kCreatingAnswer:
    case Phase::kSettingAnswer:
      offer_waits_ = true;
      return {};
  }
  return {};
}

Negotiation::ToDos Negotiation::onRemoteSet(Instant at, SdpType type, unsigned generation) {
  if (type == SdpType::kAnswer)  // unless an offer came right behind it
    return phase_ == Phase::kReadingAnswer ? becomeStable(at, generation, "answer read", {})
                                           : ToDos{};
  if (phase_ != Phase::kReadingOffer)
    return {};
  if (offer_waits_)
    return readWaitingOffer(at, "a later offer came meanwhile", {});
  enter(Phase::kCreatingAnswer, at, "offer read");
  return {ToDo::kCreateAnswer};
}

Negotiation::ToDos Negotiation::readWaitingOffer(Instant at, const char* why, ToDos before) {
  offer_waits_ = false;
  enter(Phase::kReadingOffer, at, why);
  before.push_back(ToDo::kSetRemote);
  return before;
}

Negotiation::ToDos Negotiation::becomeStable(Instant at, unsigned generation, const char* why,
                                             ToDos before) {
  if (offer_waits_)
    return readWaitingOffer(at, why, std::move(before));
  const bool restarts = std::exchange(restart_wanted_, std::nullopt) == generation;
  enter(Phase::kStable, at, why);
  if (restarts) {
    const ToDos todos = restart(at, generation);
    before.insert(before.end(), todos.begin(), todos.end());
  }
  return before;
}

}  // namespace turnout
