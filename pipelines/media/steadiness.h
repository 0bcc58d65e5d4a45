// How evenly media comes: interarrival jitter (RFC 3550 6.4.1) and how much the bit rate of whole
// seconds varies. Fed on streaming threads, read on any.
#pragma once

#include "pipelines/base/clock.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>

namespace turnout {

// Of one stream (SSRC). One thread.
class Jitter {
 public:
  // `timestamp`: of RTP, which counts `clock_hz`.
  void add(Instant at, std::uint32_t timestamp, double clock_hz);
  double ms() const { return ms_; }

 private:
  std::optional<Instant> last_at_;
  std::uint32_t last_timestamp_ = 0;
  double ms_ = 0;
};

// Of all streams of one kind of one peer.
class Steadiness {
 public:
  void add(Instant at, std::size_t bytes, double jitter_ms);

  std::optional<double> jitterMs() const;  // of the stream that last had a packet
  // Standard deviation / mean of the bytes of each whole second, from the first packet until
  // `until`; absent before two of them, or when nothing came in them.
  std::optional<double> bitrateVariation(Instant until) const;

 private:
  void closeSecondsBefore(Instant at);

  mutable std::mutex mutex_;  // held for some ns
  std::optional<Instant> second_began_;
  std::optional<double> jitter_ms_;
  double bytes_ = 0;  // of the second that is not over
  double sum_ = 0, sum_of_squares_ = 0;
  int seconds_ = 0;
};

}  // namespace turnout
