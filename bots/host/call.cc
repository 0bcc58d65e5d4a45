#include "bots/host/call.h"

#include <algorithm>

namespace turnout {

Call::Call(BotWorld& world, CallOrder order, std::function<void()> on_ended)
    : world_(world), order_(std::move(order)), on_ended_(std::move(on_ended)) {
  timer_ = world_.loop.at(order_.start, [this] { start(); });
}

void Call::start() {
  for (int index = 0; index < world_.setup.shape.bots; index++) {
    const auto bot = static_cast<std::size_t>(index);
    states_.push_back(BotState::kBusy);
    bots_.push_back(
        std::make_unique<Bot>(world_, order_, index,
                              Bot::Listener{[this, bot](BotState state) { onState(bot, state); },
                                            [this, bot](BotGone::Way way) { onGone(bot, way); }}));
  }
  for (const auto& bot : bots_)
    bot->start();
}

void Call::onState(std::size_t bot, BotState state) {
  states_[bot] = state;
  timer_.cancel();
  if (std::ranges::count(states_, BotState::kBusy) > 0)
    return;
  const bool has_failed = std::ranges::count(states_, BotState::kFailed) > 0;
  timer_ = world_.loop.after(has_failed ? Duration::zero() : Duration(world_.setup.hold),
                             [this] { leaveAll(); });
}

void Call::onGone(std::size_t bot, BotGone::Way way) {
  if (++gone_ == bots_.size())
    return on_ended_();
  if (way != BotGone::Way::kVanished)
    return;
  for (std::size_t other = 0; other < bots_.size(); other++) {
    if (other != bot)
      bots_[other]->onVanished(static_cast<int>(bot));
  }
  onState(bot, BotState::kSteady);
}

void Call::leaveAll() {
  for (const auto& bot : bots_)
    bot->leave();
}

void Call::renewServers(const std::vector<IceServer>& servers, const std::string& reason) {
  order_.servers = servers;
  for (const auto& bot : bots_)
    bot->renewServers(servers, reason);
}

void Call::interrupt() {
  timer_.cancel();
  if (bots_.empty())
    on_ended_();
  for (const auto& bot : bots_)
    bot->interrupt();
}

}  // namespace turnout
