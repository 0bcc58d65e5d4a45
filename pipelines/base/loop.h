// Loop: one GMainContext and whoever runs it. Everything of ours that is not pure runs on one.
// post() may be called from any thread; everything else only from the thread that runs the loop.
// LoopThread: a Loop with a thread of its own (ICE, media shards, test servers). LoopWatch: whether a
// Loop keeps up.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/gobject_ref.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace turnout {

// A pending call; destroying or cancelling it on the loop's thread means it will not run.
class Timer {
 public:
  Timer() = default;
  explicit Timer(Ref<GSource> source) : source_(std::move(source)) {}
  Timer(Timer&&) noexcept = default;
  Timer& operator=(Timer&& other) noexcept {
    cancel();
    source_ = std::move(other.source_);
    return *this;
  }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { cancel(); }
  void cancel();

 private:
  Ref<GSource> source_;
};

class Loop {
 public:
  using Task = std::function<void()>;

  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  GMainContext* context() const { return context_.get(); }
  void run();   // until quit(); makes the context the thread's default
  void quit();  // any thread
  bool runOnce(bool may_block);
  // Runs until `done` holds or `limit` passed; true when it held. For tests and orderly shutdown.
  bool runUntil(const std::function<bool()>& done, Duration limit);

  void post(Task task);  // any thread; runs in order of posting
  Timer after(Duration delay, Task task);
  Timer at(Instant due, Task task);
  // Goes before everything else that is waiting when it is due: posted tasks, sockets, timers.
  Timer firstAt(Instant due, Task task);
  Timer every(Duration period, Task task);
  bool isCurrent() const { return g_main_context_is_owner(context_.get()) != FALSE; }

 private:
  Ref<GMainContext> context_;
  Ref<GMainLoop> loop_;
};

// A loop is to come round every few milliseconds; a stall is an interval in which it did not, because
// a task took long, or the process got no processor, or was stopped.
struct Stall {
  std::string thread;  // whose: "loop", "ice-media-0", "pacer0"
  Instant began;       // up to 20 ms late
  Duration length{};
};

// Shorter ones are no stalls: every verdict bears them (the limit of the schedule lag).
constexpr Duration kLeastStall = milliseconds(50);

// How punctual a loop is: the lateness of a timer every 20 ms, and each stall. A load tool must notice
// that it was the slow part, and when. Everything happens on the loop's thread, `on_stall` too;
// destroy it there, or after the thread has ended.
class LoopWatch {
 public:
  LoopWatch(Loop& loop, std::string thread, std::function<void(const Stall&)> on_stall);
  LoopWatch(const LoopWatch&) = delete;
  LoopWatch& operator=(const LoopWatch&) = delete;

  // Of all probes since the last call. One that comes late stands also for those that could not be
  // made meanwhile, else a long stall would be one sample among many (coordinated omission).
  std::vector<Duration> takeLateness() { return std::exchange(late_, {}); }

 private:
  void arm();
  void onProbe(Instant due);

  Loop& loop_;
  const std::string thread_;
  std::function<void(const Stall&)> on_stall_;
  std::vector<Duration> late_;
  Timer probe_;
};

class LoopThread {
 public:
  // `coalesce`: pause between iterations, trading up to that much latency for fewer wake-ups.
  explicit LoopThread(const std::string& name, Duration coalesce = Duration::zero());
  ~LoopThread();  // stops and joins
  LoopThread(const LoopThread&) = delete;
  LoopThread& operator=(const LoopThread&) = delete;

  Loop& loop() { return loop_; }
  // Runs `task` on the thread and waits for it; at once when already there. Never call it while
  // holding a lock that the thread may want.
  void sync(const Loop::Task& task);

  void watchStalls();               // from now on; not from the thread itself
  std::vector<Stall> takeStalls();  // since the last call; any thread

 private:
  const std::string name_;
  Loop loop_;
  std::unique_ptr<LoopWatch> watch_;
  std::mutex mutex_;
  std::vector<Stall> stalls_;  // under the mutex
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace turnout
