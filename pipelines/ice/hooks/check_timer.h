// How long a connectivity check waits before it is sent again: at least what RFC 8445 14.3 says, and
// longer than a round trip over the servers that the agent has measured. libnice takes 500 ms for
// all; a check that is overtaken by a triggered one is forgotten at its next retransmission, so that
// on a path that is slower than that two agents forget each other's answers for ever.
//
// Two functions of libnice are interposed (allocate_hook.h tells how): the one that makes a check,
// which names the agent by its user-name fragment, and the one that starts its timer right after.
// Any thread.
#pragma once

#include "pipelines/base/result.h"

#include <atomic>
#include <memory>
#include <string>

namespace turnout {

// Of one generation of one agent.
struct CheckTimes {
  std::atomic<double> slowest_server_ms{0};  // round trip
  std::atomic<unsigned> checks{0};           // that were made
};

// Checks that are sent with this local ufrag wait as these times say, while the object lives.
class CheckTimer {
 public:
  CheckTimer(std::string ufrag, std::shared_ptr<CheckTimes> times);
  ~CheckTimer();
  CheckTimer(const CheckTimer&) = delete;
  CheckTimer& operator=(const CheckTimer&) = delete;

 private:
  const std::string ufrag_;
};

// The first retransmission of a check, in ms, where libnice wants it after `wanted`.
unsigned checkTimeout(unsigned wanted, double slowest_server_ms, unsigned checks_before);

// Part of checkAllocateHook().
Result<Done> checkCheckTimer();

}  // namespace turnout
