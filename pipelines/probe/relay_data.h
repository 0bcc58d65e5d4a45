// Data through allocations: an echo between two of them, one from outside, and a burst that measures
// what arrives.
//
// Threads: the loop's. Handlers come once, and may not destroy what they come from.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/probe/nat_probe.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/probe/turn_leg.h"
#include "pipelines/stun/udp_socket.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace turnout {

// Sent by one leg to the relayed address of the other, which sends it back. Both have permitted each
// other. What gets lost is sent again.
class DataEcho {
 public:
  // The round trip in ms; absent: nothing came back within `limit`.
  using OnDone = std::function<void(std::optional<double> echo_ms)>;

  DataEcho(Loop& loop, TurnLeg& near, TurnLeg& far, Duration limit, OnDone on_done);

 private:
  void send();
  void onEcho(const Bytes& data);
  void finish(std::optional<double> echo_ms);

  Loop& loop_;
  TurnLeg &near_, &far_;
  OnDone on_done_;
  std::map<std::string, Instant> sent_;  // each has another text: the round trip is that of one
  Timer again_, limit_;
};

// From a plain socket of this machine to a relay and back, as a peer without TURN would send: the
// one test that leaves the server, so that closed relay ports and a wrong external address show.
class OutsideEcho {
 public:
  // For the plain socket's own question to the server, and for the data.
  static constexpr Duration kBindingLimit = 400ms, kDataLimit = 1s;

  struct Result {
    std::optional<double> echo_ms;          // absent: nothing came back
    std::optional<IceServerOutcome> fault;  // the server refused this machine as a peer
    std::string error_text;                 // the system's, of sending
    std::string peer;                       // this machine's address as the server sees it
    bool is_udp_open = false;               // UDP from here to the server is known to work
    bool was_sent = false;                  // there is a socket of the relay's family
    bool got_in = false;                    // data came out of the relay at our other end
  };
  using OnDone = std::function<void(const Result&)>;

  // `leg` has an allocation. `limit` is for all of it.
  OutsideEcho(Loop& loop, TurnLeg& leg, const IceServer& server, std::string local_address,
              Duration limit, OnDone on_done);

 private:
  void askServer();
  void onServerAsked(const std::vector<BindingRound::Question>& answered);
  void permit(const sockaddr_storage& peer);
  void begin();
  void send();
  void onBack(std::span<const std::uint8_t> bytes);
  void finish();

  Loop& loop_;
  TurnLeg& leg_;
  const IceServer server_;
  const std::string local_address_;
  const Instant deadline_;
  OnDone on_done_;
  Result result_;
  std::unique_ptr<UdpSocket> socket_;
  std::optional<BindingRound> binding_;
  std::map<std::string, Instant> sent_;
  Timer again_, limit_, done_;
};

// A second of data at a fixed rate from one leg to the other.
class DataBurst {
 public:
  static constexpr std::size_t kPacketSize = 1100;  // bytes; fits any path, TURN's header included
  static constexpr int kPackets = 500;              // in kLength: 4.4 Mbit/s, a good 720p call
  static constexpr Duration kLength = 1s;
  static constexpr Duration kTail = 300ms;  // for what is still on its way

  using OnDone = std::function<void(const ProbeBurst&)>;

  DataBurst(Loop& loop, TurnLeg& from, TurnLeg& to, OnDone on_done);

 private:
  void sendDue();
  void onArrival();
  void finish();

  Loop& loop_;
  TurnLeg &from_, &to_;
  OnDone on_done_;
  const Instant began_;
  const Bytes packet_ = Bytes(kPacketSize);
  int sent_ = 0, arrived_ = 0;
  Instant first_arrival_, last_arrival_;
  Timer tick_, tail_;
};

}  // namespace turnout
