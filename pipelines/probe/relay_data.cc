#include "pipelines/probe/relay_data.h"

#include "pipelines/ice/servers/server_connection.h"
#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

constexpr Duration kTick = 5ms;

double mbps(int packets, Duration time) {
  const double bits = packets * static_cast<double>(DataBurst::kPacketSize) * 8;
  return time > Duration::zero() ? bits / toMs(time) / 1000 : 0;
}

}  // namespace

DataEcho::DataEcho(Loop& loop, TurnLeg& near, TurnLeg& far, Duration limit, OnDone on_done)
    : loop_(loop), near_(near), far_(far), on_done_(std::move(on_done)) {
  far_.onData([this](const sockaddr_storage& peer, const Bytes& data) { far_.send(peer, data); });
  near_.onData([this](const sockaddr_storage&, const Bytes& data) { onEcho(data); });
  limit_ = loop_.after(limit, [this] { finish(std::nullopt); });
  send();
}

void DataEcho::send() {
  const std::string text = "turnout echo " + std::to_string(sent_.size() + 1);
  sent_[text] = now();
  near_.send(far_.relayed(), {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  again_ = loop_.after(StunClient::kFirstPause, [this] { send(); });
}

void DataEcho::onEcho(const Bytes& data) {
  if (const auto sent = sent_.find(std::string(data.begin(), data.end())); sent != sent_.end())
    finish(toMs(now() - sent->second));
}

void DataEcho::finish(std::optional<double> echo_ms) {
  near_.onData({});
  far_.onData({});
  again_.cancel();
  limit_.cancel();
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(echo_ms);
}

OutsideEcho::OutsideEcho(Loop& loop, TurnLeg& leg, const IceServer& server,
                         std::string local_address, Duration limit, OnDone on_done)
    : loop_(loop),
      leg_(leg),
      server_(server),
      local_address_(std::move(local_address)),
      deadline_(now() + limit),
      on_done_(std::move(on_done)) {
  result_.is_udp_open = server_.transport == TurnTransport::kUdp;
  limit_ = loop_.at(deadline_, [this] { finish(); });
  const auto local = socketAddress(local_address_, 0);
  const bool may_bind = local && local->ss_family == leg_.relayed().ss_family;
  auto socket = UdpSocket::open(loop_, may_bind ? local_address_ : "", leg_.relayed().ss_family);
  if (!socket) {
    done_ = loop_.after(0s, [this] { finish(); });
    return;
  }
  socket_ = *std::move(socket);
  askServer();
}

// Whom the server is to permit: the plain socket as it sees it. Also tells whether UDP gets out.
void OutsideEcho::askServer() {
  const auto server = socketAddress(leg_.link().address(), server_.port);
  if (!server || server->ss_family != leg_.relayed().ss_family) {
    // The route to the relay tells which address of ours it will see, unless a NAT is between.
    const auto routed = UdpSocket::connectTo(loop_, leg_.relayed(), {});
    if (routed)
      return permit((*routed)->localAddress());
    done_ = loop_.after(0s, [this] { finish(); });
    return;
  }
  // TLS ports answer over TCP only: the usual port of the same host tells as much.
  constexpr std::uint16_t kUsualPort = 3478;
  std::vector<BindingRound::Question> questions{{*server}};
  if (server_.transport != TurnTransport::kUdp && server_.port != kUsualPort)
    questions.push_back({*socketAddress(leg_.link().address(), kUsualPort)});
  binding_.emplace(loop_, *socket_, std::move(questions), kBindingLimit,
                   [this](const auto& answered) { onServerAsked(answered); });
}

void OutsideEcho::onServerAsked(const std::vector<BindingRound::Question>& answered) {
  for (const auto& [to, change, answer] : answered) {
    if (!answer || !answer->mapped)
      continue;
    result_.is_udp_open = true;
    return permit(*answer->mapped);
  }
  if (leg_.mapped())
    permit(*leg_.mapped());
  else
    finish();
}

void OutsideEcho::permit(const sockaddr_storage& peer) {
  result_.peer = hostText(peer);
  leg_.permit(peer, kDataLimit, [this](const std::optional<IceServerOutcome>& fault) {
    if (!on_done_)
      return;
    result_.fault = fault;
    done_ = loop_.after(
        0s, [this, is_refused = fault.has_value()] { is_refused ? finish() : begin(); });
  });
}

void OutsideEcho::begin() {
  result_.was_sent = true;
  limit_ = loop_.at(std::min(deadline_, now() + kDataLimit), [this] { finish(); });
  leg_.onData([this](const sockaddr_storage& peer, const Bytes& data) {
    if (!sent_.contains(std::string(data.begin(), data.end())))
      return;
    result_.got_in = true;
    leg_.send(peer, data);
  });
  socket_->listen(
      {[this](const sockaddr_storage&, auto bytes) { onBack(bytes); },
       [this](const GError& error) { result_.error_text = errorCause(error.message); }});
  send();
}

void OutsideEcho::send() {
  const std::string text = "turnout from outside " + std::to_string(sent_.size() + 1);
  sent_[text] = now();
  socket_->send(leg_.relayed(), {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  again_ = loop_.after(StunClient::kFirstPause, [this] { send(); });
}

void OutsideEcho::onBack(std::span<const std::uint8_t> bytes) {
  const auto sent = sent_.find(std::string(bytes.begin(), bytes.end()));
  if (sent == sent_.end() || result_.echo_ms)
    return;
  result_.echo_ms = toMs(now() - sent->second);
  done_ = loop_.after(0s, [this] { finish(); });
}

void OutsideEcho::finish() {
  if (!on_done_)
    return;
  again_.cancel();
  limit_.cancel();
  done_.cancel();
  leg_.onData({});
  if (socket_)
    socket_->listen({});
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(result_);
}

DataBurst::DataBurst(Loop& loop, TurnLeg& from, TurnLeg& to, OnDone on_done)
    : loop_(loop), from_(from), to_(to), on_done_(std::move(on_done)), began_(now()) {
  to_.onData([this](const sockaddr_storage&, const Bytes&) { onArrival(); });
  tick_ = loop_.every(kTick, [this] { sendDue(); });
}

void DataBurst::sendDue() {
  const Duration passed = std::min<Duration>(now() - began_, kLength);
  const auto due = static_cast<int>(passed * kPackets / kLength);
  for (; sent_ < due; ++sent_)
    from_.send(to_.relayed(), packet_);
  if (sent_ < kPackets)
    return;
  tick_.cancel();
  tail_ = loop_.after(kTail, [this] { finish(); });
}

void DataBurst::onArrival() {
  last_arrival_ = now();
  if (++arrived_ == 1)
    first_arrival_ = last_arrival_;
  if (arrived_ == kPackets)
    tail_ = loop_.after(0s, [this] { finish(); });
}

void DataBurst::finish() {
  tick_.cancel();
  tail_.cancel();
  to_.onData({});
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done({.sent_mbps = mbps(kPackets, kLength),
           .received_mbps = mbps(std::max(arrived_ - 1, 0), last_arrival_ - first_arrival_),
           .lost = 1 - static_cast<double>(arrived_) / kPackets});
}

}  // namespace turnout
