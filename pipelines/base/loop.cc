#include "pipelines/base/loop.h"

#include <atomic>
#include <condition_variable>
#include <memory>
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
void freeTask(gpointer data) {
  delete static_cast<Loop::Task*>(data);
}

Ref<GSource> attach(GSource* source, GSourceFunc run, Loop::Task task, GMainContext* context) {
  g_source_set_priority(source, G_PRIORITY_DEFAULT);
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
  GSource* source = g_source_new(&ready_time_funcs, sizeof(GSource));
  g_source_set_ready_time(source, toNs(due) / 1000);
  return Timer(attach(source, runTask, std::move(task), context_.get()));
}

Timer Loop::after(Duration delay, Task task) {
  return at(now() + delay, std::move(task));
}

Timer Loop::every(Duration period, Task task) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(period).count();
  return Timer(attach(g_timeout_source_new(static_cast<guint>(ms)), runTaskAgain, std::move(task),
                      context_.get()));
}

LoopThread::LoopThread(const std::string& name, Duration coalesce)
    : thread_([this, name, coalesce] {
        prctl(PR_SET_NAME, name.c_str());
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
