#include "orchestrator/cli/signal_watch.h"

#include <csignal>

#include <glib-unix.h>

namespace turnout {
namespace {

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

bool isIgnored(int signum) {
  struct sigaction action {};
  return ::sigaction(signum, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

std::vector<Timer> onEndSignals(Loop& loop, const Loop::Task& task) {
  std::vector<Timer> watches;
  for (const int signum : {SIGINT, SIGTERM, SIGHUP})
    if (signum != SIGHUP || !isIgnored(signum))
      watches.push_back(onSignal(loop, signum, task));
  return watches;
}

}  // namespace turnout
