#include "pipelines/base/loop.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>

#include <sys/prctl.h>

namespace turnout {
namespace {

gboolean runTask(gpointer data) {
  (*static_cast<Loop::Task*>(data))();
  return G_SOURCE_REMOVE;
}
gboolean runTaskAgain(gpointer data) {
  (*static_cast<Loop::Task*>(data))();
  return G_SOURCE_CONTINUE;
}
constexpr Duration kProbePeriod = 20ms;
constexpr std::size_t kMostSamples = 10'000;  // of who never takes them

void freeTask(gpointer data) {
  delete static_cast<Loop::Task*>(data);
}

Ref<GSource> attach(GSource* source, GSourceFunc run, Loop::Task task, GMainContext* context,
                    int priority = G_PRIORITY_DEFAULT) {
  g_source_set_priority(source, priority);
  g_source_set_callback(source, run, new Loop::Task(std::move(task)), freeTask);
  g_source_attach(source, context);
  return Ref<GSource>::adopt(source);
}

// A source that is due at a monotonic microsecond, which is finer than g_timeout's milliseconds.
gboolean dispatchReady(GSource* source, GSourceFunc callback, gpointer data) {
  g_source_set_ready_time(source, -1);
  return callback(data);
}
GSourceFuncs ready_time_funcs = {nullptr, nullptr, dispatchReady, nullptr, nullptr, nullptr};

GSource* sourceDueAt(Instant due) {
  GSource* source = g_source_new(&ready_time_funcs, sizeof(GSource));
  g_source_set_ready_time(source, toNs(due) / 1000);
  return source;
}

}  // namespace

void Timer::cancel() {
  if (source_)
    g_source_destroy(source_.get());
  source_.reset();
}

// The flag: who attaches a source while nobody runs the loop must wake who watches it (LoopGroup).
Loop::Loop()
    : context_(Ref<GMainContext>::adopt(
          g_main_context_new_with_flags(G_MAIN_CONTEXT_FLAGS_OWNERLESS_POLLING))),
      loop_(Ref<GMainLoop>::adopt(g_main_loop_new(context_.get(), FALSE))) {}

Loop::~Loop() = default;

void Loop::run() {
  g_main_context_push_thread_default(context_.get());
  g_main_loop_run(loop_.get());
  g_main_context_pop_thread_default(context_.get());
}

void Loop::quit() {
  post([this] { g_main_loop_quit(loop_.get()); });
}

bool Loop::runOnce(bool may_block) {
  return g_main_context_iteration(context_.get(), may_block ? TRUE : FALSE) != FALSE;
}

bool Loop::runUntil(const std::function<bool()>& done, Duration limit) {
  g_main_context_push_thread_default(context_.get());
  bool late = false;
  {
    const Timer end = after(limit, [&late] { late = true; });
    while (!done() && !late)
      runOnce(true);
  }
  g_main_context_pop_thread_default(context_.get());
  return done();
}

void Loop::post(Task task) {
  attach(g_idle_source_new(), runTask, std::move(task), context_.get());
}

Timer Loop::at(Instant due, Task task) {
  return Timer(attach(sourceDueAt(due), runTask, std::move(task), context_.get()));
}

Timer Loop::firstAt(Instant due, Task task) {
  return Timer(attach(sourceDueAt(due), runTask, std::move(task), context_.get(), G_PRIORITY_HIGH));
}

Timer Loop::after(Duration delay, Task task) {
  return at(now() + delay, std::move(task));
}

Timer Loop::every(Duration period, Task task) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(period).count();
  return Timer(attach(g_timeout_source_new(static_cast<guint>(ms)), runTaskAgain, std::move(task),
                      context_.get()));
}

LoopWatch::LoopWatch(Loop& loop, std::string thread, std::function<void(const Stall&)> on_stall)
    : loop_(loop), thread_(std::move(thread)), on_stall_(std::move(on_stall)) {
  arm();
}

void LoopWatch::arm() {
  const Instant due = now() + kProbePeriod;
  probe_ = loop_.at(due, [this, due] { onProbe(due); });
}

void LoopWatch::onProbe(Instant due) {
  const Duration late = std::max(Duration::zero(), now() - due);
  for (Duration each = late; late_.size() < kMostSamples; each -= kProbePeriod) {
    late_.push_back(each);
    if (each <= kProbePeriod)
      break;
  }
  arm();
  if (late >= kLeastStall)
    on_stall_({thread_, due, late});
}

LoopThread::LoopThread(const std::string& name, Duration coalesce)
    : name_(name), thread_([this, coalesce] {
        prctl(PR_SET_NAME, name_.c_str());
        if (coalesce == Duration::zero()) {
          loop_.run();
          return;
        }
        g_main_context_acquire(loop_.context());
        g_main_context_push_thread_default(loop_.context());
        while (!stopping_) {
          loop_.runOnce(true);
          std::this_thread::sleep_for(coalesce);
        }
        g_main_context_pop_thread_default(loop_.context());
        g_main_context_release(loop_.context());
      }) {}

LoopThread::~LoopThread() {
  stopping_ = true;
  loop_.quit();
  thread_.join();
}

void LoopThread::watchStalls() {
  sync([this] {
    watch_ = std::make_unique<LoopWatch>(loop_, name_, [this](const Stall& stall) {
      const std::lock_guard lock(mutex_);
      stalls_.push_back(stall);
    });
  });
}

std::vector<Stall> LoopThread::takeStalls() {
  const std::lock_guard lock(mutex_);
  return std::exchange(stalls_, {});
}

void LoopThread::sync(const Loop::Task& task) {
  if (loop_.isCurrent()) {
    task();
    return;
  }
  std::mutex mutex;
  std::condition_variable finished;
  bool done = false;
  loop_.post([&] {
    task();
    const std::lock_guard lock(mutex);
    done = true;
    finished.notify_one();
  });
  std::unique_lock lock(mutex);
  finished.wait(lock, [&] { return done; });
}

}  // namespace turnout
