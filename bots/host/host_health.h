// How well a bot host keeps up, measured by itself: a load tool must notice that it was the slow
// part. Loop lag is the lateness of a 20 ms timer on the loop that runs the bots.
#pragma once

#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"

#include <vector>

namespace turnout {

class HostHealthMeter {
 public:
  explicit HostHealthMeter(Loop& loop);

  // Figures since the last call (or construction); host, bots and pacer are the caller's to fill.
  HostHealth take();

 private:
  void armProbe();

  Loop& loop_;
  Timer probe_;
  std::vector<double> lags_ms_;
  Instant since_;
  double cpu_s_;
};

}  // namespace turnout
