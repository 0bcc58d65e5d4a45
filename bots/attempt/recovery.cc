#include "bots/attempt/recovery.h"

namespace turnout {

const char* toString(Recovery::Rung rung) {
  switch (rung) {
    case Recovery::Rung::kNone:
      return "none";
    case Recovery::Rung::kIceRestart:
      return "ice_restart";
    case Recovery::Rung::kRecreate:
      return "recreate";
  }
  return "";
}

void Recovery::onSilent(Instant since) {
  if (phase_ != Phase::kUp)
    return;
  phase_ = Phase::kSilent;
  if (!history_.lost_since)
    history_.lost_since = since;
  due_.reset();
  if (policy_.kind != RecoveryPolicy::Kind::kNone)
    due_ = since + policy_.silence;
}

void Recovery::onFailed(Instant at) {
  if (phase_ != Phase::kUp && phase_ != Phase::kSilent)
    return;
  onSilent(at);
  if (due_)
    due_ = at;
}

void Recovery::onNewConnection(Instant at) {
  phase_ = Phase::kTrying;
  due_ = at + policy_.attempt;
}

std::optional<Recovery::Recovered> Recovery::onMedia(Instant at) {
  if (phase_ == Phase::kUp || phase_ == Phase::kGivenUp || !history_.lost_since)
    return std::nullopt;
  const Recovered recovered{history_.rung, at - *history_.lost_since};
  phase_ = Phase::kUp;
  history_ = {};
  due_.reset();
  return recovered;
}

Recovery::Order Recovery::onTime(Instant at) {
  if (!due_ || *due_ > at)
    return {};
  due_.reset();
  if (phase_ == Phase::kPausing) {
    history_.rung = Rung::kRecreate;
    return {.recreate = true};
  }
  const bool may_try = policy_.kind != RecoveryPolicy::Kind::kNone;  // else the far end tries
  if (history_.attempts >= policy_.attempts || !may_try) {
    phase_ = Phase::kGivenUp;
    return {.give_up = true};
  }
  nextRung(at);
  if (phase_ != Phase::kTrying)
    return {};
  history_.rung = Rung::kIceRestart;
  return {.restart_ice = true};
}

void Recovery::nextRung(Instant at) {
  using Kind = RecoveryPolicy::Kind;
  const bool restart = policy_.kind == Kind::kIceRestart ||
                       (policy_.kind == Kind::kLadder && history_.attempts == 0);
  history_.attempts++;
  phase_ = restart ? Phase::kTrying : Phase::kPausing;
  due_ = at + (restart ? policy_.attempt : policy_.recreate_after);
}

}  // namespace turnout
