// One way to a server and what was got there: a mapped address, and for TURN an allocation with its
// permissions, until it is released.
//
// Threads: the loop's. Handlers come from the loop, once each; they may not destroy the leg.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/probe/server_link.h"
#include "pipelines/probe/stun_client.h"

#include <functional>
#include <memory>
#include <optional>

namespace turnout {

class TurnLeg {
 public:
  using OnDone = std::function<void()>;

  // `setup.limit` is for all of start().
  TurnLeg(ServerLink::Setup setup, OnDone on_started);

  void start();  // from the loop
  // With its URL.
  const std::optional<IceServerOutcome>& fault() const { return fault_; }
  const ServerLink& link() const { return link_; }
  const std::optional<StunOutcome>& binding() const { return binding_; }
  const std::optional<StunOutcome>& allocation() const { return allocation_; }
  // As the server sees this leg; with an allocation.
  const std::optional<sockaddr_storage>& mapped() const { return allocation_->answer->mapped; }
  const sockaddr_storage& relayed() const { return *allocation_->answer->relayed; }

  // With an allocation. Absent: it is permitted; ports do not count (RFC 8656 9).
  using OnPermitted = std::function<void(const std::optional<IceServerOutcome>& fault)>;
  void permit(const sockaddr_storage& peer, Duration limit, OnPermitted on_permitted);
  // The same with a channel, in which data to and from that peer goes from then on (RFC 8656 12). One.
  void bindChannel(const sockaddr_storage& peer, Duration limit, OnPermitted on_bound);
  void send(const sockaddr_storage& peer, std::span<const std::uint8_t> data) {
    client_->sendData(peer, data);
  }
  void onData(StunClient::OnData on_data) { client_->onData(std::move(on_data)); }

  // Any time. The handler comes at once when there is nothing to release.
  void release(Duration limit, OnDone on_done);
  // Absent: there was nothing to release.
  const std::optional<bool>& isReleased() const { return is_released_; }

 private:
  void onLinked(std::unique_ptr<ProbeTransport> transport);
  void onBound(const StunOutcome& outcome);
  void onAllocated(const StunOutcome& outcome);
  void started();
  bool mayHoldAllocation() const;
  IceServerOutcome faultOf(ServerStage stage, const StunOutcome& outcome) const;
  IceServerOutcome faultOf(ServerStage stage, ServerFault fault) const;

  Loop& loop_;
  const IceServer server_;
  const Instant deadline_;
  OnDone on_started_;
  ServerLink link_;
  std::unique_ptr<StunClient> client_;
  bool has_asked_ = false;  // for an allocation
  std::optional<StunOutcome> binding_, allocation_;
  std::optional<IceServerOutcome> fault_;
  std::optional<bool> is_released_;
};

}  // namespace turnout
