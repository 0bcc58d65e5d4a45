#include "orchestrator/live/live_tally.h"

namespace turnout {

void LiveTally::enter(Bot bot, BotState state) {
  const auto known = bots_.find(bot);
  if (known != bots_.end()) {
    const bool is_over = known->second == BotState::kFailed && state != BotState::kLeft;
    if (is_over)
      return;
    counts_[static_cast<std::size_t>(known->second)]--;
  }
  counts_[static_cast<std::size_t>(state)]++;
  if (state == BotState::kLeft)
    bots_.erase(bot);
  else
    bots_[bot] = state;
}

void LiveTally::fail(const Event& event, FailureCause cause, const std::string& detail) {
  enter({event.call, event.bot}, BotState::kFailed);
  if (!has_failed_.emplace(event.call, true).second)
    return;
  failures_seen_++;
  failures_.push_front({event.at, event.call, cause, detail});
  if (failures_.size() > kKeptFailures)
    failures_.pop_back();
}

void LiveTally::add(const Event& event) {
  if (event.call < 0)
    return;
  const Bot bot{event.call, event.bot};
  std::visit(Overloaded{[&](const BotStarted&) { enter(bot, BotState::kJoining); },
                        [&](const BotJoined&) { enter(bot, BotState::kConnecting); },
                        [&](const MediaStarted&) { enter(bot, BotState::kInCall); },
                        [&](const LinkRecovered&) { enter(bot, BotState::kInCall); },
                        [&](const StepTaken&) { enter(bot, BotState::kInStep); },
                        [&](const StepOver&) { enter(bot, BotState::kConnecting); },
                        [&](const BotFailed& failed) { fail(event, failed.cause, failed.detail); },
                        [&](const LinkFailed& failed) { fail(event, failed.cause, failed.detail); },
                        [&](const BotLeft&) { enter(bot, BotState::kLeft); }, [](const auto&) {}},
             event.body);
}

}  // namespace turnout
