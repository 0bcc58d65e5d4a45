#include "orchestrator/run/fault_schedule.h"

#include <algorithm>

namespace turnout {

FaultSchedule::FaultSchedule(const std::vector<ServiceFault>& faults) {
  for (std::size_t i = 0; i < faults.size(); i++) {
    moments_.push_back({faults[i].at, FaultMoment::Edge::kOnset, i});
    if (faults[i].lasting)
      moments_.push_back({faults[i].at + *faults[i].lasting, FaultMoment::Edge::kOver, i});
  }
  std::ranges::sort(moments_);
}

std::optional<Duration> FaultSchedule::next() const {
  return taken_ < moments_.size() ? std::optional(moments_[taken_].at) : std::nullopt;
}

std::vector<FaultMoment> FaultSchedule::takeDue(Duration until) {
  std::vector<FaultMoment> due;
  for (; taken_ < moments_.size() && moments_[taken_].at <= until; taken_++)
    due.push_back(moments_[taken_]);
  return due;
}

}  // namespace turnout
