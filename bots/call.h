// One call on a host: its bots, from the scheduled start to the last one gone. The bots know
// nothing of each other but what signaling tells them; the call only decides when they start and
// leave: all at the scheduled instant; once each is settled, after the hold time if all are up,
// else at once.
//
// Thread: the host's loop only.
#pragma once

#include "bots/bot.h"

#include <functional>
#include <memory>
#include <vector>

namespace turnout {

class Call {
 public:
  Call(BotWorld& world, CallOrder order, std::function<void()> on_ended);  // may destroy it later
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void interrupt();  // the run was stopped
  int bots() const { return static_cast<int>(bots_.size()); }

 private:
  void start();
  void onSettled(bool up);
  void onGone();
  void leaveAll();

  BotWorld& world_;
  CallOrder order_;
  std::function<void()> on_ended_;
  std::vector<std::unique_ptr<Bot>> bots_;
  std::size_t settled_ = 0, gone_ = 0;
  bool all_up_ = true;
  Timer timer_;  // the scheduled start, then the hold
};

}  // namespace turnout
