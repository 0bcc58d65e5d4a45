// What only somebody who watches wants to know: what every bot is doing now, and each failure as it
// happens. Pure; the numbers of a report are the fold's (orchestrator/results).
#pragma once

#include "bots/timeline/event.h"

#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace turnout {

enum class BotState {
  kJoining,     // on its way into the room
  kConnecting,  // there; some link is not up
  kInCall,      // media came
  kInStep,      // away, or without network, because the scenario says so
  kFailed,      // will leave
  kLeft,
};
inline constexpr std::array<const char*, 6> kBotStateWords{"joining", "connecting", "in_call",
                                                           "in_step", "failed",     "left"};

struct FailureSeen {  // the first of its call
  Instant at;
  int call = 0;
  FailureCause cause = FailureCause::kInternal;
  std::string detail;
};

class LiveTally {
 public:
  static constexpr std::size_t kKeptFailures = 100;

  void add(const Event& event);

  int bots(BotState state) const { return counts_[static_cast<std::size_t>(state)]; }
  const std::deque<FailureSeen>& failures() const { return failures_; }  // the latest, newest first
  int failuresSeen() const { return failures_seen_; }

 private:
  using Bot = std::pair<int, int>;  // call, bot
  void enter(Bot bot, BotState state);
  void fail(const Event& event, FailureCause cause, const std::string& detail);

  std::map<Bot, BotState> bots_;  // those that have not left
  std::array<int, kBotStateWords.size()> counts_{};
  std::deque<FailureSeen> failures_;
  std::map<int, bool> has_failed_;  // by call
  int failures_seen_ = 0;
};

}  // namespace turnout
