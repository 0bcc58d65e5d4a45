// Asks one server: retransmits where packets get lost (RFC 8489 6.2), answers the challenge of a
// TURN server once and a stale nonce as often as a server may send one (9.2.5), and takes data that
// peers send through an allocation.
//
// Threads: the loop's. Handlers may ask again; they may not destroy the client.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/probe/probe_transport.h"
#include "pipelines/stun/stun_message.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace turnout {

// Of one request.
struct StunOutcome {
  std::optional<StunAnswer> answer;  // the last one
  int code = 0;                      // 0: success; STUN's, or kNoStunAnswer
  ServerFault fault = ServerFault::kNone;
  std::string text;         // the reason phrase, or the system's words
  bool was_signed = false;  // the request that was answered
  Duration first_answer{};  // until the first answer came, if one did
  Duration took{};          // until the last one, or until given up

  bool succeeded() const { return code == 0; }
};

class StunClient {
 public:
  using OnOutcome = std::function<void(const StunOutcome&)>;
  using OnData = std::function<void(const sockaddr_storage& peer, const Bytes& data)>;

  // The first pause before a request is sent again; each further one is twice as long. RFC 8489
  // 6.2.1 wants 500 ms of a client that does not know the round trip; browsers take this.
  static constexpr Duration kFirstPause = 250ms;

  StunClient(Loop& loop, std::unique_ptr<ProbeTransport> transport, const IceServer& server);

  // `on_outcome` comes once, from the loop, at the latest after `limit`.
  void ask(const StunRequest& request, Duration limit, OnOutcome on_outcome);
  // In the peer's channel if there is one, else in an indication.
  void sendData(const sockaddr_storage& peer, std::span<const std::uint8_t> data);
  void addChannel(std::uint16_t channel, const sockaddr_storage& peer) {
    channels_[channel] = peer;
  }
  void onData(OnData on_data) { on_data_ = std::move(on_data); }

 private:
  struct Transaction {
    StunRequest request;
    OnOutcome on_outcome;
    Instant began, deadline;
    StunOutcome outcome = {};
    int stale_nonces = 0;
    bool is_signed = false;
    ServerFault doubt = ServerFault::kNone;  // about a success that was not taken
    Bytes bytes = {};
    Duration pause = kFirstPause;
    Timer again = {}, end = {};
  };

  void send(Transaction transaction);
  void sendAgain(const StunId& id);
  void onMessage(std::span<const std::uint8_t> message);
  void noteDoubt(std::span<const std::uint8_t> message);
  void onAnswer(Transaction transaction, StunAnswer answer);
  bool mayAskAgain(Transaction& transaction, const StunAnswer& answer);
  void giveUp(const StunId& id, const TransportEnd& why);
  void onTransportEnd();

  Loop& loop_;
  std::unique_ptr<ProbeTransport> transport_;
  StunCodec codec_;
  const bool has_username_;
  OnData on_data_;
  std::map<StunId, Transaction> transactions_;
  std::map<std::uint16_t, sockaddr_storage> channels_;
  std::optional<TransportEnd> why_ended_;  // of the transport
  Timer end_;
};

}  // namespace turnout
