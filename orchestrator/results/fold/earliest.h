// Of several reports of the same thing the first, or the last, whatever their order in the log.
#pragma once

#include "pipelines/base/clock.h"

#include <algorithm>
#include <optional>

namespace turnout {

inline void keepEarliest(std::optional<Instant>& kept, Instant at) {
  kept = kept ? std::min(*kept, at) : at;
}
inline void keepLatest(std::optional<Instant>& kept, Instant at) {
  kept = kept ? std::max(*kept, at) : at;
}

}  // namespace turnout
