// The bot hosts of a run: as many as asked for, each dead one replaced (a few times). Bots go to
// the hosts with the fewest: those of a call to one host, or each to another one; in a lab to the host at
// their place, which has one.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/run/host_process.h"
#include "orchestrator/run/run_recorder.h"
#include "scenarios/scenario.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

class HostFleet : private HostProcess::Listener {
 public:
  static constexpr int kReplacements = 3;
  struct Config {
    std::string program;    // turnout-bot-host
    std::string directory;  // for host-N.log
    HostSetup setup;        // `host` is filled in
    Placement placement = Placement::kTogether;
    int count = 1;
    // In a lab: where each host is, in place of `count` and `placement`. Empty: in our own network.
    struct Place {
      int network = -1;                          // Subprocess::Config::network
      std::vector<std::string> local_addresses;  // in place of the setup's
    };
    std::vector<Place> places{};
    HostProcess::Limits limits{};
    int replacements = kReplacements;  // dead hosts that are replaced, over the whole run
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void onFleetReady() = 0;  // a host became ready
    virtual void onBotReport(const BotReport& report) = 0;
    virtual void onBotLost(int call, int bot) = 0;       // its host died
    virtual void onFleetFailed(const Error& error) = 0;  // no host works, or ever will
    virtual void onFleetGone() = 0;                      // after stop() or kill()
  };

  HostFleet(Loop& loop, Config config, EventSink& events, Listener& listener);

  Result<Done> start();
  bool isComplete() const;  // every host that is wanted is ready
  // All bots of one call; false: not enough hosts are ready now.
  bool assign(const std::vector<BotOrder>& orders);
  // The same in a lab: each bot to the place that is named for it.
  bool assignTo(const std::vector<std::size_t>& places, const std::vector<BotOrder>& orders);
  void tell(int call, const HostCommand& command);  // to each host that has a bot of the call
  void stop(milliseconds grace);
  void kill();

 private:
  enum class State { kRunning, kStopping };
  struct Member {
    std::size_t place = 0;  // of Config::places
    std::unique_ptr<HostProcess> process;
  };
  Result<Done> addHost(std::size_t place);
  void hand(HostProcess& host, const BotOrder& order);
  std::vector<HostProcess*> readyHosts() const;  // that with the fewest bots first
  void onHostReady(HostProcess& host) override;
  void onHostEvent(const Event& event, std::string_view line) override;
  void onHostBotReport(const BotReport& report) override { listener_.onBotReport(report); }
  void onHostFailed(HostProcess& host, const Error& error) override;
  void onHostExit(HostProcess& host, const std::string& how) override;
  void replace(std::size_t place, const std::string& death);
  void tellWhenGone();

  Loop& loop_;
  Config config_;
  EventSink& events_;
  Listener& listener_;
  State state_ = State::kRunning;
  int next_index_ = 0;
  std::vector<Member> hosts_;
  Timer told_gone_;
};

}  // namespace turnout
