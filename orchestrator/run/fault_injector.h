// Does to the servers of a run, and to the sites of its lab, what its scenario says, when it says so, and tells of it
// (FaultApplied, FaultOver).
//
// Threads: the loop's.
#pragma once

#include "orchestrator/ice_servers/supply/call_servers.h"
#include "orchestrator/run/lab_faults.h"
#include "orchestrator/run/run_recorder.h"
#include "orchestrator/run/run_services.h"
#include "scenarios/scenario.h"

#include <compare>
#include <cstddef>
#include <optional>
#include <vector>

namespace turnout {

// When which fault begins and when it is over. Pure; times count from the planned start of the first
// call.
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

class FaultInjector {
 public:
  FaultInjector(Loop& loop, std::vector<ServiceFault> faults, RunServices& services,
                CallServers& call_servers, LabFaults lab_faults, EventSink& events);

  void start(Instant first_call);
  void stop();  // what is not yet over stays so

 private:
  void arm();
  void apply(const FaultMoment& moment);
  Result<Done> begin(const ServiceFault& fault);
  void end(const ServiceFault& fault);

  Loop& loop_;
  std::vector<ServiceFault> faults_;
  FaultSchedule schedule_;
  RunServices& services_;
  CallServers& call_servers_;
  LabFaults lab_faults_;
  EventSink& events_;
  Instant first_call_;
  Timer due_;
};

}  // namespace turnout
