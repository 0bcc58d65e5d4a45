// Small glue for libsoup: calling it so that its work lands on one Loop, and one-shot asynchronous
// calls whose callback is a callable.
#pragma once

#include "pipelines/base/loop.h"

#include <functional>
#include <memory>
#include <utility>

#include <libsoup/soup.h>

namespace turnout {

// libsoup attaches sources to the thread's default context at the time of a call. While this lives
// that is the loop's. The loop must belong to this thread or run nowhere yet.
class OnLoopContext {
 public:
  explicit OnLoopContext(Loop& loop) : context_(loop.context()) {
    g_main_context_push_thread_default(context_);
  }
  ~OnLoopContext() { g_main_context_pop_thread_default(context_); }
  OnLoopContext(const OnLoopContext&) = delete;
  OnLoopContext& operator=(const OnLoopContext&) = delete;

 private:
  GMainContext* context_;
};

// Pass callReady and asCallData(f) as callback and user data; f runs once. It may run after the
// object that made the call is gone: capture a weak_ptr.
using OnReady = std::function<void(GObject* source, GAsyncResult* result)>;

inline gpointer asCallData(OnReady on_ready) {
  return std::make_unique<OnReady>(std::move(on_ready)).release();
}
inline void callReady(GObject* source, GAsyncResult* result, gpointer data) {
  const std::unique_ptr<OnReady> on_ready(static_cast<OnReady*>(data));
  (*on_ready)(source, result);
}

}  // namespace turnout
