#include "orchestrator/results/call_record.h"

#include "orchestrator/results/root_cause.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace turnout {
namespace {

void keepEarliest(std::optional<Instant>& kept, Instant at) {
  kept = kept ? std::min(*kept, at) : at;
}
void keepLatest(std::optional<Instant>& kept, Instant at) {
  kept = kept ? std::max(*kept, at) : at;
}

std::size_t indexOf(MediaKind kind) {
  return static_cast<std::size_t>(kind);
}

}  // namespace

std::size_t CallRecord::endIndex(int bot, int peer) const {
  const auto n = bots_.size();
  const auto column = static_cast<std::size_t>(peer > bot ? peer - 1 : peer);
  return static_cast<std::size_t>(bot) * (n - 1) + column;
}

bool CallRecord::add(const Event& event, const CallRules& rules) {
  if (event.bot < 0) {
    addToCall(event);
    return true;
  }
  if (event.bot >= rules.shape.bots || event.peer >= rules.shape.bots || event.bot == event.peer)
    return false;
  if (bots_.empty()) {
    const auto n = static_cast<std::size_t>(rules.shape.bots);
    bots_.resize(n);
    ends_.resize(n * (n - 1));
  }
  keepLatest(last_, event.at);
  addToBot(event, bots_[static_cast<std::size_t>(event.bot)]);
  if (event.peer >= 0)
    addToEnd(event, ends_[endIndex(event.bot, event.peer)]);
  return true;
}

void CallRecord::addToCall(const Event& event) {
  if (const auto* body = std::get_if<CallAssigned>(&event.body)) {
    host_ = body->host;
    assigned_ = event.at;
  }
}

void CallRecord::addToBot(const Event& event, Bot& bot) {
  if (const auto* body = std::get_if<BotStarted>(&event.body)) {
    keepEarliest(bot.started, event.at);
    keepEarliest(scheduled_, fromNs(body->scheduled_ns));
    bot.lag = std::max(Duration::zero(), *bot.started - fromNs(body->scheduled_ns));
  } else if (std::holds_alternative<BotJoined>(event.body)) {
    keepEarliest(bot.joined, event.at);
  } else if (std::holds_alternative<BotLeft>(event.body)) {
    keepEarliest(bot.left, event.at);
  } else if (const auto* failed = std::get_if<BotFailed>(&event.body)) {
    failures_.push_back({failed->cause, event.at, failed->detail});
  }
}

void CallRecord::addToEnd(const Event& event, End& end) {
  const auto addState = [&](const StateChanged& change) {
    if (change.machine == "ice" && (change.state == "connected" || change.state == "completed"))
      keepEarliest(end.ice_up, event.at);
  };
  const auto addPair = [&](const PairSelected& pair) {
    if (end.pair_at && *end.pair_at > event.at)
      return;
    end.pair_at = event.at;
    end.pair = pair;
  };
  const auto addServer = [&](const ServerOutcome& heard) {
    const auto known = std::find_if(end.servers.begin(), end.servers.end(),
                                    [&](const Server& s) { return s.result.url == heard.url; });
    const Server server{event.at, {heard.url, heard.code, heard.text, heard.elapsed_ms}};
    if (known == end.servers.end())
      end.servers.push_back(server);
    else if (event.at < known->at)
      *known = server;
  };
  const auto addReport = [&](const MediaReport& report) {
    end.totals[indexOf(report.kind)] = {report.sent_packets,   report.received_packets,
                                        report.lost_packets,   report.sent_bytes,
                                        report.received_bytes, report.longest_gap_ms};
  };
  std::visit(
      Overloaded{
          [&](const LinkStarted& body) { end.offerer = body.offerer; },
          [&](const DescriptionSet& body) {
            keepEarliest(body.side == "local" ? end.local_set : end.remote_set, event.at);
          },
          [&](const CandidateSeen& body) { end.duplicate_candidates += body.duplicate ? 1 : 0; },
          addState, addPair, addServer,
          [&](const LinkConnected&) { keepEarliest(end.connected, event.at); },
          [&](const MediaStarted& body) { keepEarliest(end.media[indexOf(body.kind)], event.at); },
          [&](const LinkFailed& body) {
            failures_.push_back({body.cause, event.at, body.detail});
          },
          addReport, [](const auto&) {}},
      event.body);
}

std::optional<Instant> CallRecord::joinedAt() const {
  std::optional<Instant> last;
  for (const Bot& bot : bots_) {
    if (!bot.joined)
      return std::nullopt;
    keepLatest(last, *bot.joined);
  }
  return last;
}

std::optional<Instant> CallRecord::connectedAt() const {
  std::optional<Instant> last;
  for (const End& end : ends_) {
    if (!end.connected)
      return std::nullopt;
    keepLatest(last, *end.connected);
  }
  return last;
}

std::optional<Instant> CallRecord::mediaAt(const CallRules& rules) const {
  std::optional<Instant> last;
  for (const End& end : ends_) {
    for (const MediaKind kind : rules.media) {
      const auto at = end.media[indexOf(kind)];
      if (!at || *at - *end.connected > rules.deadlines.first_media)
        return std::nullopt;
      keepLatest(last, *at);
    }
  }
  return last;
}

std::optional<Instant> CallRecord::overAt() const {
  std::optional<Instant> last;
  for (const Bot& bot : bots_) {
    if (!bot.left)
      return std::nullopt;
    keepLatest(last, *bot.left);
  }
  return last;
}

const CallRecord::Failure* CallRecord::rootFailure(std::optional<Instant> until) const {
  const Failure* root = nullptr;
  const auto key = [](const Failure& f) { return std::tie(f.at, f.detail); };
  for (const Failure& failure : failures_) {
    if (isAbortion(failure.cause) || (until && failure.at > *until))
      continue;
    const int rank = rootRank(failure.cause);
    if (!root || rank < rootRank(root->cause) ||
        (rank == rootRank(root->cause) && key(failure) < key(*root)))
      root = &failure;
  }
  return root;
}

std::optional<CallRecord::Failure> CallRecord::abortion(std::optional<Instant> host_crash) const {
  std::optional<Failure> first;
  if (host_crash)
    first = Failure{FailureCause::kHostCrashed, *host_crash, "the bot host died"};
  for (const Failure& failure : failures_) {
    if (isAbortion(failure.cause) && (!first || failure.at < first->at))
      first = failure;
  }
  const auto over = overAt();
  return first && over && *over < first->at ? std::nullopt : first;
}

void CallRecord::judge(CallOutcome& outcome, const CallRules& rules,
                       std::optional<Instant> host_crash) const {
  const auto decide = [&](CallState state, FailureCause cause, std::string detail) {
    outcome.state = state;
    outcome.cause = cause;
    outcome.detail = std::move(detail);
  };
  const bool connected = outcome.connect_time.has_value();
  if (connected && (rules.media.empty() || outcome.first_media)) {
    outcome.state = CallState::kSucceeded;
    outcome.dropped = rootFailure(std::nullopt) != nullptr;
    return;
  }
  const auto aborted = abortion(host_crash);
  if (const Failure* root = rootFailure(aborted ? std::optional(aborted->at) : std::nullopt))
    decide(CallState::kFailed, root->cause, root->detail);
  else if (aborted)
    decide(CallState::kAborted, aborted->cause, aborted->detail);
  else if (!outcome.started)
    outcome.state = CallState::kNotStarted;
  else if (!overAt())
    outcome.state = CallState::kRunning;
  else if (connected)
    decide(CallState::kFailed, FailureCause::kNoMedia, "media did not come in time");
  else if (connectedAt())
    decide(CallState::kFailed, FailureCause::kIceTimeout, "connected after the deadline");
  else
    decide(CallState::kAborted, FailureCause::kInternal, "the bots left and gave no reason");
}

Phases CallRecord::phasesOf(Instant scheduled) const {
  const auto critical =
      std::max_element(ends_.begin(), ends_.end(),
                       [](const End& a, const End& b) { return *a.connected < *b.connected; });
  const auto index = static_cast<std::size_t>(critical - ends_.begin());
  const auto bot = index / (bots_.size() - 1);
  const auto column = index % (bots_.size() - 1);
  const auto peer = column >= bot ? column + 1 : column;

  Instant from = scheduled;
  // A step that is unknown, or was over before the one before it, took no time of its own.
  const auto step = [&](std::optional<Instant> to) {
    const Instant until = std::clamp(to.value_or(from), from, *critical->connected);
    return until - std::exchange(from, until);
  };
  const auto later = [](std::optional<Instant> a, std::optional<Instant> b) {
    return a && b ? std::max(a, b) : std::nullopt;
  };
  Phases phases;
  phases.signaling = step(later(bots_[bot].joined, bots_[peer].joined));
  phases.negotiation = step(later(critical->local_set, critical->remote_set));
  phases.ice = step(critical->ice_up);
  phases.dtls = step(critical->connected);
  return phases;
}

void CallRecord::describePaths(CallOutcome& outcome) const {
  const int n = static_cast<int>(bots_.size());
  for (int a = 0; a < n; a++) {
    for (int b = a + 1; b < n; b++) {
      const bool swapped = end(b, a).offerer && !end(a, b).offerer;
      const End& offerer = swapped ? end(b, a) : end(a, b);
      const End& answerer = swapped ? end(a, b) : end(b, a);
      if (!offerer.pair_at)
        continue;
      // Each end knows its own candidate best: it may see a relayed peer as peer-reflexive.
      const CandidateType remote =
          answerer.pair_at ? answerer.pair.local.type : offerer.pair.remote.type;
      outcome.paths.push_back(std::string(candidateTypeWord(offerer.pair.local.type)) + "-" +
                              std::string(candidateTypeWord(remote)));
    }
  }
  for (const End& end : ends_) {
    if (end.pair_at && end.pair.local.type == CandidateType::kRelay)
      outcome.relay_protocols.push_back(end.pair.local.relay_protocol);
  }
}

void CallRecord::sumUp(CallOutcome& outcome) const {
  for (const Bot& bot : bots_) {
    if (bot.started)
      outcome.schedule_lags.push_back(bot.lag);
  }
  for (const End& end : ends_) {
    for (const Server& server : end.servers)
      outcome.servers.push_back(server.result);
    for (std::size_t kind = 0; kind < end.totals.size(); kind++)
      outcome.media[kind] += end.totals[kind];
    outcome.duplicate_candidates += end.duplicate_candidates;
  }
}

CallOutcome CallRecord::outcome(const CallRules& rules, Instant scheduled,
                                std::optional<Instant> host_crash) const {
  CallOutcome outcome;
  outcome.started = !bots_.empty();
  if (last_)
    outcome.watched = std::max(Duration::zero(), *last_ - scheduled);
  if (const auto at = joinedAt())
    outcome.signaling_time = *at - scheduled;
  const auto connected = connectedAt();
  if (connected && *connected - scheduled <= rules.deadlines.connect) {
    outcome.connect_time = *connected - scheduled;
    outcome.phases = phasesOf(scheduled);
    describePaths(outcome);
    if (const auto media = mediaAt(rules))
      outcome.first_media = std::max(*media, *connected) - scheduled;
  }
  sumUp(outcome);
  judge(outcome, rules, host_crash);
  return outcome;
}

}  // namespace turnout
