// The line between a site and the internet: delay, jitter, loss and rate of each direction. Line is the
// rule, pure; LineEmulator carries real packets by it, on a thread of its own, and needs nothing of the
// kernel (netem is not everywhere). The same seed loses the same packets.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/fd.h"
#include "pipelines/base/random.h"
#include "pipelines/base/result.h"
#include "pipelines/lab/site.h"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace turnout {

// One direction. Packets stay in order, whatever the jitter.
class Line {
 public:
  Line(const LineDirection& how, std::uint64_t seed, std::uint64_t stream)
      : how_(how), random_(seed, stream) {}

  void change(const LineDirection& how) { how_ = how; }
  // When a packet that comes now arrives at the other end. Nothing: it is lost.
  std::optional<Instant> arrivalOf(std::size_t bytes, Instant at);

 private:
  LineDirection how_;
  Random random_;
  Instant free_{};  // from when on the rate has room
  Instant last_{};
};

// A frame on its way and when it is due, in the order of coming at the same instant.
struct FrameInFlight {
  Instant due;
  std::uint64_t number = 0;
  int to = -1;  // the descriptor
  std::vector<std::uint8_t> bytes;
};

class LineEmulator {
 public:
  struct Ends {  // packet sockets of the two devices it stands between
    Fd internet, site;
    LineDirection up, down;
  };

  // `seed`: of all lines. Error (kIo): no epoll, no thread.
  static Result<std::unique_ptr<LineEmulator>> start(std::vector<Ends> lines, std::uint64_t seed);
  ~LineEmulator();  // joins its thread; what is in flight is lost
  LineEmulator(const LineEmulator&) = delete;
  LineEmulator& operator=(const LineEmulator&) = delete;

  // Of packets that come from now on. Any thread.
  void change(std::size_t line, const LineDirection& up, const LineDirection& down);

 private:
  struct Side {  // what comes in here goes to the other end by the rule
    int from = -1, to = -1;
    Line rule;
  };
  LineEmulator() = default;
  void carry();
  void take(Side& side);
  void deliverDue();
  std::vector<std::uint8_t> buffer();

  std::vector<Ends> ends_;
  std::mutex mutex_;         // of the rules
  std::vector<Side> sides_;  // two for each line: up, down
  Fd epoll_, wake_;
  std::vector<FrameInFlight> flying_;  // a heap, the next one at its front
  std::vector<std::vector<std::uint8_t>> spare_;
  std::uint64_t frames_ = 0;
  std::atomic<bool> stops_{false};
  std::thread thread_;
};

// Of the network namespace the thread is in: a socket that gets and sends whole frames of a device, and
// the device told to hand over packets as they go over a wire: no offloaded checksums or segments.
Result<Fd> packetSocket(const std::string& device);
Result<Done> forbidOffloading(const std::string& device);

}  // namespace turnout
