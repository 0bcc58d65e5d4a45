// What is counted of received RTP. Fed on streaming threads, read on any.
#pragma once

#include "pipelines/base/clock.h"

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace turnout {

// Sequence numbers of one SSRC (RFC 3550 A.1, A.3): how many packets were lost so far. One thread.
class SequenceTracker {
 public:
  void add(std::uint16_t sequence);
  std::uint64_t lost() const;  // expected less received; late packets are not lost

 private:
  std::uint64_t received_ = 0;
  std::int64_t first_ = 0, highest_ = 0;  // with the cycles counted in
};

struct ReceivedTotals {
  std::uint64_t packets = 0, bytes = 0, lost = 0;
};

// All streams of one kind of one peer.
class RtpMeter {
 public:
  // True for the very first packet of this kind. `lost_more`: change of the stream's lost().
  bool add(std::size_t bytes, std::int64_t lost_more);
  ReceivedTotals totals() const;

 private:
  std::atomic<std::uint64_t> packets_{0}, bytes_{0};
  std::atomic<std::int64_t> lost_{0};
};

// The longest time in which nothing at all came, after the first packet and including now.
class SilenceMeter {
 public:
  void add(Instant at);
  Duration longest(Instant at) const;
  Instant last() const { return fromNs(last_ns_); }  // 0 ns: none yet

 private:
  std::atomic<std::int64_t> last_ns_{0}, longest_ns_{0};  // 0: none yet
};

}  // namespace turnout
