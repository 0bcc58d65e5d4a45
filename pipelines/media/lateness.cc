#include "pipelines/media/lateness.h"

#include <algorithm>
#include <cmath>

namespace turnout {

void Lateness::add(Duration late) {
  late = std::max(late, Duration::zero());
  steps_[std::min(static_cast<std::size_t>(late / kStep), kSteps - 1)]++;
  count_++;
  max_ = std::max(max_, late);
}

void Lateness::add(const Lateness& other) {
  for (std::size_t i = 0; i < kSteps; i++)
    steps_[i] += other.steps_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

double Lateness::percentile_ms(double fraction) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kSteps && count_ > 0; i++)
    if ((seen += steps_[i]) >= wanted)
      return std::min(toMs(kStep * static_cast<std::int64_t>(i + 1)), max_ms());
  return 0;
}

}  // namespace turnout
