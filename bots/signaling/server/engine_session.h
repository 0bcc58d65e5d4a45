// One Engine.IO session as the server sees it, whatever carries it: what to answer to a poll, a
// post, a WebSocket frame, or to nothing at all. Pure: the caller passes time in and carries the
// actions out, in order. After Closed the session takes no more input.
//
//   phase       packets to the client go      leaves by
//   kPolling    in answers to polls           a WebSocket arrives -> kOffered
//   kOffered    in answers to polls           "2probe" -> kProbing; its end -> kPolling
//   kProbing    in answers to polls; a poll   "5" -> kWebSocket; its end or upgrade_timeout ->
//               waits at most 100 ms          kPolling
//   kWebSocket  as frames                     its end -> kClosed
//   kClosed     nowhere
// Any phase ends in kClosed by a close packet, a malformed one, a ping without pong, or a client
// that does not read.
#pragma once

#include "bots/signaling/wire/engine_io.h"
#include "pipelines/base/clock.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

class EngineSession {
 public:
  enum class Transport { kPolling, kWebSocket };
  static constexpr const char* kGoodbye = "client closed";  // the only orderly end by the client

  struct Options {
    milliseconds ping_interval{25000};
    milliseconds ping_timeout{20000};
    milliseconds upgrade_timeout{10000};
    milliseconds first_message_timeout{45000};  // a client that opens and never speaks
    std::size_t max_payload = 1'000'000;        // bytes of one message or post
    std::size_t max_unread = 16 << 20;          // bytes sent to a client that does not read
  };

  struct AnswerPoll {  // the poll that waits
    std::string body;
  };
  struct SendFrame {  // on the WebSocket of the session, or on one that still probes
    EnginePacket packet;
  };
  struct Deliver {  // a message for the layer above
    EnginePacket packet;
  };
  struct DropWebSocket {};
  struct Closed {
    std::string why;
  };
  using Action = std::variant<AnswerPoll, SendFrame, Deliver, DropWebSocket, Closed>;
  using Actions = std::vector<Action>;

  EngineSession(std::string sid, Transport start, const Options& options, Instant at);

  // The handshake: for a polling start it waits for the first poll.
  void open(Instant at, Actions& out);

  // False: the request is against the protocol; answer 400. The session may have closed by it.
  bool poll(Instant at, Actions& out);
  bool post(std::string_view body, Instant at, Actions& out);
  bool offerWebSocket(Instant at);

  void frame(const EnginePacket& packet, Instant at, Actions& out);
  void malformedFrame(Actions& out);
  void webSocketGone(Actions& out);

  void send(EnginePacket packet, Actions& out);
  void close(const std::string& why, Actions& out);

  Instant deadline() const;  // when onTime() is due; Instant::max() once closed
  void onTime(Instant at, Actions& out);

  const std::string& sid() const { return sid_; }
  bool isClosed() const { return phase_ == Phase::kClosed; }
  std::size_t unread() const { return unread_; }  // bytes sent and not proved read

 private:
  enum class Phase { kPolling, kOffered, kProbing, kWebSocket, kClosed };

  void receive(EnginePacket packet, Instant at, Actions& out);
  void probe(const EnginePacket& packet, Instant at, Actions& out);
  void upgrade(Actions& out);
  void abandonUpgrade(Actions& out);
  void ping(Instant at, Actions& out);
  void flushPoll(Actions& out);

  const std::string sid_;
  const Options options_;
  Phase phase_;
  std::vector<EnginePacket> buffer_;  // for the next poll
  bool poll_waits_ = false;
  std::size_t unread_ = 0;             // bytes sent and not proved read
  std::size_t unread_after_ping_ = 0;  // of these, those sent after the ping that is out

  std::optional<Instant> ping_at_, pong_due_;  // exactly one, until closed
  std::optional<Instant> first_message_due_;
  std::optional<Instant> upgrade_due_;
  std::optional<Instant> release_poll_at_;
};

}  // namespace turnout
