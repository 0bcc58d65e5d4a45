// How much of one kind of media got lost on its way from one end of a link to the other: what the one
// sent less what the other received, from the first packet received until the receiver's link ended.
// The reports of both ends are needed, as nobody else knows of packets that were sent after the last
// one received. Pure.
//
// Left out: what was sent before the first packet that came (the time to first media tells of it), and
// what was sent less than its transit and a tenth of a second before the receiver went, or after. A sender that went on after that is not asked how much it had sent by
// then; it is known exactly up to the last packet received and at its own end, and taken as even in
// between.
#pragma once

#include "bots/timeline/event.h"

#include <cstdint>
#include <optional>

namespace turnout {

struct MediaLoss {
  std::int64_t sent = 0;      // that should have come
  std::int64_t received = 0;  // of these
  std::int64_t trailing = 0;  // of those lost: after the last one received

  std::int64_t lost() const { return sent - received; }
  double share() const {
    return sent > 0 ? static_cast<double>(lost()) / static_cast<double>(sent) : 0;
  }
};

// Of two reports of one link, kind and round. `receiver_end`: when the receiver's link ended, which is
// the instant of its report. Absent when the sender sent nothing by then, or the reports do not say
// when and which packets were the first and last (logs of older versions).
std::optional<MediaLoss> mediaLossOf(const MediaReport& sender, const MediaReport& receiver,
                                     Instant receiver_end);

}  // namespace turnout
