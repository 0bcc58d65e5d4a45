// What is counted of received RTP: numbers that are missing, jitter, bit rate, gaps, and the moments
// when media stops and is back. An RtpMeter has the totals of one kind; what belongs to one stream
// (SSRC) is in a StreamMeter. A MediaWatch tells silences of one kind while they last, a LinkWatch
// those of all kinds together.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/media/media_totals.h"

#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <span>

namespace turnout {

// Sequence numbers of one SSRC (RFC 3550 A.1, A.3). One thread.
class SequenceTracker {
 public:
  enum class Arrival {
    kNext,       // higher than all before
    kLate,       // overtaken by others on its way
    kDuplicate,  // was here already, or came too late to tell (kWindow packets)
  };
  Arrival add(std::uint16_t sequence);
  std::uint64_t lost() const;  // expected less received; late packets are not lost
  std::uint16_t first() const { return static_cast<std::uint16_t>(first_); }  // the lowest

 private:
  static constexpr std::int64_t kWindow = 4'096;  // numbers below the highest that are remembered
  std::uint64_t received_ = 0;
  std::int64_t first_ = 0, highest_ = 0;  // with the cycles counted in
  std::bitset<kWindow> seen_;             // by number modulo kWindow
};

// Interarrival jitter of one SSRC (RFC 3550 6.4.1, A.8). One thread.
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

// How much the bit rate of whole seconds varies. One thread, or a lock.
class Steadiness {
 public:
  void add(Instant at, std::size_t bytes);
  // Standard deviation / mean of the bytes of each whole second, from the first packet until
  // `until`; absent before two of them, or when nothing came in them.
  std::optional<double> variation(Instant until) const;

 private:
  void closeSecondsBefore(Instant at);

  std::optional<Instant> second_began_;
  double bytes_ = 0;  // of the second that is not over
  double sum_ = 0, sum_of_squares_ = 0;
  int seconds_ = 0;
};

// Of one SSRC. One thread.
struct StreamMeter {
  SequenceTracker sequence;
  Jitter jitter;
  std::uint64_t lost = 0;  // as told to the RtpMeter so far
};

// Of all streams of one kind of one peer. Fed on streaming threads, read on any.
class RtpMeter {
 public:
  explicit RtpMeter(double clock_hz) : clock_hz_(clock_hz) {}
  // `rtp`: at least the fixed header. True for the very first packet of this kind.
  bool add(StreamMeter& stream, Instant at, std::span<const std::uint8_t> rtp);
  ReceivedTotals totals(Instant until) const;

 private:
  const double clock_hz_;
  mutable std::mutex mutex_;  // held for some ns
  ReceivedTotals totals_;
  const StreamMeter* first_stream_ = nullptr;  // whose numbers totals_.first_sequence is of
  std::uint64_t first_bytes_ = 0;              // of the first packet, which no time precedes
  Steadiness steadiness_;
};

// Tells when received media stops and when it is back. W3C's "disconnected" is what the silence
// stands for: webrtcbin never reports it. One atomic, so that packets cost nothing to speak of, and
// whoever watches needs a timer per limit, not per packet.
//
// Threads: packet() on those that receive, check() on one other.
class MediaWatch {
 public:
  explicit MediaWatch(Duration limit) : limit_(limit) {}

  // A packet came. The length of the silence, when this packet ends one that check() told.
  std::optional<Duration> packet(Instant at);

  struct Verdict {
    std::optional<Instant> silent_since;  // the last packet: told once per silence
    Instant next;                         // ask again then
  };
  Verdict check(Instant at);  // the watch begins with the first packet

  std::optional<Instant> last() const;  // the last packet; absent: none yet

 private:
  const Duration limit_;
  std::atomic<std::int64_t> last_ns_{0};  // 0: none yet; negative: silence was told
};

// Whether media comes over a link at all, from what is told of its kinds. It is silent once every
// kind that is to come is, and back once all that stopped in that silence have come again: one kind
// alone says nothing of the path, nor that the call is what it was. A kind that had stopped longer
// ago by itself is not waited for, nor one that never came. With nothing to come, as on hold, nothing
// is missing. One thread.
class LinkWatch {
 public:
  void expect(std::set<MediaKind> kinds) { expected_ = std::move(kinds); }
  void began(MediaKind kind) { begun_.insert(kind); }  // its very first packet came
  // The last packet of any kind, when this makes the link silent.
  std::optional<Instant> silent(MediaKind kind, Instant since);
  // The length of the silence, when this ends it.
  std::optional<Duration> back(MediaKind kind, Instant at);

 private:
  bool isDue(MediaKind kind) const { return expected_.contains(kind) && begun_.contains(kind); }

  std::set<MediaKind> expected_, begun_;
  std::map<MediaKind, Instant> silent_;  // kinds, since when
  std::set<MediaKind> awaited_;          // empty: the link is not silent
  Instant since_;
};

}  // namespace turnout
