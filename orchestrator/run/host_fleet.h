// The bot hosts of a run: as many as asked for, each dead one replaced (a few times), each call
// given to the one with the fewest.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/run/event_sink.h"
#include "orchestrator/run/host_process.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

class HostFleet : private HostProcess::Listener {
 public:
  struct Config {
    std::string program;    // turnout-bot-host
    std::string directory;  // for host-N.log
    HostSetup setup;        // `host` is filled in
    int count = 1;
    int replacements = 3;  // dead hosts that are replaced, over the whole run
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void onFleetReady() = 0;                     // a host became ready
    virtual void onCallEnded(int call) = 0;              // on its host
    virtual void onCallLost(int call) = 0;               // its host died
    virtual void onFleetFailed(const Error& error) = 0;  // no host works, or ever will
    virtual void onFleetGone() = 0;                      // after stop() or kill()
  };

  HostFleet(Loop& loop, Config config, EventSink& events, Listener& listener);

  Result<Done> start();
  bool isComplete() const;                    // every host that is wanted is ready
  bool assign(const CallOrder& order);        // false: no host is ready now
  void renew(const ServersForCall& servers);  // nothing if the call has ended
  void stop(milliseconds grace);
  void kill();

 private:
  enum class State { kRunning, kStopping };
  Result<Done> addHost();
  void onHostReady(HostProcess& host) override;
  void onHostEvent(const Event& event, std::string_view line) override;
  void onHostCallEnded(int call) override;
  void onHostFailed(HostProcess& host, const Error& error) override;
  void onHostExit(HostProcess& host, const std::string& how) override;
  void replace(const std::string& death);
  void tellWhenGone();

  Loop& loop_;
  Config config_;
  EventSink& events_;
  Listener& listener_;
  State state_ = State::kRunning;
  int next_index_ = 0;
  std::vector<std::unique_ptr<HostProcess>> hosts_;
  Timer told_gone_;
};

}  // namespace turnout
