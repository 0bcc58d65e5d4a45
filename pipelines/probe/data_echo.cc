#include "pipelines/probe/data_echo.h"

#include <utility>

namespace turnout {

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

}  // namespace turnout
