// One call that was handed out, wherever its bots are: decides from their reports when they leave,
// and what each is to know of the others besides what signaling says. Pure: reports in, commands
// for the hosts out. Times are those of the reports, so a slow channel lengthens no call.
//
//   the bots are              | commands
//   some busy                 | CallStays, if they were told to leave
//   none busy, all steady     | CallLeaves, the hold time after the last report
//   none busy, some failed    | CallLeaves, at once
//   one vanished              | PeerVanished; it counts as steady
//   one lost with its host    | CallInterrupted, once
//   all gone                  | the call is over
//
// Once the instant to leave has come, it stands, whatever is reported of later.
#pragma once

#include "bots/protocol/control_message.h"

#include <optional>
#include <utility>
#include <vector>

namespace turnout {

class RunningCall {
 public:
  RunningCall(int call, int bots, milliseconds hold)
      : call_(call), hold_(hold), bots_(static_cast<std::size_t>(bots), State::kBusy) {}

  void onReport(const BotReport& report);  // of a bot of this call
  void onBotLost(int bot);                 // its host died
  bool isOver() const;

  // For every host that has a bot of this call, in order.
  std::vector<HostCommand> takeCommands() { return std::exchange(commands_, {}); }

 private:
  using State = BotReport::State;
  static bool isGone(State state) { return state == State::kLeft || state == State::kVanished; }
  void considerLeaving(Instant at);

  int call_;
  milliseconds hold_;
  std::vector<State> bots_;
  Instant last_report_;
  std::optional<Instant> leaves_at_;
  bool is_lost_ = false;
  std::vector<HostCommand> commands_;
};

}  // namespace turnout
