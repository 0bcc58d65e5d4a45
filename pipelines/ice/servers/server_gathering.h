// The STUN and TURN servers of one generation: names looked up, TCP and TLS put behind splices,
// what libnice is given, and what became of each server.
//
// Threads: any, but destroyed on the control thread, and only after libnice is done with the
// generation: its last messages (allocations being released) go through the splices.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/ice/hooks/check_hooks.h"
#include "pipelines/ice/hooks/packet_gate.h"
#include "pipelines/ice/hooks/server_watch.h"
#include "pipelines/ice/ice_event.h"
#include "pipelines/ice/servers/server_connection.h"
#include "pipelines/ice/servers/server_outcomes.h"
#include "pipelines/ice/servers/turn_splice.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

class ServerGathering : public std::enable_shared_from_this<ServerGathering> {
 public:
  struct Endpoint {
    std::string address;  // a literal
    std::uint16_t port = 0;
  };
  struct Relay {  // one entry of libnice's list
    Endpoint endpoint;
    bool is_stream = false;  // TURN over TCP
    std::string username;    // labelled
    Secret credential;
  };

  // Look-ups start at once, so that they are mostly done by the time gathering begins.
  static std::shared_ptr<ServerGathering> create(LoopThread& control, const IceConfig& config,
                                                 std::shared_ptr<PacketGate> gate,
                                                 ServerOutcomes::OnOutcome on_outcome);

  // Calls `ready` when every name is an address or has failed: on this thread if that is so
  // already, else on the control thread.
  void begin(std::function<void()> ready);
  // From then on:
  std::optional<Endpoint> stunServer() const;
  std::vector<Relay> relays() const;  // in order of preference
  // Completes what only the servers know: relay_protocol and url.
  void describe(IceCandidateInfo& candidate, std::size_t relay_index) const;
  void onCandidate(const IceCandidateInfo& candidate);
  bool isComplete() const { return ledger_->outcomes.isComplete(); }  // nothing is waited for
  std::optional<Instant> began() const { return ledger_->outcomes.began(); }
  const std::shared_ptr<CheckTimes>& checkTimes() const { return ledger_->check_times; }
  void finish();  // gathering is done: a server that has not answered will not

 private:
  struct Ledger {  // what the hooks' callbacks share
    Ledger(const std::vector<IceServer>& servers, ServerOutcomes::Failures failures,
           ServerOutcomes::OnOutcome on_outcome)
        : outcomes(servers, failures, std::move(on_outcome)) {}
    ServerOutcomes outcomes;
    MappedAddresses mapped;
    std::shared_ptr<CheckTimes> check_times = std::make_shared<CheckTimes>();
    std::optional<std::size_t> stun = std::nullopt;  // index of the STUN server that is asked
    void lookForMapped();
    void hear(double rtt_ms);  // how far away some server is
  };
  struct Entry {        // one address of a TURN server
    IceServer server;   // who is asked: at first as configured
    std::size_t index;  // in the ledger
    std::unique_ptr<AllocateWatch> watch{};
    std::vector<std::unique_ptr<TurnSplice>> splices{};  // of TCP and TLS; the last is in use
    std::string address{};                               // empty: not known (yet)
    std::set<std::string> asked{};                       // alternates, "ip:port"
  };
  using Entries = std::vector<std::shared_ptr<Entry>>;

  ServerGathering(LoopThread& control, const IceConfig& config, std::shared_ptr<PacketGate> gate,
                  ServerOutcomes::OnOutcome on_outcome);
  void plan(bool relay_only);
  void planStun(std::size_t server, bool relay_only);
  void planTurn(std::size_t server);
  void watch(const std::shared_ptr<Entry>& entry);
  Result<Done> splice(Entry& entry, const std::string& address);
  void findAddress(std::size_t server);
  void onAddresses(std::size_t server, const HostAddresses& addresses);
  void fail(std::size_t server, ServerStage stage, ServerFault fault, std::string text = {});
  std::optional<sockaddr_storage> redirect(Entry& entry, const AlternateServer& alternate);
  void onLookedUp();
  Duration waitForBudget();  // before anything is asked (request_budget.h)
  void countRequestsTo(const std::string& literal, const IceServer& server) const;
  bool isSameEndpointPlanned(const IceServer& server) const;
  Entries usable() const;  // with mutex_ held

  LoopThread& control_;
  const std::vector<IceServer> servers_;
  const std::vector<GSocketFamily> families_;  // of the local addresses; empty: all
  const std::string local_address_;            // when there is one only, else empty
  const std::shared_ptr<PacketGate> gate_;
  const std::shared_ptr<Ledger> ledger_;
  std::optional<BindingWatch> binding_watch_;

  mutable std::mutex mutex_;
  Entries entries_;  // in order of preference
  std::string stun_address_;
  unsigned lookups_ = 0;  // under way, or the wait
  std::function<void()> ready_;
  Timer wait_;
};

}  // namespace turnout
