// Where packets of one ICE generation are let through or taken, as a NetworkCondition says. Every
// datagram passes it at its socket (socket_hook.h), every message of a TURN stream in its splice.
// It also ends what libnice has no limit for: a server that calls every nonce of a permission,
// binding or refresh stale is not answered for ever.
//
// Threads: any. What is set holds for the next packet that asks.
#pragma once

#include "pipelines/base/random.h"
#include "pipelines/ice/hooks/turn_answer.h"
#include "pipelines/ice/network_condition.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <span>
#include <utility>

namespace turnout {

class PacketGate {
 public:
  enum class Way { kOut, kIn };
  enum class Carrier { kDatagram, kStream };

  // On the thread that reads the packet, maybe under libnice's lock: it may not call libnice.
  using OnRefusal = std::function<void(const TurnAnswer&)>;

  // `stream`: which of the independent chances of one seed are this gate's. `on_refusal`: the first
  // time that a TURN server refuses a permission; may be empty.
  explicit PacketGate(std::uint64_t stream, OnRefusal on_refusal = {})
      : stream_(stream), on_refusal_(std::move(on_refusal)) {}

  void set(const NetworkCondition& condition);  // begins the chances of its seed anew
  void closeForEver();                          // set() has no effect any more

  // True when the packet is to be dropped now. Its first kHead bytes suffice.
  static constexpr std::size_t kHead = 64;  // with the ERROR-CODE of any server we know
  bool takes(Way way, std::span<const std::uint8_t> packet, Carrier carrier);
  bool isClosed(Way way) const;  // a black hole

 private:
  bool isOneTooMany(const TurnAnswer& answer);

  struct Link {
    LinkCondition condition;
    Random chance{0};
  };
  Link& of(Way way) { return links_[way == Way::kOut ? 0 : 1]; }

  const std::uint64_t stream_;
  const OnRefusal on_refusal_;
  std::atomic<bool> has_refused_{false};
  std::atomic<int> retries_{0};      // asked for in a row
  std::atomic<bool> is_open_{true};  // both ways, to everything
  mutable std::mutex mutex_;
  bool is_dead_ = false;
  std::array<Link, 2> links_;
};

// RTP or RTCP, bare (RFC 7983 7) or in ChannelData (RFC 8656 12.4). Those of the first moment of a
// relayed path, which go in Send and Data indications, are not recognised.
bool isMediaPacket(std::span<const std::uint8_t> packet);

}  // namespace turnout
