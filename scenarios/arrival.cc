#include "scenarios/arrival.h"

#include <cmath>

namespace turnout {
namespace {

Duration wholeMicroseconds(double us) {
  return std::chrono::microseconds(std::llround(us));
}

}  // namespace

std::vector<Duration> arrivalOffsets(ArrivalShape shape, double rate_per_s, int count,
                                     Random& random) {
  TURNOUT_CHECK(rate_per_s > 0, "a rate of arrival is positive");
  const double mean_gap_us = 1e6 / rate_per_s;
  std::vector<Duration> offsets;
  offsets.reserve(static_cast<std::size_t>(count));
  double poisson_us = 0;
  for (int i = 0; i < count; i++) {
    switch (shape) {
      case ArrivalShape::kEven:
        offsets.push_back(wholeMicroseconds(i * mean_gap_us));
        break;
      case ArrivalShape::kPoisson:
        offsets.push_back(wholeMicroseconds(poisson_us));
        poisson_us += random.exponential(mean_gap_us);
        break;
    }
  }
  return offsets;
}

}  // namespace turnout
