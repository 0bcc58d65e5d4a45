// Where the events of a run go, wherever they come from: to everybody who wants them.
//
// Threads: the loop's.
#pragma once

#include "bots/timeline/event.h"

#include <string_view>
#include <utility>

namespace turnout {

class EventLog;
class Fold;
class ProgressDisplay;

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void add(const Event& event, std::string_view line) = 0;  // `line`: the event as JSON

  void record(const Event& event) { add(event, eventLine(event)); }
  // Now, of the run as a whole.
  void tell(EventBody body) { record(Event{now(), -1, -1, -1, std::move(body)}); }
};

// The log on disk, the fold that reports are made of, the person watching.
class RunRecorder : public EventSink {
 public:
  RunRecorder(EventLog& log, Fold& fold, ProgressDisplay& display)
      : log_(log), fold_(fold), display_(display) {}

  void add(const Event& event, std::string_view line) override;

 private:
  EventLog& log_;
  Fold& fold_;
  ProgressDisplay& display_;
};

}  // namespace turnout
