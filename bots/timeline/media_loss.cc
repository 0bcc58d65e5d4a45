#include "bots/timeline/media_loss.h"

#include <algorithm>
#include <cmath>

namespace turnout {
namespace {

constexpr std::int64_t kSequenceNumbers = 1 << 16;
// Beyond its transit: what passes a packet on, ours or a TURN server, may be kept from it for so long by
// a busy machine before anybody calls that a stall (kStallLimitMs).
constexpr std::int64_t kMayBeLateNs = 100'000'000;

// Of `packets` that go evenly from `begin_ns` to `end_ns`: how many have gone by `at_ns`.
std::int64_t goneBy(std::int64_t at_ns, std::int64_t begin_ns, std::int64_t end_ns,
                    std::int64_t packets) {
  if (at_ns >= end_ns)
    return packets;
  if (at_ns <= begin_ns)
    return 0;
  const double share =
      static_cast<double>(at_ns - begin_ns) / static_cast<double>(end_ns - begin_ns);
  return static_cast<std::int64_t>(share * static_cast<double>(packets));
}

}  // namespace

std::optional<MediaLoss> mediaLossOf(const MediaReport& sender, const MediaReport& receiver,
                                     Instant receiver_end) {
  if (!sender.sent_first_ns || !sender.sent_last_ns)
    return std::nullopt;
  const std::int64_t begin = *sender.sent_first_ns, end = *sender.sent_last_ns;
  if (!receiver.received_first_ns || !receiver.received_last_ns) {
    const std::int64_t sent =
        goneBy(toNs(receiver_end) - kMayBeLateNs, begin, end, sender.sent_packets);
    if (receiver.received_packets > 0 || sent == 0)
      return std::nullopt;
    return MediaLoss{sent, 0, sent};
  }
  if (!sender.sent_first_sequence || !receiver.received_first_sequence)
    return std::nullopt;
  // Sent before the first one that came.
  const std::int64_t lead =
      (*receiver.received_first_sequence - *sender.sent_first_sequence + kSequenceNumbers) %
      kSequenceNumbers;
  const std::int64_t up_to_last = receiver.received_packets + receiver.lost_packets;
  const std::int64_t after_last =
      std::max<std::int64_t>(0, sender.sent_packets - lead - up_to_last);
  // What was sent shortly before the end may be on its way.
  const double spacing_ns =
      sender.sent_packets > 1
          ? static_cast<double>(end - begin) / static_cast<double>(sender.sent_packets - 1)
          : 0;
  const auto first_sent = begin + std::llround(spacing_ns * static_cast<double>(lead));
  const std::int64_t transit = std::max<std::int64_t>(0, *receiver.received_first_ns - first_sent);
  const std::int64_t trailing = goneBy(toNs(receiver_end) - transit - kMayBeLateNs,
                                       *receiver.received_last_ns - transit, end, after_last);
  return MediaLoss{up_to_last + trailing, receiver.received_packets, trailing};
}

}  // namespace turnout
