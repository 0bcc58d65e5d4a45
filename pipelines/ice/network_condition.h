// What the network does to one peer: made for a test, without rights, and lifted again. A value.
//
// A black hole takes every packet (media, STUN, TURN, DTLS). Loss takes each packet with the same
// probability, by chance of the seed: the n-th packet of a direction meets the same fate in every
// run. Taken packets are gone: none arrives later.
// TURN over TCP or TLS: what is taken are whole messages inside the stream, so neither end sees a
// reset or a close; loss takes media only there, because TCP itself repeats what a network loses;
// and a connection that is wanted during a black hole is made after it, as SYNs are repeated.
#pragma once

#include <cstdint>

namespace turnout {

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
