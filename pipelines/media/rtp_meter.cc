#include "pipelines/media/rtp_meter.h"

#include <algorithm>

namespace turnout {

void SequenceTracker::add(std::uint16_t sequence) {
  if (received_++ == 0) {
    first_ = highest_ = sequence;
    return;
  }
  // The nearest number to the highest one that has these 16 bits.
  const auto step = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(highest_));
  highest_ = std::max(highest_, highest_ + step);
}

std::uint64_t SequenceTracker::lost() const {
  if (received_ == 0)
    return 0;
  const auto expected = static_cast<std::uint64_t>(highest_ - first_ + 1);
  return expected > received_ ? expected - received_ : 0;
}

bool RtpMeter::add(std::size_t bytes, std::int64_t lost_more) {
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  lost_.fetch_add(lost_more, std::memory_order_relaxed);
  return packets_.fetch_add(1, std::memory_order_relaxed) == 0;
}

ReceivedTotals RtpMeter::totals() const {
  return {
      packets_.load(std::memory_order_relaxed), bytes_.load(std::memory_order_relaxed),
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, lost_.load(std::memory_order_relaxed)))};
}

void SilenceMeter::add(Instant at) {
  const std::int64_t last_ns = last_ns_.exchange(toNs(at), std::memory_order_relaxed);
  const std::int64_t gap_ns = last_ns == 0 ? 0 : toNs(at) - last_ns;
  std::int64_t longest_ns = longest_ns_.load(std::memory_order_relaxed);
  while (gap_ns > longest_ns &&
         !longest_ns_.compare_exchange_weak(longest_ns, gap_ns, std::memory_order_relaxed)) {
  }
}

Duration SilenceMeter::longest(Instant at) const {
  const std::int64_t last_ns = last_ns_.load(std::memory_order_relaxed);
  if (last_ns == 0)
    return Duration::zero();
  return Duration(std::max(longest_ns_.load(std::memory_order_relaxed), toNs(at) - last_ns));
}

}  // namespace turnout
