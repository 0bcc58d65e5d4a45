#include "orchestrator/run/running_call.h"

#include <algorithm>

namespace turnout {

void RunningCall::onReport(const BotReport& report) {
  State& state = bots_.at(static_cast<std::size_t>(report.bot));
  if (isGone(state))
    return;
  state = report.state;
  if (state == State::kLeft)
    return;
  if (state == State::kVanished && !isOver())
    commands_.emplace_back(PeerVanished{call_, report.bot});
  considerLeaving(report.at);
}

void RunningCall::considerLeaving(Instant at) {
  if (is_lost_ || isOver() || (leaves_at_ && at >= *leaves_at_))
    return;
  last_report_ = std::max(last_report_, at);
  if (std::ranges::count(bots_, State::kBusy) > 0) {
    if (leaves_at_)
      commands_.emplace_back(CallStays{call_});
    leaves_at_.reset();
    return;
  }
  const bool has_failed = std::ranges::count(bots_, State::kFailed) > 0;
  leaves_at_ = last_report_ + (has_failed ? milliseconds(0) : hold_);
  commands_.emplace_back(CallLeaves{call_, *leaves_at_});
}

void RunningCall::onBotLost(int bot) {
  bots_.at(static_cast<std::size_t>(bot)) = State::kLeft;
  if (!std::exchange(is_lost_, true) && !isOver())
    commands_.emplace_back(CallInterrupted{call_});
}

bool RunningCall::isOver() const {
  return std::ranges::all_of(bots_, isGone);
}

}  // namespace turnout
