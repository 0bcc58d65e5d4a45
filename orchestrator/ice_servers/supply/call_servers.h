// The ICE servers of the calls of a run, with credentials: the one door. They are given when a call
// begins, and again while it runs: before what it has expires (TURN REST, providers), when a TURN
// server refused it, and when a fault of the scenario lets it expire.
//
// Threads: the loop's.
#pragma once

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
  struct Config {
    std::vector<TurnArm> arms;       // with their secrets (takeSecretsFromEnvironment)
    std::vector<Settings> layers{};  // for the source "environment", the strongest first
    ServerPolicy policy{};
  };
  // What a call that runs is to use for the connections it makes from now on.
  struct Renewed {
    int call = 0;
    std::string reason;  // "rotated", "expired": as of the event ServersRenewed
    std::vector<IceServer> servers;
  };

  CallServers(Loop& loop, Config config, std::function<void(Renewed)> on_renewed);

  // Reads and asks the sources of all arms, as ServerSources::start() does.
  Result<Done> start(std::function<void(Result<Done>)> on_ready);
  void setServices(TurnServices services) { services_ = std::move(services); }

  // Of a call that is handed out now; it is kept supplied until it has ended.
  Result<std::vector<IceServer>> begin(const PlannedCall& call);
  void end(int call);
  void endAll();

  // A TURN server of the arm answered 401 to what the arm's providers gave: fetch anew.
  void onRefused(std::size_t arm) { sources_.renew(arm); }
  bool areAllOnThisMachine() const { return sources_.areAllOnThisMachine(); }  // what sources gave

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
  Result<std::vector<IceServer>> make(int call, int arm);
  void keepSupplied(Running& running);  // credentials were made for it just now
  void renew(int call, Running& running);
  void renewArm(std::size_t arm);  // its sources have fresh credentials
  void renewRest();                // all calls with TURN REST credentials
  void renewDue();
  void wakeAt(std::optional<Instant> due);

  Loop& loop_;
  const std::vector<TurnArm> arms_;
  const std::function<void(Renewed)> on_renewed_;
  ServerSources sources_;
  TurnServices services_;
  std::set<std::string> expired_;
  std::map<int, Running> running_;   // by call
  std::optional<Instant> wakes_at_;  // no later than the next is due
  Timer due_;
};

// When TURN REST credentials of the arm are made anew, after so long (renewAfter()). Absent: they
// need not be.
std::optional<Duration> renewalPeriod(const TurnArm& arm);

}  // namespace turnout
