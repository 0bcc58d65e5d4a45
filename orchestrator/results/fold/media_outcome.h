// What became of the media of one call: each kind in each direction by itself, from the reports of
// both ends. Pure.
#pragma once

#include "orchestrator/results/fold/link_record.h"
#include "orchestrator/results/fold/outcome.h"

#include <optional>
#include <vector>

namespace turnout {

// One way of a link. `sender`: nullptr where that end is no bot of ours.
struct LinkWay {
  int from = 0, to = 0;
  const LinkRecord* sender = nullptr;
  const LinkRecord* receiver = nullptr;
  std::optional<Instant> sender_left{};  // as the receiver was told: nothing is to come after that
};

// A flow for each of `kinds` that was negotiated, or of which nobody said that it was not.
std::vector<MediaFlow> flowsOf(const LinkWay& way, const std::vector<MediaKind>& kinds);

// The worst that the flows met; absent: nothing that people would not put up with. Where steps or
// faults took media away on purpose (`is_disturbed`), only what was missing at the end counts: the
// rest is told by the recovery.
std::optional<MediaTrouble> troubleOf(const std::vector<MediaFlow>& flows, bool is_disturbed);

}  // namespace turnout
