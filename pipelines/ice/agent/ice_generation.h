// One ICE generation: one NiceAgent with one stream of one component, its sockets and allocations.
// A restart makes a new one beside the old (make before break). When the last holder lets go, the
// agent is closed in the background, on the control thread.
//
// Threads: any; libnice locks for itself. Call nothing here with a lock held that a handler may
// want: nice_agent_* runs, on the caller's thread, signals that other threads have queued.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/signal.h"
#include "pipelines/ice/agent/ice_credentials.h"
#include "pipelines/ice/agent/ice_threads.h"
#include "pipelines/ice/agent/receive_path.h"
#include "pipelines/ice/hooks/check_hooks.h"
#include "pipelines/ice/hooks/packet_gate.h"
#include "pipelines/ice/ice_event.h"
#include "pipelines/ice/servers/server_gathering.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nice/agent.h>

namespace turnout {

class IceGeneration {
 public:
  struct Handlers {  // on the control thread, or on the one that calls libnice; must not block
    std::function<void(const NiceCandidate&, const std::string& line)> on_candidate;
    std::function<void()> on_gathering_done;
    std::function<void(IceConnectionState)> on_state;
    std::function<void(const NiceCandidate& local, const NiceCandidate& remote)> on_pair;
  };
  struct Setup {
    unsigned number = 0;
    const IceConfig& config;
    bool controlling = false;
    int type_of_service = -1;  // -1: the system's
    LoopThread& control;
    std::shared_ptr<LiveAgents::Token> live;
    std::shared_ptr<ReceivePath> receive_path;
    std::shared_ptr<PacketGate> gate;          // in front of all its sockets
    std::shared_ptr<ServerGathering> servers;  // handed over
  };

  IceGeneration(const Setup& setup, Handlers handlers);
  ~IceGeneration();
  IceGeneration(const IceGeneration&) = delete;
  IceGeneration& operator=(const IceGeneration&) = delete;

  struct Way {  // of what its sockets receive
    std::shared_ptr<ReceivePath> path;
    unsigned generation = 0;
  };

  unsigned number() const { return way_->generation; }
  IceCredentials localCredentials() const;
  void setLocalCredentials(const IceCredentials& credentials);
  void setRemoteCredentials(const IceCredentials& credentials);
  void setControlling(bool on);
  void setTypeOfService(int tos);
  ServerGathering& servers() { return *servers_; }
  bool gather();  // once servers().begin() has called back
  // From when on packets are handed to the receive path, on that thread. Not before gather()
  // returned: the first packets wait in the kernel.
  void receiveOn(LoopThread& thread);
  bool isReceiving() const { return receives_on_ != nullptr; }
  void addRemoteCandidate(const char* line);  // null: end of candidates
  void send(const void* data, std::size_t size);
  void stopCheckingSoon();  // the agent has what it wants: let its check timer end
  PacketGate& gate() { return *gate_; }
  void setLeave(Leave leave) { leave_ = leave; }

 private:
  void connectSignals(Handlers handlers);

  LoopThread& control_;
  const std::shared_ptr<LiveAgents::Token> live_;
  const std::shared_ptr<const Way> way_;
  const std::shared_ptr<PacketGate> gate_;
  std::shared_ptr<ServerGathering> servers_;
  Ref<NiceAgent> agent_;
  guint stream_ = 0;
  std::vector<SignalConnection> signals_;
  std::optional<CheckTimer> check_timer_;  // of the local credentials
  std::atomic<LoopThread*> receives_on_{nullptr};
  std::atomic<bool> is_asking_{false};  // servers, since gather()
  std::atomic<Leave> leave_{Leave::kClean};
};

// libnice's candidates, addresses and states as values of ours.
std::string addressText(const NiceAddress& address);  // "ip:port"
IceConnectionState toConnectionState(NiceComponentState state);

// Without what only the servers know (ServerGathering::describe).
IceCandidateInfo candidateInfo(const NiceCandidate& candidate);
// A local relay candidate's position in the list of servers libnice was given.
std::size_t relayIndex(const NiceCandidate& candidate);

}  // namespace turnout
