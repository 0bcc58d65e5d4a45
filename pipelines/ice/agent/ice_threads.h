// The threads that all agents of a host share, and how many agents still need them.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/loop.h"
#include "pipelines/ice/hooks/request_budget.h"

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace turnout {

// How many agents still hold resources (sockets, allocations being released), per IceThreads, so
// that the threads are stopped last. Any thread.
class LiveAgents : public std::enable_shared_from_this<LiveAgents> {
 public:
  // Held, shared, by everything that belongs to one agent.
  class Token {
   public:
    explicit Token(std::shared_ptr<LiveAgents> all);
    ~Token();
    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;

   private:
    std::shared_ptr<LiveAgents> all_;
  };

  std::shared_ptr<Token> add() { return std::make_shared<Token>(shared_from_this()); }
  void waitForNone(Duration limit);
  static unsigned count();  // of the process

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned here_ = 0;
};

// What all agents of a host share: the control thread (STUN, timers, DTLS) and media threads, to
// which the packets of connected agents are moved so that new joins never queue behind media.
// Outlives its agents; its destructor waits up to 4 s for allocations that are being released.
class IceThreads {
 public:
  explicit IceThreads(unsigned media_threads = 1, Duration media_coalesce = Duration::zero());
  ~IceThreads();
  LoopThread& control() { return control_; }
  LoopThread& nextMedia();  // round robin; owner's loop only
  LiveAgents& live() { return *live_; }
  std::vector<Stall> takeStalls();  // of all of them, since the last call; any thread
  const std::shared_ptr<RequestBudget>& budget() const { return budget_; }  // of all its agents

 private:
  std::shared_ptr<LiveAgents> live_;
  const std::shared_ptr<RequestBudget> budget_ = std::make_shared<RequestBudget>();
  unsigned log_handler_;
  LoopThread control_;
  std::vector<std::unique_ptr<LoopThread>> media_;
  std::size_t next_ = 0;
};

}  // namespace turnout
