// What an ICE agent is told: its profile, servers and addresses, how it leaves, and what the network
// does to it. Values without machinery, so that plans need no agent.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/ice/ice_server.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

enum class Nomination {
  kAggressive,  // every check nominates (RFC 5245 8.1.1.2): what libwebrtc effectively does
  kRegular,     // nominate after checks have settled (RFC 8445 8.1.1): webrtcbin's fixed choice
};

// How an agent behaves in time. Two named sets exist so that figures can be compared; every result
// names the one that made it.
struct IceProfile {
  std::string name;
  Nomination nomination = Nomination::kAggressive;
  milliseconds pacing{5};      // Ta: one STUN request per Ta; RFC 8445 14.2 forbids less than 5 ms
  milliseconds stun_rto{500};  // of requests to servers: the first retransmission, RFC 8489 6.2.1
  bool consent_freshness = false;
  milliseconds idle_timeout{1500};  // checks over and nothing valid for so long: failed
  milliseconds jitter_buffer{0};    // 0: packets are counted, not buffered
};

// "fast": as little of the tool's own waiting as ICE allows; "browser": timers like libwebrtc's.
std::optional<IceProfile> iceProfile(std::string_view name);

struct IceConfig {
  IceProfile profile;
  bool relay_only = false;                   // RTCIceTransportPolicy "relay"
  std::vector<IceServer> servers;            // in order of preference
  std::vector<std::string> local_addresses;  // literals to bind to; empty: all interfaces
};

// How the end of a connection looks to its servers.
enum class Leave {
  kClean,   // TURN allocations are released (Refresh with lifetime 0, RFC 8656 section 8)
  kAbrupt,  // nothing is sent: a tab kill or page refresh
};

// What the network does to one peer, for a test: needs no rights, and can be lifted again.
//
// A black hole drops every packet (media, STUN, TURN, DTLS). Loss drops each packet with the same
// probability, by chance of the seed: the n-th packet of a direction meets the same fate in every
// run. Dropped packets are gone: none arrives later.
// TURN over TCP or TLS: whole messages inside the stream are dropped, so neither end sees a
// reset or a close; loss drops media only there, because TCP itself repeats what a network loses;
// and a connection that is wanted during a black hole is made after it, as SYNs are repeated.
struct PacketLoss {
  enum class Of { kMedia, kEverything };  // kMedia: RTP and RTCP (RFC 7983), relayed or not
  double percent = 0;                     // 0..100
  Of of = Of::kMedia;

  bool operator==(const PacketLoss&) const = default;
};

struct LinkCondition {  // of one direction
  bool black_hole = false;
  PacketLoss loss;

  bool operator==(const LinkCondition&) const = default;
};

struct NetworkCondition {
  LinkCondition outgoing, incoming;  // as the peer sees it
  std::uint64_t seed = 1;            // of the losses

  static NetworkCondition blackHole() { return {{true, {}}, {true, {}}, 1}; }
  bool operator==(const NetworkCondition&) const = default;
};

}  // namespace turnout
