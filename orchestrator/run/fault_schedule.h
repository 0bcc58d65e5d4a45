// When which fault of the servers begins and when it is over. Pure; times count from the planned
// start of the first call.
#pragma once

#include "scenarios/service_fault.h"

#include <compare>
#include <cstddef>
#include <optional>
#include <vector>

namespace turnout {

struct FaultMoment {
  enum class Edge { kOver, kOnset };  // at one instant, what is over goes first
  Duration at{};
  Edge edge = Edge::kOnset;
  std::size_t fault = 0;  // index into the scenario's faults

  auto operator<=>(const FaultMoment&) const = default;
};

class FaultSchedule {
 public:
  explicit FaultSchedule(const std::vector<ServiceFault>& faults);

  std::optional<Duration> next() const;              // absent: all is done
  std::vector<FaultMoment> takeDue(Duration until);  // in order; each once

 private:
  std::vector<FaultMoment> moments_;  // sorted
  std::size_t taken_ = 0;
};

}  // namespace turnout
