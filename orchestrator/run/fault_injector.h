// Does to the servers of a run what its scenario says, when it says so, and tells of it
// (FaultApplied, FaultOver).
//
// Threads: the loop's.
#pragma once

#include "orchestrator/ice_servers/supply/call_servers.h"
#include "orchestrator/run/event_sink.h"
#include "orchestrator/run/fault_schedule.h"
#include "orchestrator/run/run_services.h"

#include <vector>

namespace turnout {

class FaultInjector {
 public:
  FaultInjector(Loop& loop, std::vector<ServiceFault> faults, RunServices& services,
                CallServers& call_servers, EventSink& events);

  void start(Instant first_call);
  void stop();  // what is not yet over stays so

 private:
  void arm();
  void apply(const FaultMoment& moment);
  void begin(const ServiceFault& fault);
  void end(const ServiceFault& fault);

  Loop& loop_;
  std::vector<ServiceFault> faults_;
  FaultSchedule schedule_;
  RunServices& services_;
  CallServers& call_servers_;
  EventSink& events_;
  Instant first_call_;
  Timer due_;
};

}  // namespace turnout
