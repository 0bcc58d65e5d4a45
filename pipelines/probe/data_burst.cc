#include "pipelines/probe/data_burst.h"

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
