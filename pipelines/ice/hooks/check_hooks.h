// libnice's connectivity checks sent as browsers send them: repeated no sooner than a round trip, and
// without waiting for a relay's permission. Functions of libnice are interposed (interposition.h): the
// one that makes a check, which names the agent by its user-name fragment, the one that starts its
// timer right after, and the one that finishes a message. Any thread.
#pragma once

#include "pipelines/ice/ice_server.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace turnout {

// Of one generation of one agent.
struct CheckTimes {
  std::atomic<double> slowest_server_ms{0};  // round trip
  std::atomic<unsigned> checks{0};           // that were made
};

// While it lives, checks with this local ufrag wait as these times say before they are sent again: at
// least what RFC 8445 14.3 says, and longer than a round trip over the servers that the agent has
// measured. libnice takes 500 ms for all; a check that is overtaken by a triggered one is forgotten
// at its next retransmission, so that on a path that is slower than that two agents forget each
// other's answers for ever.
class CheckTimer {
 public:
  CheckTimer(std::string ufrag, std::shared_ptr<CheckTimes> times);
  ~CheckTimer();
  CheckTimer(const CheckTimer&) = delete;
  CheckTimer& operator=(const CheckTimer&) = delete;

 private:
  const std::string ufrag_;
};

// The first retransmission of a check, in ms, where libnice wants it after `wanted`.
unsigned checkTimeout(unsigned wanted, double slowest_server_ms, unsigned checks_before);

// What is to be sent behind this packet, over the same way; once. Mostly nothing; behind a
// CreatePermission request the first packet to its peer, as libwebrtc sends it: the server has the
// permission by then. libnice holds it back until the answer is there, which makes every relayed call
// a round trip slower; its copy follows all the same, so a server that refused or lost the request
// costs nothing. Over UDP it goes twice more soon after, as the other end's permission may be a moment
// behind ours. (libnice finishes the Send indication first and then, within the same call, the
// request that it is to wait for.)
std::vector<std::uint8_t> takeEarlyIndication(std::span<const std::uint8_t> packet);

// In its life the Allocate requests that this thread finishes ask for a relay of that address family
// (REQUESTED-ADDRESS-FAMILY, RFC 8656 18.6), which libnice does not know.
class AskForRelayFamily {
 public:
  explicit AskForRelayFamily(RelayFamily family);
  ~AskForRelayFamily();
  AskForRelayFamily(const AskForRelayFamily&) = delete;
  AskForRelayFamily& operator=(const AskForRelayFamily&) = delete;
};

}  // namespace turnout
