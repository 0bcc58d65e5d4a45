// Everybody who wants a run's events: the log on disk, the fold that reports, the person watching.
#pragma once

#include "orchestrator/results/fold/fold.h"
#include "orchestrator/run/event_log.h"
#include "orchestrator/run/event_sink.h"
#include "orchestrator/run/progress.h"
#include "orchestrator/run/progress_display.h"

#include <functional>
#include <string_view>
#include <utility>

namespace turnout {

class RunRecorder : public EventSink {
 public:
  using Watcher = std::function<void(const Event&)>;  // told after all others; may be empty

  RunRecorder(EventLog& log, Fold& fold, Progress& progress, ProgressDisplay& display,
              Watcher watcher)
      : log_(log),
        fold_(fold),
        progress_(progress),
        display_(display),
        watcher_(std::move(watcher)) {}

  void add(const Event& event, std::string_view line) override {
    const bool was_writing = !log_.failure();
    log_.append(line);
    fold_.add(event);
    progress_.add(event);
    display_.onEvent(event);
    if (watcher_)
      watcher_(event);
    if (was_writing && log_.failure())
      display_.note(log_.failure()->what + "; the run goes on without its log");
  }

 private:
  EventLog& log_;
  Fold& fold_;
  Progress& progress_;
  ProgressDisplay& display_;
  const Watcher watcher_;
};

}  // namespace turnout
