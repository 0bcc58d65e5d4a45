#include "bots/signaling/server/engine_session.h"

#include "pipelines/base/result.h"

#include <algorithm>

namespace turnout {
namespace {

// How long a poll may wait while a WebSocket probes: the client needs it back before it can upgrade
// and asks again at once, so an immediate answer would make it spin.
constexpr auto kProbingPollWait = 100ms;

bool isProbe(const EnginePacket& packet) {
  return packet.type == EnginePacketType::kPing && packet.data == "probe";
}

}  // namespace

EngineSession::EngineSession(std::string sid, Transport start, const Options& options, Instant at)
    : sid_(std::move(sid)),
      options_(options),
      phase_(start == Transport::kPolling ? Phase::kPolling : Phase::kWebSocket),
      ping_at_(at + options.ping_interval),
      first_message_due_(at + options.first_message_timeout) {}

void EngineSession::open(Instant, Actions& out) {
  EngineHandshake handshake;
  handshake.sid = sid_;
  if (phase_ == Phase::kPolling)
    handshake.upgrades = {"websocket"};
  handshake.ping_interval = options_.ping_interval;
  handshake.ping_timeout = options_.ping_timeout;
  handshake.max_payload = options_.max_payload;
  send({EnginePacketType::kOpen, encodeEngineHandshake(handshake)}, out);
}

bool EngineSession::poll(Instant at, Actions& out) {
  if (phase_ == Phase::kClosed || phase_ == Phase::kWebSocket)
    return false;
  if (poll_waits_) {
    close("two polls at once", out);
    return false;
  }
  poll_waits_ = true;
  if (phase_ == Phase::kProbing)
    release_poll_at_ = at + kProbingPollWait;
  flushPoll(out);
  return true;
}

bool EngineSession::post(std::string_view body, Instant at, Actions& out) {
  if (phase_ == Phase::kClosed || phase_ == Phase::kWebSocket)
    return false;
  auto packets = decodeEnginePayload(body);
  if (!packets) {
    close(packets.error().what, out);
    return false;
  }
  for (auto& packet : *packets)
    receive(std::move(packet), at, out);
  return true;
}

bool EngineSession::offerWebSocket(Instant at) {
  if (phase_ != Phase::kPolling)
    return false;
  phase_ = Phase::kOffered;
  upgrade_due_ = at + options_.upgrade_timeout;
  return true;
}

void EngineSession::frame(const EnginePacket& packet, Instant at, Actions& out) {
  switch (phase_) {
    case Phase::kOffered:
    case Phase::kProbing:
      probe(packet, at, out);
      return;
    case Phase::kWebSocket:
      receive(packet, at, out);
      return;
    case Phase::kPolling:
    case Phase::kClosed:
      return;  // a frame that was under way when the socket was dropped
  }
}

void EngineSession::malformedFrame(Actions& out) {
  if (phase_ == Phase::kWebSocket)
    close("malformed frame", out);
  else
    abandonUpgrade(out);
}

void EngineSession::webSocketGone(Actions& out) {
  if (phase_ == Phase::kWebSocket)
    close("transport closed", out);
  else
    abandonUpgrade(out);
}

void EngineSession::probe(const EnginePacket& packet, Instant at, Actions& out) {
  if (phase_ == Phase::kOffered && isProbe(packet)) {
    phase_ = Phase::kProbing;
    if (poll_waits_)
      release_poll_at_ = at;
    out.emplace_back(SendFrame{{EnginePacketType::kPong, "probe"}});
    onTime(at, out);
  } else if (phase_ == Phase::kProbing && packet.type == EnginePacketType::kUpgrade) {
    upgrade(out);
  } else {
    abandonUpgrade(out);
  }
}

void EngineSession::upgrade(Actions& out) {
  if (poll_waits_) {
    buffer_.push_back({EnginePacketType::kNoop, ""});
    flushPoll(out);
  }
  phase_ = Phase::kWebSocket;
  upgrade_due_.reset();
  release_poll_at_.reset();
  for (auto& packet : std::exchange(buffer_, {}))
    out.emplace_back(SendFrame{std::move(packet)});
}

void EngineSession::abandonUpgrade(Actions& out) {
  if (phase_ != Phase::kOffered && phase_ != Phase::kProbing)
    return;
  phase_ = Phase::kPolling;
  upgrade_due_.reset();
  release_poll_at_.reset();
  out.emplace_back(DropWebSocket{});
}

void EngineSession::receive(EnginePacket packet, Instant at, Actions& out) {
  if (phase_ == Phase::kClosed)
    return;
  switch (packet.type) {
    case EnginePacketType::kPong:
      if (pong_due_) {
        pong_due_.reset();
        ping_at_ = at + options_.ping_interval;
        unread_ = std::exchange(unread_after_ping_, 0);
      }
      return;
    case EnginePacketType::kMessage:
      first_message_due_.reset();
      out.emplace_back(Deliver{std::move(packet)});
      return;
    case EnginePacketType::kClose:
      close(kGoodbye, out);
      return;
    case EnginePacketType::kOpen:
    case EnginePacketType::kPing:
    case EnginePacketType::kUpgrade:
    case EnginePacketType::kNoop:
      close("packet out of place", out);
      return;
  }
}

void EngineSession::send(EnginePacket packet, Actions& out) {
  if (phase_ == Phase::kClosed)
    return;
  unread_ += packet.data.size();
  unread_after_ping_ += packet.data.size();
  if (unread_ > options_.max_unread) {
    close("client does not read", out);
    return;
  }
  if (phase_ == Phase::kWebSocket) {
    out.emplace_back(SendFrame{std::move(packet)});
    return;
  }
  buffer_.push_back(std::move(packet));
  flushPoll(out);
}

void EngineSession::flushPoll(Actions& out) {
  if (!poll_waits_ || buffer_.empty())
    return;
  std::size_t size = 0;
  auto end = buffer_.begin();
  for (; end != buffer_.end(); ++end) {
    size += end->data.size() + 2;
    if (size > options_.max_payload && end != buffer_.begin())
      break;
  }
  out.emplace_back(AnswerPoll{encodeEnginePayload({buffer_.begin(), end})});
  buffer_.erase(buffer_.begin(), end);
  poll_waits_ = false;
  release_poll_at_.reset();
}

void EngineSession::close(const std::string& why, Actions& out) {
  if (phase_ == Phase::kClosed)
    return;
  if (poll_waits_)
    out.emplace_back(AnswerPoll{encodeEnginePacket({EnginePacketType::kClose, ""})});
  if (phase_ != Phase::kPolling)
    out.emplace_back(DropWebSocket{});
  phase_ = Phase::kClosed;
  poll_waits_ = false;
  buffer_.clear();
  unread_ = 0;
  for (auto* due : {&ping_at_, &pong_due_, &first_message_due_, &upgrade_due_, &release_poll_at_})
    due->reset();
  out.emplace_back(Closed{why});
}

Instant EngineSession::deadline() const {
  Instant first = Instant::max();
  for (const auto& due : {ping_at_, pong_due_, first_message_due_, upgrade_due_, release_poll_at_})
    first = std::min(first, due.value_or(Instant::max()));
  return first;
}

void EngineSession::ping(Instant at, Actions& out) {
  ping_at_.reset();
  pong_due_ = at + options_.ping_timeout;
  unread_after_ping_ = 0;
  send({EnginePacketType::kPing, ""}, out);
}

void EngineSession::onTime(Instant at, Actions& out) {
  const auto is_due = [at](const std::optional<Instant>& due) { return due && *due <= at; };
  if (is_due(pong_due_))
    close("ping timeout", out);
  if (is_due(first_message_due_))
    close("nothing said", out);
  if (is_due(upgrade_due_))
    abandonUpgrade(out);
  if (is_due(release_poll_at_)) {
    buffer_.push_back({EnginePacketType::kNoop, ""});
    flushPoll(out);
  }
  if (is_due(ping_at_))
    ping(at, out);
}

}  // namespace turnout
