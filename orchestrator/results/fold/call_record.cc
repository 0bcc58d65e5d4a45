#include "orchestrator/results/fold/call_record.h"

#include "orchestrator/results/diagnosis/diagnosis.h"
#include "orchestrator/results/fold/media_outcome.h"
#include "orchestrator/results/fold/step_outcome.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

namespace turnout {
namespace {

// What a bot does from this event on; absent: the event says nothing about that.
std::optional<BotStage> stageAfter(const EventBody& body) {
  return std::visit(
      Overloaded{[](const BotStarted&) { return std::optional(BotStage::kJoining); },
                 [](const BotJoined&) { return std::optional(BotStage::kConnecting); },
                 [](const MediaStarted&) { return std::optional(BotStage::kInCall); },
                 [](const LinkRecovered&) { return std::optional(BotStage::kInCall); },
                 [](const StepTaken&) { return std::optional(BotStage::kInStep); },
                 [](const StepOver&) { return std::optional(BotStage::kConnecting); },
                 [](const auto&) { return std::optional<BotStage>(); }},
      body);
}

}  // namespace

bool CallRecord::add(const Event& event, const CallRules& rules) {
  if (event.bot < 0 || std::holds_alternative<CallAssigned>(event.body)) {
    addToCall(event);
    return true;
  }
  const Topology topology(rules.shape);
  const LinkEnd end{event.bot, event.peer};
  if (event.bot >= topology.bots() || event.round < 1 ||
      (event.peer >= 0 && !topology.contains(end)))
    return false;
  if (bots_.empty()) {
    topology_ = topology;
    bots_.resize(static_cast<std::size_t>(topology.bots()));
    links_.resize(topology.size());
  }
  keepLatest(last_, event.at);
  history_.add(event);
  addToBot(event, bots_[static_cast<std::size_t>(event.bot)]);
  if (event.peer >= 0)
    links_[topology.indexOf(end)].add(event);
  return true;
}

void CallRecord::addToCall(const Event& event) {
  if (const auto* body = std::get_if<CallAssigned>(&event.body)) {
    hosts_.insert(body->host);
    assigned_ = event.at;
  }
}

void CallRecord::addToBot(const Event& event, Bot& bot) {
  if (const auto stage = stageAfter(event.body); stage && event.at >= bot.stage_since) {
    bot.stage = *stage;
    bot.stage_since = event.at;
  }
  if (const auto* body = std::get_if<BotStarted>(&event.body)) {
    keepEarliest(bot.started, event.at);
    keepEarliest(scheduled_, fromNs(body->scheduled_ns));
    bot.lag = std::max(Duration::zero(), *bot.started - fromNs(body->scheduled_ns));
  } else if (std::holds_alternative<BotJoined>(event.body)) {
    keepEarliest(bot.joined, event.at);
  } else if (std::holds_alternative<BotLeft>(event.body)) {
    keepLatest(bot.left, event.at);
  } else if (const auto* failed = std::get_if<BotFailed>(&event.body)) {
    bot.has_failed = true;
    failures_.push_back({failed->cause, event.at, failed->detail, event.bot, -1, event.round});
  } else if (const auto* broken = std::get_if<LinkFailed>(&event.body)) {
    bot.has_failed = true;
    failures_.push_back(
        {broken->cause, event.at, broken->detail, event.bot, event.peer, event.round});
  }
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
  for (const LinkRecord& link : links_) {
    const auto connected = link.counted().connected;
    if (!connected)
      return std::nullopt;
    keepLatest(last, *connected);
  }
  return last;
}

std::optional<Instant> CallRecord::mediaAt(const CallRules& rules) const {
  std::optional<Instant> last;
  for (const LinkRecord& link : links_) {
    const auto at = link.mediaAt(rules.media, rules.deadlines.first_media);
    if (!at)
      return std::nullopt;
    keepLatest(last, *at);
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

// Of a connection made after a step, when the one that counts had come to an end.
bool CallRecord::isLate(const Failure& failure) const {
  return failure.peer >= 0 && failure.round > link({failure.bot, failure.peer}).countedRound();
}

const CallRecord::Failure* CallRecord::rootFailure(std::optional<Instant> until) const {
  const auto key = [this](const Failure& f) {
    return std::tuple(isLate(f), rootRank(f.cause), f.at, std::string_view(f.detail));
  };
  const Failure* root = nullptr;
  for (const Failure& failure : failures_) {
    if (isAbortion(failure.cause) || (until && failure.at > *until))
      continue;
    if (!root || key(failure) < key(*root))
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

std::optional<FailedLink> CallRecord::failedLink(const Failure& root) const {
  if (root.peer < 0)
    return std::nullopt;
  FailedLink failed{root.at, link({root.bot, root.peer}).facts(root.bot, root.round), std::nullopt};
  if (root.peer < bots())
    failed.theirs = link({root.peer, root.bot}).facts(root.peer, root.round);
  return failed;
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
    if (const Failure* root = rootFailure(std::nullopt)) {
      outcome.dropped = true;
      outcome.failure = CallFailure{root->at, root->cause, root->detail};
    }
    return;
  }
  const auto aborted = abortion(host_crash);
  if (const Failure* root = rootFailure(aborted ? std::optional(aborted->at) : std::nullopt)) {
    decide(CallState::kFailed, root->cause, root->detail);
    outcome.failure = CallFailure{root->at, root->cause, root->detail};
    outcome.failed_link = failedLink(*root);
  } else if (aborted)
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

Phases CallRecord::phasesOf(const CallClock& clock, std::optional<Instant> wait_ended) const {
  const std::vector<LinkEnd> all = topology_->ends();
  const LinkEnd critical = *std::max_element(all.begin(), all.end(), [this](LinkEnd a, LinkEnd b) {
    return *link(a).counted().connected < *link(b).counted().connected;
  });
  const LinkRecord::Round& round = link(critical).counted();
  const auto later = [](std::optional<Instant> a, std::optional<Instant> b) {
    return a && b ? std::max(a, b) : std::nullopt;
  };
  auto met = bots_[static_cast<std::size_t>(critical.bot)].joined;
  if (critical.peer < bots())
    met = later(met, bots_[static_cast<std::size_t>(critical.peer)].joined);
  if (wait_ended)
    met = later(met, wait_ended);

  Duration from{};
  // A step that is unknown, or was over before the one before it, took no time of its own.
  const auto step = [&](std::optional<Instant> to) {
    const Duration until = std::clamp(to ? clock.at(*to) : from, from, clock.at(*round.connected));
    return until - std::exchange(from, until);
  };
  Phases phases;
  phases.signaling = step(met);
  phases.negotiation = step(later(round.local_set, round.remote_set));
  phases.ice = step(round.ice_up);
  phases.dtls = step(round.connected);
  return phases;
}

void CallRecord::describePaths(CallOutcome& outcome) const {
  const auto path = [](CandidateType offerer, CandidateType answerer) {
    return std::string(toString(offerer)) + "-" + std::string(toString(answerer));
  };
  for (const LinkEnd end : topology_->ends()) {
    const LinkRecord::Round& ours = link(end).counted();
    const bool both_report = end.peer < bots();
    if (ours.pair_at && ours.pair.local.type == CandidateType::kRelay)
      outcome.relay_protocols.push_back(ours.pair.local.relay_protocol);
    if (both_report && end.peer < end.bot)
      continue;  // told with the other end
    const LinkRecord::Round* theirs = both_report ? &link({end.peer, end.bot}).counted() : nullptr;
    if (!ours.pair_at && !(theirs && theirs->pair_at))
      continue;
    // Each end knows its own candidate best: it may see a relayed peer as peer-reflexive.
    const auto local = ours.pair_at ? ours.pair.local.type : theirs->pair.remote.type;
    const auto remote = theirs && theirs->pair_at ? theirs->pair.local.type : ours.pair.remote.type;
    const bool we_offered = ours.offerer || (theirs && !theirs->offerer);
    outcome.paths.push_back(we_offered ? path(local, remote) : path(remote, local));
  }
}

std::vector<MediaFlow> CallRecord::flows(const std::vector<MediaKind>& kinds) const {
  std::vector<MediaFlow> all;
  for (const LinkEnd receiver : topology_->ends()) {
    LinkWay way{receiver.peer, receiver.bot,
                receiver.peer < bots() ? &link({receiver.peer, receiver.bot}) : nullptr,
                &link(receiver)};
    for (const auto& left : history_.all<PartnerLeft>()) {  // the last time counts
      if (left.bot == receiver.bot && (left.peer == receiver.peer || left.peer < 0))
        way.sender_left = left.at;
    }
    std::ranges::move(flowsOf(way, kinds), std::back_inserter(all));
  }
  return all;
}

void CallRecord::judgeMedia(CallOutcome& outcome, bool is_whole) const {
  if (outcome.cause == FailureCause::kNoMedia) {
    for (const MediaFlow& flow : outcome.flows) {
      if (!flow.came)
        outcome.missing_media.push_back(flow.key);
    }
    if (!outcome.missing_media.empty())
      outcome.detail = "no";
    for (const FlowKey& way : outcome.missing_media)
      outcome.detail += (outcome.detail == "no" ? " " : ", no ") + wayText(way);
  }
  if (outcome.state != CallState::kSucceeded || !is_whole)
    return;
  if (outcome.dropped) {
    outcome.fate = MediaFate::kDropped;
    outcome.trouble = troubleOf(outcome.flows, true);
    return;
  }
  // Who goes for good takes his media with him.
  const bool is_to_end_early = std::ranges::any_of(
      outcome.steps, [](const StepOutcome& step) { return step.goal == StepGoal::kPartnersTold; });
  const bool is_known = std::ranges::all_of(outcome.flows, &MediaFlow::is_reported);
  if (outcome.flows.empty() || is_to_end_early || !is_known)
    return;
  outcome.trouble = troubleOf(outcome.flows, !outcome.steps.empty());
  outcome.fate = !outcome.trouble                                       ? MediaFate::kKept
                 : outcome.trouble->sign == MediaTrouble::Sign::kSilent ? MediaFate::kDropped
                                                                        : MediaFate::kDegraded;
  outcome.dropped = outcome.fate == MediaFate::kDropped;
}

std::optional<Wait> CallRecord::waitOf(const WaitSpan& span, const CallOutcome& judged) const {
  if (span.ended)
    return Wait{*span.ended - *span.began, true};
  if (span.began)
    return Wait{*last_ - *span.began, false};
  // A caller does not see its call ring; that nobody answered tells that it did.
  if (judged.cause == FailureCause::kNotAnswered || judged.cause == FailureCause::kNoPartner)
    return Wait{};
  return std::nullopt;
}

// Whoever was waited for in vain: until that was given up, from when the bots were there.
std::optional<Waiting> CallRecord::waitingOf(const WaitSpan& span,
                                             const CallOutcome& judged) const {
  const bool is_in_vain = judged.cause == FailureCause::kPeerMissing ||
                          judged.cause == FailureCause::kNotAnswered ||
                          judged.cause == FailureCause::kNoPartner;
  std::optional<Instant> begin = span.began;
  if (!begin && is_in_vain && !history_.all<BotJoined>().empty())
    begin = history_.all<BotJoined>().back().at;
  if (!begin)
    return std::nullopt;
  return Waiting{std::max(*begin, judged.begin), span.ended.value_or(judged.decided)};
}

// Each end knows its own candidate best: it may see a relayed peer as peer-reflexive.
bool CallRecord::wasRelayed(LinkEnd end, Instant until) const {
  const bool theirs =
      topology_->isReportedByBoth(end) && link({end.peer, end.bot}).wasRelayed(until);
  return theirs || link(end).wasRelayed(until);
}

void CallRecord::sumUp(CallOutcome& outcome) const {
  for (const Bot& bot : bots_) {
    outcome.bots.push_back(bot.left         ? BotStage::kLeft
                           : bot.has_failed ? BotStage::kFailed
                                            : bot.stage);
    if (bot.started)
      outcome.schedule_lags.push_back(bot.lag);
    if (bot.started && bot.joined)
      outcome.join_times.push_back(std::max(Duration::zero(), *bot.joined - *bot.started));
  }
  for (const LinkRecord& link : links_)
    link.sumUp(outcome);
  count(history_, outcome);
}

CallOutcome CallRecord::outcome(const CallRules& rules, Instant scheduled,
                                std::optional<Instant> host_crash,
                                const std::vector<FaultSpan>& faults) const {
  CallOutcome outcome;
  const WaitSpan wait = waitIn(history_, rules.shape.kind);
  const CallClock clock(scheduled, wait);
  outcome.started = !bots_.empty();
  outcome.hosts = hosts_;
  if (last_)
    outcome.watched = std::max(Duration::zero(), clock.at(*last_));
  if (const auto at = joinedAt())
    outcome.signaling_time = clock.at(*at);
  const auto connected = connectedAt();
  if (connected && clock.at(*connected) <= rules.deadlines.connect) {
    outcome.connect_time = clock.at(*connected);
    outcome.phases = phasesOf(clock, wait.ended);
    describePaths(outcome);
    if (const auto media = rules.media.empty() ? std::nullopt : mediaAt(rules))
      outcome.first_media = clock.at(std::max(*media, *connected));
  }
  sumUp(outcome);
  judge(outcome, rules, host_crash);
  outcome.begin = scheduled;
  outcome.end = last_.value_or(scheduled);
  outcome.decided = outcome.end;
  if (outcome.state == CallState::kSucceeded)
    outcome.decided = std::max(mediaAt(rules).value_or(*connected), *connected);
  else if (outcome.failure)
    outcome.decided = outcome.failure->at;
  outcome.wait = waitOf(wait, outcome);
  outcome.waiting = waitingOf(wait, outcome);
  const bool whole = overAt() && !abortion(host_crash);
  const RecoveryRules recovery{
      rules.shape, rules.deadlines.recover,
      whole ? RecoveryRules::Watched::kToTheEnd : RecoveryRules::Watched::kInPart,
      [this](LinkEnd end, Instant until) { return wasRelayed(end, until); }};
  outcome.steps = stepOutcomes(history_, recovery);
  std::ranges::move(faultOutcomes(history_, faults, recovery), std::back_inserter(outcome.steps));
  outcome.flows = flows(rules.media);
  for (const LinkRecord& link : links_)
    for (const OneWayMedia& media : link.oneWay(rules.media))
      outcome.one_way.insert(media);
  judgeMedia(outcome, whole);
  return outcome;
}

}  // namespace turnout
