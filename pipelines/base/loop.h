// Loop: one GMainContext and whoever runs it. Everything of ours that is not pure runs on one.
// post() may be called from any thread; everything else only from the thread that runs the loop.
// LoopThread: a Loop with a thread of its own (ICE, media shards, test servers).
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/gobject_ref.h"

#include <atomic>
#include <functional>
#include <string>
#include <thread>

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
  Timer every(Duration period, Task task);
  bool isCurrent() const { return g_main_context_is_owner(context_.get()) != FALSE; }

 private:
  Ref<GMainContext> context_;
  Ref<GMainLoop> loop_;
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

 private:
  Loop loop_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace turnout
