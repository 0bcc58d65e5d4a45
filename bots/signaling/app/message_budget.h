// How many messages one connection may send: a bucket of `burst` messages that refills at
// `per_second`. Beyond it messages are refused; a client that keeps on for another `burst` is
// closed. Pure: time is passed in.
#pragma once

#include "pipelines/base/clock.h"

namespace turnout {

class MessageBudget {
 public:
  struct Options {
    double per_second = 200;
    double burst = 1000;  // a mesh of 8 sends about 150 messages at once when one joins
  };
  enum class Verdict { kWithin, kOver, kFlooding };

  MessageBudget(const Options& options, Instant at)
      : options_(options), left_(options.burst), at_(at) {}

  Verdict spend(Instant at);

 private:
  Options options_;
  double left_;  // messages; down to minus burst
  Instant at_;   // when left_ was true
};

}  // namespace turnout
