// One call on a host: its bots, from the scheduled start to the last one gone. The bots know
// nothing of each other but what signaling tells them, and who vanished, so that they can see
// whether the server says so. The call only decides when they start and leave: all at the scheduled
// instant; once none is busy, after the hold time if all are steady, at once if one has failed.
//
// Thread: the host's loop only.
#pragma once

#include "bots/host/bot.h"

#include <functional>
#include <memory>
#include <vector>

namespace turnout {

class Call {
 public:
  Call(BotWorld& world, CallOrder order, std::function<void()> on_ended);  // may destroy it later
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // For the connections made from now on.
  void renewServers(const std::vector<IceServer>& servers, const std::string& reason);
  void interrupt();  // the run was stopped
  int bots() const { return static_cast<int>(bots_.size()); }

 private:
  void start();
  void onState(std::size_t bot, BotState state);
  void onGone(std::size_t bot, BotGone::Way way);
  void leaveAll();

  BotWorld& world_;
  CallOrder order_;
  std::function<void()> on_ended_;
  std::vector<std::unique_ptr<Bot>> bots_;
  std::vector<BotState> states_;  // those of who is gone count as steady
  std::size_t gone_ = 0;
  Timer timer_;  // the scheduled start, then the hold
};

}  // namespace turnout
