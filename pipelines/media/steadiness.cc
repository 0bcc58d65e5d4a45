#include "pipelines/media/steadiness.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace turnout {
namespace {

constexpr Duration kSecond = 1s;
constexpr double kGain = 1.0 / 16;  // RFC 3550 A.8

}  // namespace

void Jitter::add(Instant at, std::uint32_t timestamp, double clock_hz) {
  const auto step =
      static_cast<std::int32_t>(timestamp - std::exchange(last_timestamp_, timestamp));
  const auto last_at = std::exchange(last_at_, at);
  if (!last_at)
    return;
  const double difference_ms = toMs(at - *last_at) - 1000.0 * step / clock_hz;
  ms_ += (std::abs(difference_ms) - ms_) * kGain;
}

void Steadiness::add(Instant at, std::size_t bytes, double jitter_ms) {
  const std::lock_guard lock(mutex_);
  if (!second_began_)
    second_began_ = at;
  closeSecondsBefore(at);
  bytes_ += static_cast<double>(bytes);
  jitter_ms_ = jitter_ms;
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

std::optional<double> Steadiness::jitterMs() const {
  const std::lock_guard lock(mutex_);
  return jitter_ms_;
}

std::optional<double> Steadiness::bitrateVariation(Instant until) const {
  const std::lock_guard lock(mutex_);
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

}  // namespace turnout
