// The time of a call as its measures count it: from the scheduled start, and standing still while
// the app makes people wait, ringing or in the queue.
#pragma once

#include "pipelines/base/clock.h"

#include <algorithm>
#include <optional>

namespace turnout {

struct WaitSpan {
  std::optional<Instant> began;  // it rings; in the queue. Absent: it never did, as far as we know
  std::optional<Instant> ended;  // answered; matched
};

class CallClock {
 public:
  CallClock(Instant scheduled, const WaitSpan& wait) : scheduled_(scheduled), wait_(wait) {}

  Duration at(Instant instant) const {
    const Instant resumed = std::min(instant, wait_.ended.value_or(instant));
    const Instant stopped = std::max(wait_.began.value_or(instant), scheduled_);
    return instant - scheduled_ - std::max(Duration::zero(), resumed - stopped);
  }

 private:
  Instant scheduled_;
  WaitSpan wait_;
};

}  // namespace turnout
