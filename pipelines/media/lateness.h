// How late things happened, as a histogram of 0.25 ms steps up to one second. One thread, or a
// lock.
#pragma once

#include "pipelines/base/clock.h"

#include <cstdint>
#include <vector>

namespace turnout {

class Lateness {
 public:
  Lateness() : steps_(kSteps, 0) {}
  void add(Duration late);
  void add(const Lateness& other);
  std::uint64_t count() const { return count_; }
  double max_ms() const { return toMs(max_); }
  double percentile_ms(double fraction) const;  // upper edge of the step; 0 when nothing was added

 private:
  static constexpr Duration kStep = std::chrono::microseconds(250);
  static constexpr std::size_t kSteps = 4'000;
  std::vector<std::uint32_t> steps_;
  std::uint64_t count_ = 0;
  Duration max_{0};
};

}  // namespace turnout
