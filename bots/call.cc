#include "bots/call.h"

namespace turnout {

Call::Call(BotWorld& world, CallOrder order, std::function<void()> on_ended)
    : world_(world), order_(std::move(order)), on_ended_(std::move(on_ended)) {
  timer_ = world_.loop.at(order_.start, [this] { start(); });
}

void Call::start() {
  for (int index = 0; index < world_.setup.shape.bots; index++) {
    bots_.push_back(std::make_unique<Bot>(
        world_, order_, index,
        Bot::Listener{[this](bool up) { onSettled(up); }, [this] { onGone(); }}));
  }
  for (const auto& bot : bots_)
    bot->start();
}

void Call::onSettled(bool up) {
  all_up_ = all_up_ && up;
  if (++settled_ < bots_.size())
    return;
  timer_ = world_.loop.after(all_up_ ? Duration(world_.setup.hold) : Duration::zero(),
                             [this] { leaveAll(); });
}

void Call::onGone() {
  if (++gone_ == bots_.size())
    on_ended_();
}

void Call::leaveAll() {
  for (const auto& bot : bots_)
    bot->leave();
}

void Call::interrupt() {
  timer_.cancel();
  if (bots_.empty())
    on_ended_();
  for (const auto& bot : bots_)
    bot->interrupt();
}

}  // namespace turnout
