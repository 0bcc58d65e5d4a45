#include "orchestrator/cli/signal_watch.h"

#include <glib-unix.h>

namespace turnout {

Timer onSignal(Loop& loop, int signum, Loop::Task task) {
  GSource* source = g_unix_signal_source_new(signum);
  const GSourceFunc run = [](gpointer data) -> gboolean {
    (*static_cast<Loop::Task*>(data))();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(source, run, new Loop::Task(std::move(task)),
                        [](gpointer data) { delete static_cast<Loop::Task*>(data); });
  g_source_attach(source, loop.context());
  return Timer(Ref<GSource>::adopt(source));
}

}  // namespace turnout
