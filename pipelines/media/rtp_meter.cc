#include "pipelines/media/rtp_meter.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

namespace turnout {
namespace {

constexpr Duration kSecond = 1s;
constexpr double kGain = 1.0 / 16;  // RFC 3550 A.8
constexpr std::int64_t kCycle = 1 << 16;
constexpr Duration kTogether = 1s;  // kinds that stop within this have stopped of one cause

std::uint16_t sequenceOf(std::span<const std::uint8_t> rtp) {
  return static_cast<std::uint16_t>(rtp[2] << 8 | rtp[3]);
}

std::uint32_t timestampOf(std::span<const std::uint8_t> rtp) {
  return std::uint32_t{rtp[4]} << 24 | std::uint32_t{rtp[5]} << 16 | std::uint32_t{rtp[6]} << 8 |
         std::uint32_t{rtp[7]};
}

}  // namespace

SequenceTracker::Arrival SequenceTracker::add(std::uint16_t sequence) {
  if (received_ == 0)
    first_ = highest_ = kCycle + sequence;  // so that numbers below the first are positive too
  // The nearest number to the highest one that has these 16 bits.
  const auto step = static_cast<std::int16_t>(sequence - static_cast<std::uint16_t>(highest_));
  const std::int64_t number = highest_ + step;
  const auto slot = [](std::int64_t of) { return static_cast<std::size_t>(of % kWindow); };
  if (received_ > 0 &&
      (number <= highest_ - kWindow || (number <= highest_ && seen_[slot(number)])))
    return Arrival::kDuplicate;
  for (std::int64_t skipped = std::max(highest_ + 1, number - kWindow + 1); skipped < number;
       skipped++)
    seen_.reset(slot(skipped));
  seen_.set(slot(number));
  const bool is_next = received_++ == 0 || number > highest_;
  first_ = std::min(first_, number);
  highest_ = std::max(highest_, number);
  return is_next ? Arrival::kNext : Arrival::kLate;
}

std::uint64_t SequenceTracker::lost() const {
  if (received_ == 0)
    return 0;
  const auto expected = static_cast<std::uint64_t>(highest_ - first_ + 1);
  return expected > received_ ? expected - received_ : 0;
}

void Jitter::add(Instant at, std::uint32_t timestamp, double clock_hz) {
  const auto step =
      static_cast<std::int32_t>(timestamp - std::exchange(last_timestamp_, timestamp));
  const auto last_at = std::exchange(last_at_, at);
  if (!last_at)
    return;
  const double difference_ms = toMs(at - *last_at) - 1000.0 * step / clock_hz;
  ms_ += (std::abs(difference_ms) - ms_) * kGain;
}

void Steadiness::add(Instant at, std::size_t bytes) {
  if (!second_began_)
    second_began_ = at;
  closeSecondsBefore(at);
  bytes_ += static_cast<double>(bytes);
}

void Steadiness::closeSecondsBefore(Instant at) {
  while (at - *second_began_ >= kSecond) {
    sum_ += bytes_;
    sum_of_squares_ += bytes_ * bytes_;
    seconds_++;
    bytes_ = 0;
    *second_began_ += kSecond;
  }
}

std::optional<double> Steadiness::variation(Instant until) const {
  if (!second_began_)
    return std::nullopt;
  double sum = sum_, squares = sum_of_squares_;
  int seconds = seconds_;
  const auto silent = static_cast<int>((until - *second_began_) / kSecond);
  if (silent > 0) {  // the second that is not closed yet, and those without a packet after it
    sum += bytes_;
    squares += bytes_ * bytes_;
    seconds += silent;
  }
  if (seconds < 2 || sum <= 0)
    return std::nullopt;
  const double mean = sum / seconds;
  return std::sqrt(std::max(0.0, squares / seconds - mean * mean)) / mean;
}

bool RtpMeter::add(StreamMeter& stream, Instant at, std::span<const std::uint8_t> rtp) {
  const auto arrival = stream.sequence.add(sequenceOf(rtp));
  const std::lock_guard lock(mutex_);
  if (arrival == SequenceTracker::Arrival::kDuplicate) {
    totals_.duplicates++;
    return false;
  }
  stream.jitter.add(at, timestampOf(rtp), clock_hz_);
  totals_.jitter_ms = stream.jitter.ms();
  const std::uint64_t lost = stream.sequence.lost();
  totals_.lost += lost - std::exchange(stream.lost, lost);  // modulo 2^64: a late packet takes back
  totals_.reordered += arrival == SequenceTracker::Arrival::kLate ? 1 : 0;
  totals_.bytes += rtp.size();
  steadiness_.add(at, rtp.size());
  const bool is_first = totals_.packets++ == 0;
  if (is_first)
    first_stream_ = &stream;
  if (first_stream_ == &stream)
    totals_.first_sequence = stream.sequence.first();
  if (is_first) {
    totals_.first = at;
    first_bytes_ = rtp.size();
  } else if (at - *totals_.last > totals_.longest_gap) {
    totals_.longest_gap = at - *totals_.last;
    totals_.gap_began = *totals_.last;
  }
  totals_.last = at;
  return is_first;
}

ReceivedTotals RtpMeter::totals(Instant until) const {
  const std::lock_guard lock(mutex_);
  ReceivedTotals totals = totals_;
  if (!totals.last)
    return totals;
  if (until - *totals.last > totals.longest_gap) {
    totals.longest_gap = until - *totals.last;
    totals.gap_began = *totals.last;
  }
  if (totals.last > totals.first)
    totals.bitrate_bps = 8'000.0 * static_cast<double>(totals.bytes - first_bytes_) /
                         toMs(*totals.last - *totals.first);
  totals.bitrate_variation = steadiness_.variation(until);
  return totals;
}

std::optional<Duration> MediaWatch::packet(Instant at) {
  const std::int64_t last_ns = last_ns_.exchange(toNs(at), std::memory_order_relaxed);
  if (last_ns >= 0)
    return std::nullopt;
  return at - fromNs(-last_ns);
}

MediaWatch::Verdict MediaWatch::check(Instant at) {
  std::int64_t last_ns = last_ns_.load(std::memory_order_relaxed);
  if (last_ns <= 0)  // nothing to be missed yet, or missed already
    return {std::nullopt, at + limit_};
  const Instant due = fromNs(last_ns) + limit_;
  if (at < due)
    return {std::nullopt, due};
  if (!last_ns_.compare_exchange_strong(last_ns, -last_ns, std::memory_order_relaxed))
    return {std::nullopt, at + limit_};  // a packet came this very moment
  return {due - limit_, at + limit_};
}

std::optional<Instant> MediaWatch::last() const {
  const std::int64_t last_ns = last_ns_.load(std::memory_order_relaxed);
  return last_ns == 0 ? std::nullopt : std::optional(fromNs(std::abs(last_ns)));
}

std::optional<Instant> LinkWatch::silent(MediaKind kind, Instant since) {
  silent_[kind] = since;
  if (!isDue(kind))
    return std::nullopt;
  if (!awaited_.empty()) {
    awaited_.insert(kind);
    return std::nullopt;
  }
  const bool is_any_left = std::ranges::any_of(
      begun_, [this](MediaKind one) { return isDue(one) && !silent_.contains(one); });
  if (is_any_left)
    return std::nullopt;
  since_ = since;
  for (const auto& [one, last] : silent_)
    since_ = isDue(one) ? std::max(since_, last) : since_;
  for (const auto& [one, last] : silent_)
    if (isDue(one) && since_ - last <= kTogether)
      awaited_.insert(one);
  return since_;
}

std::optional<Duration> LinkWatch::back(MediaKind kind, Instant at) {
  silent_.erase(kind);
  if (awaited_.empty())
    return std::nullopt;
  awaited_.erase(kind);
  std::erase_if(awaited_, [this](MediaKind one) { return !isDue(one); });
  return awaited_.empty() ? std::optional(at - since_) : std::nullopt;
}

}  // namespace turnout
