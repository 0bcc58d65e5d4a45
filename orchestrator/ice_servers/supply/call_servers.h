// The ICE servers of the calls of a run, with credentials: given when a call is handed out, and
// again while it runs, before what it has expires (TURN REST, providers), or when they are to have
// expired.
//
// Threads: the loop's.
#pragma once

#include "bots/protocol/control_message.h"
#include "orchestrator/ice_servers/supply/server_sources.h"
#include "orchestrator/ice_servers/supply/turn_servers.h"
#include "pipelines/base/loop.h"
#include "scenarios/plan.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

class CallServers {
 public:
  // `renew` hands servers to a call that runs.
  CallServers(Loop& loop, std::vector<TurnArm> arms,
              std::function<void(const ServersForCall&)> renew);

  // For arms that name sources; `sources` outlives this.
  void setSources(ServerSources& sources) { sources_ = &sources; }
  void setServices(TurnServices services) { services_ = std::move(services); }
  // Of a call that is handed out now; it is kept supplied until it has ended.
  Result<std::vector<IceServer>> begin(const PlannedCall& call);
  void end(int call);
  void endAll();
  void renew(std::size_t arm);  // its sources have fresh credentials

  // What TURN REST credentials of a service are from now on, those of running calls included. An
  // empty name: of all services, and of servers that are not the run's own.
  void expire(const std::string& service);
  void restore(const std::string& service);

 private:
  struct Running {
    int arm = 0;
    std::optional<Instant> renew_at;
  };
  const TurnArm& armOf(int arm) const { return arms_.at(static_cast<std::size_t>(arm)); }
  Result<std::vector<IceServer>> make(int call, int arm) const;
  void supply(int call, Running& running);
  void supplyAll();
  void supplyDue();
  void wakeAt(std::optional<Instant> due);

  Loop& loop_;
  std::vector<TurnArm> arms_;
  std::function<void(const ServersForCall&)> renew_;
  ServerSources* sources_ = nullptr;
  TurnServices services_;
  std::set<std::string> expired_;
  std::map<int, Running> running_;   // by call
  std::optional<Instant> wakes_at_;  // no later than the next is due
  Timer due_;
};

// How long after credentials were made the next are due: 60 s before they expire, or at three
// quarters of their time where that is later. Absent: they need not be renewed.
std::optional<Duration> renewalPeriod(const TurnArm& arm);

}  // namespace turnout
