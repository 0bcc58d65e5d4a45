// TURN over TLS for a libnice that has none (its "TLS" is plain text, and servers answer that too),
// and TURN over TCP with a gate, which drops whole messages: a listener on loopback whose
// connections are carried to the server. libnice is told to use TURN over TCP to that listener. One
// per generation and server, so that what fails is known.
//
// Threads: construct anywhere, start() and destroy on the control thread; callbacks come there.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/signal.h"
#include "pipelines/ice/hooks/packet_gate.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace turnout {

class TurnSplice {
 public:
  // The first thing that went wrong on the way to the server.
  using OnFailure = std::function<void(const IceServerOutcome&)>;
  struct Setup {
    Loop& control;
    IceServer server;           // over TLS, the certificate is to be for its host
    std::string name;           // whose requests are counted
    std::string address;        // a literal that is connected to; empty: the host's addresses
    GSocketFamily family;       // of the listener: a host candidate can reach its own family only
    std::string local_address;  // a literal that connections to the server come from; empty: any
    std::shared_ptr<PacketGate> gate;
    OnFailure on_failure;
  };

  // Listens at once; connections wait in the kernel until start().
  static Result<std::unique_ptr<TurnSplice>> listen(Setup setup);
  ~TurnSplice();
  TurnSplice(const TurnSplice&) = delete;
  TurnSplice& operator=(const TurnSplice&) = delete;

  const std::string& address() const { return address_; }  // loopback, as a literal
  std::uint16_t port() const { return port_; }
  void start();
  // Name, TCP or TLS: what a connection waits for; kNone: none does. Any thread.
  ServerStage pending() const;

 private:
  struct Route;  // what its connections share, and may outlive it by a moment
  class Leg;     // one connection
  class Pump;    // one way of it

  explicit TurnSplice(std::shared_ptr<Route> route);

  std::shared_ptr<Route> route_;
  Ref<GSocketService> service_;
  SignalConnection incoming_;
  std::string address_;
  std::uint16_t port_ = 0;
};

}  // namespace turnout
