#include "orchestrator/results/fold/media_outcome.h"

#include "bots/timeline/media_loss.h"

#include <algorithm>

namespace turnout {
namespace {

using Round = LinkRecord::Round;

const Round* roundOf(const LinkRecord* record, int number) {
  if (!record)
    return nullptr;
  const auto found = record->rounds().find(number);
  return found == record->rounds().end() ? nullptr : &found->second;
}

bool isNegotiated(const Round& receiver, const Round* sender, std::size_t kind) {
  const auto& ours = receiver.negotiated[kind];
  if (ours && !ours->receives)
    return false;
  return !sender || !sender->negotiated[kind] || sender->negotiated[kind]->sends;
}

void addCounts(MediaFlow& flow, const Round::Reported& received, const Round::Reported* sent) {
  const auto loss = sent ? mediaLossOf(sent->report, received.report, received.at) : std::nullopt;
  if (loss) {
    flow.sent += loss->sent;
    flow.received += loss->received;
  } else {  // the sender is not ours, or its log is of an older version
    flow.sent += received.report.received_packets + received.report.lost_packets;
    flow.received += received.report.received_packets;
  }
}

// From the last packet that came, `before` of earlier rounds, until one of both ends was gone.
double silenceAtEnd(const Round& round, const Round::Reported& received,
                    const Round::Reported* sent, std::optional<Instant> sender_left,
                    std::optional<Instant> before) {
  Instant end = std::min(received.at, sender_left.value_or(received.at));
  if (sent && sent->report.sent_last_ns)
    end = std::min(end, fromNs(*sent->report.sent_last_ns));
  const auto last = received.report.received_last_ns
                        ? std::optional(fromNs(*received.report.received_last_ns))
                    : received.report.received_packets > 0 ? std::nullopt
                    : before                               ? before
                                                           : round.connected;
  return last ? std::max(0.0, toMs(end - *last)) : 0;
}

// `last`: when something last came, in this round or before.
void addRound(MediaFlow& flow, const Round& round, const Round* sender, const LinkWay& way,
              std::optional<Instant>& last) {
  const auto kind = static_cast<std::size_t>(flow.key.kind);
  flow.came |= round.media[kind].has_value();
  const auto& received = round.reports[kind];
  if (!received)
    return;
  flow.is_reported = true;
  const auto* sent = sender && sender->reports[kind] ? &*sender->reports[kind] : nullptr;
  addCounts(flow, *received, sent);
  flow.came |= received->report.received_packets > 0;
  flow.longest_gap_ms = std::max(flow.longest_gap_ms, received->report.longest_gap_ms);
  flow.silent_at_end_ms =
      silenceAtEnd(round, *received, sent, way.sender_left, last);  // as of the last round
  if (received->report.received_last_ns)
    last = fromNs(*received->report.received_last_ns);
  if (received->report.jitter_ms)
    flow.jitter_ms = received->report.jitter_ms;
  if (received->report.bitrate_bps)
    flow.bitrate_kbps = *received->report.bitrate_bps / 1000;
}

}  // namespace

std::vector<MediaFlow> flowsOf(const LinkWay& way, const std::vector<MediaKind>& kinds) {
  std::vector<MediaFlow> flows;
  for (const MediaKind kind : kinds) {
    const auto index = static_cast<std::size_t>(kind);
    MediaFlow flow;
    flow.key = {kind, way.from, way.to};
    bool is_negotiated = false;
    std::optional<Instant> last;
    for (const auto& [number, round] : way.receiver->rounds()) {
      const Round* sender = roundOf(way.sender, number);
      if (!isNegotiated(round, sender, index))
        continue;
      is_negotiated = true;
      addRound(flow, round, sender, way, last);
    }
    if (is_negotiated)
      flows.push_back(flow);
  }
  return flows;
}

std::optional<MediaTrouble> troubleOf(const std::vector<MediaFlow>& flows, bool is_disturbed) {
  using Sign = MediaTrouble::Sign;
  std::optional<MediaTrouble> silent, loss, gap;
  const auto keepWorst = [](std::optional<MediaTrouble>& worst, Sign sign, const MediaFlow& flow,
                            double figure) {
    if (!worst || figure > worst->figure)
      worst = MediaTrouble{sign, flow.key, figure};
  };
  for (const MediaFlow& flow : flows) {
    if (flow.silent_at_end_ms >= kDroppedAfterMs)
      keepWorst(silent, Sign::kSilent, flow, flow.silent_at_end_ms);
    if (flow.loss().value_or(0) > kDegradedLoss && !is_disturbed)
      keepWorst(loss, Sign::kLoss, flow, *flow.loss());
    if (flow.longest_gap_ms >= kDegradedGapMs && !is_disturbed)
      keepWorst(gap, Sign::kGap, flow, flow.longest_gap_ms);
  }
  return silent ? silent : loss ? loss : gap;
}

}  // namespace turnout
