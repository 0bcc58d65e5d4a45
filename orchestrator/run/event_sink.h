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

  void tell(EventBody body) { tell(-1, std::move(body)); }  // happens now, to the run
  void tell(int call, EventBody body) {
    const Event event{now(), call, -1, -1, std::move(body)};
    add(event, eventLine(event));
  }
};

}  // namespace turnout
