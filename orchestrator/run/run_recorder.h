// Everybody who wants a run's events: the log on disk, the fold that reports, the person watching.
#pragma once

#include "orchestrator/results/fold/fold.h"
#include "orchestrator/run/event_log.h"
#include "orchestrator/run/event_sink.h"
#include "orchestrator/run/progress_display.h"

#include <string_view>

namespace turnout {

class RunRecorder : public EventSink {
 public:
  RunRecorder(EventLog& log, Fold& fold, ProgressDisplay& display)
      : log_(log), fold_(fold), display_(display) {}

  void add(const Event& event, std::string_view line) override {
    const bool was_writing = !log_.failure();
    log_.append(line);
    fold_.add(event);
    display_.onEvent(event);
    if (was_writing && log_.failure())
      display_.note(log_.failure()->what + "; the run goes on without its log");
  }

 private:
  EventLog& log_;
  Fold& fold_;
  ProgressDisplay& display_;
};

}  // namespace turnout
