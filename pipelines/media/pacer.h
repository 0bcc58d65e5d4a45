// One thread that gives many streams their turn at the right instant, to the millisecond.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/loop.h"

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <queue>
#include <string>
#include <thread>
#include <vector>

namespace turnout {

// How late things happened, as a histogram of 0.25 ms steps up to one second. One thread, or a lock.
class Lateness {
 public:
  Lateness() : steps_(kSteps, 0) {}
  void add(Duration late);
  void add(const Lateness& other);
  std::uint64_t count() const { return count_; }
  double max_ms() const { return toMs(max_); }
  double percentile_ms(double fraction) const;  // upper edge of the step; 0 when nothing was added

 private:
  static constexpr Duration kStep = std::chrono::microseconds(250);
  static constexpr std::size_t kSteps = 4'000;
  std::vector<std::uint32_t> steps_;
  std::uint64_t count_ = 0;
  Duration max_{0};
};

// What a Pacer drives. Called on the pacer's thread only; must not block.
class PacedStream {
 public:
  virtual ~PacedStream() = default;
  // Does all that is due at `at`; answers when the next is due, or nullopt to be dropped.
  virtual std::optional<Instant> advance(Instant at) = 0;
};

class Pacer {
 public:
  explicit Pacer(const std::string& name);  // the thread's name
  ~Pacer();                                 // stops and joins; advances nothing any more
  Pacer(const Pacer&) = delete;
  Pacer& operator=(const Pacer&) = delete;

  void add(std::shared_ptr<PacedStream> stream, Instant first_due);  // any thread
  Lateness takeLateness();          // any thread: of all turns since the last call
  std::vector<Stall> takeStalls();  // the same: when turns were late by as much as a stall

 private:
  struct Turn {
    Instant due;
    std::shared_ptr<PacedStream> stream;
    bool operator<(const Turn& other) const { return due > other.due; }  // earliest on top
  };
  static constexpr Duration kTick = milliseconds(1);

  void run();
  void takeTurns();
  bool sleepUntilNext();  // false: stop

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Turn> arrivals_;  // under the mutex
  const std::string name_;
  Lateness lateness_;                // under the mutex
  std::vector<Stall> stalls_;        // under the mutex
  bool stopping_ = false;            // under the mutex
  std::priority_queue<Turn> turns_;  // the thread's own
  std::thread thread_;
};

}  // namespace turnout
