// How well a bot host keeps up, measured by itself once a second: lateness of its loop, processor,
// memory. A load tool must notice that it was the slow part. Stalls are told as they happen. And whether
// the machine still gives what a bot needs.
//
// Thread: the host's loop.
#pragma once

#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"

#include <functional>
#include <optional>
#include <string>

namespace turnout {

class HostHealthMeter {
 public:
  HostHealthMeter(Loop& loop, std::function<void(const Stall&)> on_stall);

  // Figures since the last call (or construction); host, bots and pacer are the caller's to fill.
  HostHealth take();

 private:
  LoopWatch watch_;
  Instant since_;
  double cpu_s_;
};

// What this process cannot get any more right now: "open files", "local UDP ports", "local TCP ports".
// To be asked when something failed: libraries tell of it in words, late, or not at all.
std::optional<std::string> exhaustedResource();

}  // namespace turnout
