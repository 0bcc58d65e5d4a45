// The servers of a run: a signaling server unless the user named one, and a coturn for each
// placeholder that the scenario uses. All start at once; one that dies later is an event, not the
// end of the run. Any of them can be killed and brought back on purpose. One that comes to a stand is an
// event too, and is killed when that lasts: a hung child of ours is no fault of a server under test.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/ice_servers/supply/turn_servers.h"
#include "orchestrator/run/run_recorder.h"
#include "orchestrator/services/coturn_process.h"
#include "orchestrator/services/signaling_process.h"
#include "pipelines/base/files.h"
#include "pipelines/lab/lab.h"

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace turnout {

class RunServices {
 public:
  struct Config {
    std::string turnout_program;
    std::string directory;      // for coturn's log
    std::string signaling_url;  // of a server that is there already; empty: start one
    SessionRules session;       // of the one that is started
    std::vector<Placeholder> turn_servers;
    const Lab* lab = nullptr;  // whose services they are; null: on loopback
  };
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void onServicesUp() = 0;  // once
    virtual void onServicesFailed(const Error& error) = 0;
    virtual void onServicesGone() = 0;  // after stop()
  };

  RunServices(Loop& loop, Config config, EventSink& events, Listener& listener);

  Result<Done> start();
  void stop();  // none has anything to lose: gone within some 100 ms

  // By name, as in ServiceStarted: dies at once, as expected.
  void kill(const std::string& service);
  // Once it is gone, another one starts at its address; `on_back` when that answers. One that does
  // not start is told of as a death that nobody expected.
  void revive(const std::string& service, std::function<void()> on_back);

  // Valid from onServicesUp on.
  const std::string& signalingUrl() const { return config_.signaling_url; }
  // What the certificate of a lab's signaling server is to be verified against; empty: it has none.
  const std::string& signalingCaFile() const { return signaling_certificate_.ca_file; }
  const TurnServices& turnServices() const { return turn_services_; }

 private:
  enum class State { kStarting, kUp, kStopping };
  struct Outage {                   // of a service that was killed
    std::function<void()> on_back;  // empty: it is to stay away
    Timer again;
  };
  Result<Done> startSignaling(const std::string& address);
  Result<std::string> signalingAddress();
  Result<Done> certifySignaling();
  Result<Done> startCoturn(Placeholder kind);
  void startAgain(const std::string& service);
  void onUp(const std::string& service, const std::string& address, pid_t pid);
  void onNotUp(const std::string& service, const Error& error);
  void onCoturnUp(Placeholder kind);
  void onStarted();
  void onExit(const std::string& service, const std::string& how);
  void tellGone();
  void tellStall(const std::string& service, const Stall& stall);
  Duration silenceOf(const std::string& service) const;
  void lookForTheHung();

  Loop& loop_;
  Config config_;
  EventSink& events_;
  Listener& listener_;
  State state_ = State::kStarting;
  std::size_t starting_ = 0;
  std::set<std::string> running_;  // by name
  std::map<std::string, Outage> outages_;
  std::map<std::string, std::string> hung_;  // by name: what it did not do any more
  std::unique_ptr<SignalingProcess> signaling_;
  std::optional<TempDir> certificates_;  // of a lab's
  LoopbackCertificate signaling_certificate_;
  std::map<Placeholder, std::unique_ptr<CoturnProcess>> coturns_;
  TurnServices turn_services_;
  Timer looks_;
  Timer told_;  // what is told from the loop, not from within a call of the listener
};

}  // namespace turnout
