// How many agents still hold resources (sockets, allocations being released), per IceThreads, so
// that the threads are stopped last. Any thread.
#pragma once

#include "pipelines/base/clock.h"

#include <condition_variable>
#include <memory>
#include <mutex>

namespace turnout {

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

}  // namespace turnout
