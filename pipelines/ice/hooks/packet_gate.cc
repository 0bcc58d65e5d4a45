#include "pipelines/ice/hooks/packet_gate.h"

namespace turnout {
namespace {

bool isRtp(std::uint8_t first_byte) {
  return first_byte >= 128 && first_byte <= 191;
}
bool isChannelData(std::uint8_t first_byte) {
  return first_byte >= 64 && first_byte <= 79;
}

}  // namespace

bool isMediaPacket(std::span<const std::uint8_t> packet) {
  if (packet.empty())
    return false;
  if (isChannelData(packet[0]))
    return packet.size() > 4 && isRtp(packet[4]);
  return isRtp(packet[0]);
}

void PacketGate::set(const NetworkCondition& condition) {
  const std::lock_guard lock(mutex_);
  if (is_dead_)
    return;
  of(Way::kOut) = {condition.outgoing, Random(condition.seed, 2 * stream_)};
  of(Way::kIn) = {condition.incoming, Random(condition.seed, 2 * stream_ + 1)};
  is_open_ = condition.outgoing == LinkCondition{} && condition.incoming == LinkCondition{};
}

void PacketGate::closeForEver() {
  set(NetworkCondition::blackHole());
  const std::lock_guard lock(mutex_);
  is_dead_ = true;
}

bool PacketGate::isClosed(Way way) const {
  const std::lock_guard lock(mutex_);
  return links_[way == Way::kOut ? 0 : 1].condition.black_hole;
}

// libnice does not see an answer that is one too many, repeats its request and gives it up.
bool PacketGate::isOneTooMany(const TurnAnswer& answer) {
  constexpr int kMostRetries = 8;  // several permissions may meet one change of nonce
  if (answer.error_code == 0)
    retries_ = 0;
  const bool is_final =
      answer.error_code != 0 && (!answer.isRetried() || ++retries_ > kMostRetries);
  if (is_final && answer.stage == ServerStage::kPermission && on_refusal_ &&
      !has_refused_.exchange(true))
    on_refusal_(answer);
  return is_final && answer.isRetried();
}

bool PacketGate::takes(Way way, std::span<const std::uint8_t> packet, Carrier carrier) {
  if (way == Way::kIn) {
    if (const auto answer = turnAnswer(packet); answer && isOneTooMany(*answer))
      return true;
  }
  if (is_open_.load(std::memory_order_acquire))
    return false;
  const std::lock_guard lock(mutex_);
  Link& link = of(way);
  if (link.condition.black_hole)
    return true;
  const PacketLoss& loss = link.condition.loss;
  if (loss.percent <= 0)
    return false;
  const bool only_media = loss.of == PacketLoss::Of::kMedia || carrier == Carrier::kStream;
  if (only_media && !isMediaPacket(packet))
    return false;
  return link.chance.uniform() * 100 < loss.percent;
}

}  // namespace turnout
