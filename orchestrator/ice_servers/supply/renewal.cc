#include "orchestrator/ice_servers/supply/renewal.h"

#include <algorithm>

namespace turnout {

using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds renewAfter(seconds lifetime) {
  return std::max<milliseconds>(milliseconds(lifetime) / 5 * 4, seconds(1));
}

milliseconds retryAfter(int failures, std::optional<seconds> asked) {
  constexpr int kMostDoublings = 6;
  const seconds own(std::min(60, 1 << std::clamp(failures - 1, 0, kMostDoublings)));
  return std::max(own, asked.value_or(seconds(0)));
}

}  // namespace turnout
