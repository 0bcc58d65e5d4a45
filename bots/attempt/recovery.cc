#include "bots/attempt/recovery.h"

#include "pipelines/base/log.h"

#include <algorithm>
#include <array>
#include <utility>

namespace turnout {
namespace {

constexpr std::array kRecoveryPhases{"up", "silent", "pausing", "trying", "given up"};

}  // namespace

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

const char* toString(Recovery::Sign sign) {
  switch (sign) {
    case Recovery::Sign::kSilence:
      return "silence";
    case Recovery::Sign::kFailed:
      return "ice_failed";
    case Recovery::Sign::kNetworkChanged:
      return "network_changed";
  }
  return "";
}

void Recovery::enter(Phase phase, Instant, const char* why) {
  logPhase("recovery", kRecoveryPhases.at(static_cast<std::size_t>(phase_)),
           kRecoveryPhases.at(static_cast<std::size_t>(phase)), why);
  phase_ = phase;
  TURNOUT_DCHECK(isConsistent(), why);
}

bool Recovery::isConsistent() const {
  if (phase_ == Phase::kUp || phase_ == Phase::kGivenUp)
    return !due_;
  return history_.lost_since.has_value() && history_.attempts <= policy_.attempts;
}

void Recovery::loseAt(Instant due, Sign sign, Instant at) {
  sign_ = sign;
  due_ = due;
  enter(Phase::kSilent, at, toString(sign));
}

void Recovery::onSilent(Instant since) {
  if (phase_ != Phase::kUp) {  // lost by another sign, and media went on till now
    if (history_.lost_since)
      history_.lost_since = std::max(*history_.lost_since, since);
    return;
  }
  if (!history_.lost_since)
    history_.lost_since = since;
  loseAt(since + policy_.silence, Sign::kSilence, since);
}

void Recovery::onLost(Instant at, Sign sign) {
  if (phase_ != Phase::kUp && phase_ != Phase::kSilent)
    return;
  if (!history_.lost_since)
    history_.lost_since = at;
  if (!is_told_)
    loseAt(at, sign, at);
}

void Recovery::onSignaling(Instant at, bool is_up) {
  can_signal_ = is_up;
  if (is_up && due_)
    due_ = std::max(*due_, at);
}

void Recovery::wait(Instant until) {
  if (due_)
    due_ = std::max(*due_, until);
}

std::optional<Instant> Recovery::due() const {
  const bool is_news = phase_ == Phase::kSilent && !is_told_;
  return can_signal_ || is_news ? due_ : std::nullopt;
}

void Recovery::onNewConnection(Instant at) {
  is_told_ = true;
  due_ = at + policy_.attempt;
  enter(Phase::kTrying, at, "a new connection is the attempt");
}

std::optional<Duration> Recovery::onMedia(Instant at) {
  if (phase_ == Phase::kUp || phase_ == Phase::kGivenUp || !history_.lost_since)
    return std::nullopt;
  const Duration outage = at - *history_.lost_since;
  history_ = {};
  is_told_ = false;
  due_.reset();
  enter(Phase::kUp, at, "media is back");
  return outage;
}

Recovery::Order Recovery::onTime(Instant at) {
  if (const auto when = due(); !when || *when > at)
    return {};
  Order order;
  const bool is_news = phase_ == Phase::kSilent && !std::exchange(is_told_, true);
  if (can_signal_ || !is_news)
    order = nextRung(at);
  order.lost = is_news;
  return order;
}

Recovery::Order Recovery::nextRung(Instant at) {
  using Kind = RecoveryPolicy::Kind;
  due_.reset();
  if (phase_ == Phase::kPausing)
    return {.recreate = true};
  if (policy_.kind == Kind::kNone && phase_ == Phase::kSilent)
    return {};  // the far end may try
  if (history_.attempts >= policy_.attempts || policy_.kind == Kind::kNone) {
    enter(Phase::kGivenUp, at, "no attempt is left");
    return {.give_up = true};
  }
  const bool restart = policy_.kind == Kind::kIceRestart ||
                       (policy_.kind == Kind::kLadder && history_.attempts == 0);
  history_.attempts++;
  due_ = at + (restart ? policy_.attempt : policy_.recreate_after);
  enter(restart ? Phase::kTrying : Phase::kPausing, at, restart ? "ICE restart" : "recreate next");
  return {.restart_ice = restart};
}

}  // namespace turnout
