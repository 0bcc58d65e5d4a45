// Where the events of a run go, wherever they come from.
#pragma once

#include "bots/timeline/event.h"

#include <string_view>
#include <utility>

namespace turnout {

class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void add(const Event& event, std::string_view line) = 0;  // `line`: the event as JSON

  void record(const Event& event) { add(event, eventLine(event)); }
  void tell(EventBody body) {
    record(Event{now(), -1, -1, -1, std::move(body)});
  }  // now, to the run
};

}  // namespace turnout
