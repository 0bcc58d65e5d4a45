// Lets packets of one ICE generation through, or drops them as a NetworkCondition says. Every
// datagram passes it at its socket (GateForNewSockets), every message of a TURN stream in its splice.
// It also ends what libnice has no limit for: a server that calls every nonce of a permission,
// binding or refresh stale is not answered for ever.
//
// Threads: any. What is set holds for the next packet that asks.
#pragma once

#include "pipelines/base/random.h"
#include "pipelines/ice/hooks/request_budget.h"
#include "pipelines/ice/ice_config.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

namespace turnout {

// What a TURN server answers to the requests that libnice makes once it has an allocation, which it
// keeps to itself: Refresh, CreatePermission, ChannelBind (RFC 8656 8, 9, 12).
struct TurnAnswer {
  ServerStage stage = ServerStage::kAllocate;  // kAllocate: Refresh; kPermission; kChannel
  int error_code = 0;                          // 0: done
  std::string reason{};                        // empty: none given, or cut off

  // The client is to ask again, with what comes along (RFC 8489 9.2.5).
  bool isRetried() const { return error_code == 401 || error_code == 438; }
};

// Nothing: another packet. `packet` may be cut off: what lies behind its end is not seen.
std::optional<TurnAnswer> turnAnswer(std::span<const std::uint8_t> packet);

class PacketGate {
 public:
  enum class Way { kOut, kIn };
  enum class Carrier { kDatagram, kStream };

  // On the thread that reads the packet, maybe under libnice's lock: it may not call libnice.
  using OnRefusal = std::function<void(const TurnAnswer&)>;

  // `stream`: which of the independent chances of one seed are this gate's. `on_refusal`: the first
  // time that a TURN server refuses a permission; may be empty. `budget`: what counts the requests
  // that pass; may be null.
  explicit PacketGate(std::uint64_t stream, OnRefusal on_refusal = {},
                      std::shared_ptr<RequestBudget> budget = nullptr)
      : stream_(stream), on_refusal_(std::move(on_refusal)), budget_(std::move(budget)) {}

  void set(const NetworkCondition& condition);  // begins the chances of its seed anew
  void closeForEver();                          // set() has no effect any more

  // True when the packet is to be dropped now. Its first kHead bytes suffice.
  static constexpr std::size_t kHead = 64;  // with the ERROR-CODE of any server we know
  // `server`: the name of the server that it comes from or goes to, asked for only when needed. Who
  // refuses a channel relays nothing more: browsers give such a path up, libnice would go on without.
  using ServerName = std::function<std::string()>;
  bool drops(Way way, std::span<const std::uint8_t> packet, Carrier carrier,
             const ServerName& server = nullptr);
  bool isClosed(Way way) const;  // a black hole
  RequestBudget* budget() const { return budget_.get(); }

 private:
  bool isOneTooMany(const TurnAnswer& answer);
  bool isGivenUp(const std::string& server) const;

  struct Link {
    LinkCondition condition;
    Random chance{0};
  };
  Link& of(Way way) { return links_[way == Way::kOut ? 0 : 1]; }

  const std::uint64_t stream_;
  const OnRefusal on_refusal_;
  const std::shared_ptr<RequestBudget> budget_;
  std::array<std::atomic<bool>, 2> has_refused_{};  // a permission, a channel
  std::atomic<int> retries_{0};                     // asked for in a row
  std::atomic<bool> is_open_{true};                 // both ways, to everything
  std::atomic<bool> has_given_up_{false};
  mutable std::mutex mutex_;
  std::set<std::string> given_up_;  // servers
  bool is_dead_ = false;
  std::array<Link, 2> links_;
};

// RTP or RTCP, bare (RFC 7983 7) or in ChannelData (RFC 8656 12.4). Those of the first moment of a
// relayed path, which go in Send and Data indications, are not recognised.
bool isMediaPacket(std::span<const std::uint8_t> packet);

// Puts a gate in front of libnice's UDP sockets: those that this thread makes in the life of the
// object get it, and keep it. A dropped packet counts as sent; a received one is read and
// forgotten. TCP sockets have no gate: dropping bytes of a stream would break its framing
// (turn_splice.h). Three functions of GIO are interposed: g_socket_new, g_socket_send_message and
// g_socket_receive_message.
class GateForNewSockets {
 public:
  explicit GateForNewSockets(const std::shared_ptr<PacketGate>& gate);
  ~GateForNewSockets();
  GateForNewSockets(const GateForNewSockets&) = delete;
  GateForNewSockets& operator=(const GateForNewSockets&) = delete;
};

}  // namespace turnout
