#include "orchestrator/results/fold/link_record.h"

#include "pipelines/base/json.h"

#include <algorithm>

namespace turnout {
namespace {

using Round = LinkRecord::Round;

std::size_t indexOf(MediaKind kind) {
  return static_cast<std::size_t>(kind);
}

void addState(Round& round, Instant at, const StateChanged& change) {
  if (change.machine == "ice" && (change.state == "connected" || change.state == "completed"))
    keepEarliest(round.ice_up, at);
}

void addPair(Round& round, Instant at, const PairSelected& pair) {
  if (pair.local.type == CandidateType::kRelay || pair.remote.type == CandidateType::kRelay)
    keepEarliest(round.relayed_at, at);
  if (round.pair_at && *round.pair_at > at)
    return;
  round.pair_at = at;
  round.pair = pair;
}

void addServer(Round& round, Instant at, const IceServerOutcome& heard) {
  const auto known = std::find_if(
      round.servers.begin(), round.servers.end(),
      [&](const LinkRecord::Server& server) { return server.result.url == heard.url; });
  const LinkRecord::Server server{at, heard};
  if (known == round.servers.end())
    round.servers.push_back(server);
  else if (at < known->at)
    *known = server;
}

MediaSums sumsOf(const MediaReport& report) {
  MediaSums sums{report.sent_packets, report.received_packets, report.lost_packets,
                 report.sent_bytes,   report.received_bytes,   report.longest_gap_ms};
  if (report.jitter_ms)
    sums.jitters_ms.push_back(*report.jitter_ms);
  if (report.bitrate_variation)
    sums.bitrate_variations.push_back(*report.bitrate_variation);
  return sums;
}

MessageSums sumsOf(const MessageReport& report) {
  MessageSums sums{report.sent, report.answered, {}};
  const auto list = JsonValue::parse(report.round_trips_us_json);
  if (!list)
    return sums;
  for (const JsonValue& us : list->elements())
    sums.round_trips_ms.push_back(us.asNumber().value_or(0) / 1000);
  return sums;
}

// All kinds within the limit, or nothing.
std::optional<Instant> completeAt(const Round& round, const std::vector<MediaKind>& kinds,
                                  Duration limit) {
  std::optional<Instant> last = round.connected;
  for (const MediaKind kind : kinds) {
    const auto at = round.media[indexOf(kind)];
    if (round.negotiated[indexOf(kind)] && !round.negotiated[indexOf(kind)]->receives)
      continue;  // never to come
    if (!round.connected || !at || *at - *round.connected > limit)
      return std::nullopt;
    keepLatest(last, *at);
  }
  return last;
}

}  // namespace

void LinkRecord::add(const Event& event) {
  Round& round = rounds_[event.round];
  const Instant at = event.at;
  const auto candidate_seen = [&](const CandidateSeen& body) {
    (body.side == "local" ? round.local : round.remote).insert(body.info.type);
    if (body.duplicate)
      duplicates_.emplace(at, body.info.address);
  };
  std::visit(
      Overloaded{
          [&](const LinkStarted& body) { round.offerer = body.offerer; },
          [&](const DescriptionSet& body) {
            keepEarliest(body.side == "local" ? round.local_set : round.remote_set, at);
          },
          candidate_seen, [&](const StateChanged& body) { addState(round, at, body); },
          [&](const PairSelected& body) { addPair(round, at, body); },
          [&](const IceServerOutcome& body) { addServer(round, at, body); },
          [&](const IcePermissionRefused& body) { round.refusal = body; },
          [&](const LinkConnected&) { keepEarliest(round.connected, at); },
          [&](const MediaStarted& body) { keepEarliest(round.media[indexOf(body.kind)], at); },
          [&](const LinkFailed&) { round.failed = true; },
          [&](const MediaReport& body) {
            round.totals[indexOf(body.kind)] = sumsOf(body);
            round.reports[indexOf(body.kind)] = {at, body};
          },
          [&](const MediaNegotiated& body) {
            auto& known = round.negotiated[indexOf(body.kind)];
            if (!known)
              known = Round::Negotiated{};
            known->sends |= body.sends && body.codec;
            known->receives |= body.receives;
            known->codec |= body.codec;
          },
          [&](const MessageReport& body) { round.messages = sumsOf(body); }, [](const auto&) {}},
      event.body);
}

int LinkRecord::countedRound() const {
  const auto ended = std::find_if(rounds_.begin(), rounds_.end(), [](const auto& numbered) {
    return numbered.second.connected || numbered.second.failed;
  });
  return ended == rounds_.end() ? rounds_.begin()->first : ended->first;
}

bool LinkRecord::wasRelayed(Instant until) const {
  return std::ranges::any_of(rounds_, [&](const auto& numbered) {
    const auto& at = numbered.second.relayed_at;
    return at && *at <= until;
  });
}

std::optional<Instant> LinkRecord::mediaAt(const std::vector<MediaKind>& kinds,
                                           Duration limit) const {
  for (const auto& [number, round] : rounds_) {
    const auto at = completeAt(round, kinds, limit);
    if (at || round.failed)
      return at;
  }
  return std::nullopt;
}

std::vector<OneWayMedia> LinkRecord::oneWay(const std::vector<MediaKind>& kinds) const {
  std::vector<OneWayMedia> all;
  for (const MediaKind kind : kinds) {
    const auto& negotiated = counted().negotiated[indexOf(kind)];
    if (negotiated && !(negotiated->sends && negotiated->receives))
      all.push_back({kind, negotiated->sends, negotiated->receives, negotiated->codec});
  }
  return all;
}

LinkEndFacts LinkRecord::facts(int bot, int round) const {
  LinkEndFacts facts{bot, {}, {}, {}, {}};
  const auto found = rounds_.find(round);
  if (found == rounds_.end())
    return facts;
  facts.local = found->second.local;
  facts.remote = found->second.remote;
  facts.refusal = found->second.refusal;
  for (const Server& server : found->second.servers)
    facts.servers.push_back(server.result);
  return facts;
}

void LinkRecord::sumUp(CallOutcome& outcome) const {
  for (const auto& [number, round] : rounds_) {
    for (const Server& server : round.servers)
      outcome.servers.push_back(server.result);
    const bool is_relayed = round.pair_at && round.pair.local.type == CandidateType::kRelay;
    for (std::size_t kind = 0; kind < round.totals.size(); kind++) {
      const MediaSums& sums = round.totals[kind];
      outcome.media[kind] += sums;
      outcome.relayed_bytes += is_relayed ? sums.sent_bytes + sums.received_bytes : 0;
    }
    outcome.messages += round.messages;
  }
  outcome.duplicate_candidates += static_cast<int>(duplicates_.size());
}

}  // namespace turnout
