#include "orchestrator/results/fold/step_outcome.h"

#include "scenarios/scenario.h"

#include <algorithm>
#include <chrono>

namespace turnout {
namespace {

using End = StepOutcome::End;

// A link is silent from the last packet before the onset on; a socket that is cut is noticed soon.
constexpr Duration kBeforeOnset = 500ms, kAfterOnset = 1s;

template <class Body>
bool isAt(const Told<Body>& told, LinkEnd end) {
  return told.bot == end.bot && told.peer == end.peer;
}

void miss(StepOutcome& outcome, RecoveryRules::Watched watched) {
  outcome.end = watched == RecoveryRules::Watched::kInPart ? End::kLost : End::kMissed;
  outcome.outage_ms.reset();
  outcome.recover_ms.reset();
}

void keepLargest(std::optional<double>& most, double ms) {
  most = std::max(most.value_or(0), std::max(0.0, ms));
}

class StepJudge {
 public:
  StepJudge(const CallHistory& history, const Told<StepTaken>& step, const RecoveryRules& rules)
      : history_(history),
        step_(step),
        goal_(rowOf(step.body.action).goal),
        rules_(rules),
        back_(step.at) {
    if (const auto* over = overOf(step)) {
      back_ = over->at;
      due_ = over->at + rules.recover;
    }
    const auto* next = history_.first<StepTaken>([&](const Told<StepTaken>& other) {
      return other.bot == step_.bot && other.at > step_.at;
    });
    if (next)
      until_ = next->at;
  }

  StepOutcome outcome() const;

 private:
  const Told<StepOver>* overOf(const Told<StepTaken>& step) const;
  // When this bot is back: gone for good, or away for a step of its own, which the link waits for.
  bool isAbsent(int bot) const;
  // Goes as well while it is waited for: there is nobody to be told, or to come back to.
  bool goesItself(int bot) const;
  std::vector<LinkEnd> endedByTheStep() const;
  struct Back {
    Instant at;
    double outage_ms = 0;
  };
  // Media came again; or for the first time, where the step came before it.
  std::optional<Back> recovery(LinkEnd end) const;
  const Told<PartnerLeft>* farewell(LinkEnd end) const;
  bool mayPassUnnoticed() const {
    return goal_ == StepGoal::kLinksBackOrKept || goal_ == StepGoal::kSocketBack;
  }
  bool wasNeverLost(LinkEnd end) const;
  // Until the bot begins its next one.
  bool isOfThisStep(Instant at) const { return at >= step_.at && (!until_ || at < *until_); }
  template <class Body>
  void keepFirstOfThisStep(std::optional<Instant>& earliest, bool of_this_bot, Instant from) const;

  void judgeLinks(StepOutcome& outcome) const;
  void judgeSocket(StepOutcome& outcome) const;
  std::optional<bool> resumed() const;
  void measure(StepOutcome& outcome) const;

  const CallHistory& history_;
  const Told<StepTaken>& step_;
  StepGoal goal_;
  const RecoveryRules& rules_;
  Instant back_;
  std::optional<Instant> due_, until_;
};

const Told<StepOver>* StepJudge::overOf(const Told<StepTaken>& step) const {
  return history_.first<StepOver>([&](const Told<StepOver>& over) {
    return over.bot == step.bot && over.body.step == step.body.step;
  });
}

bool StepJudge::isAbsent(int bot) const {
  const auto is_gone = [&](const Told<BotLeft>& left) {
    return left.bot == bot && left.at <= back_;
  };
  const auto is_away = [&](const Told<StepTaken>& step) {
    if (step.bot != bot || step.at > back_)
      return false;
    const auto* over = overOf(step);
    return rowOf(step.body.action).goal == StepGoal::kPartnersTold || !over || over->at > back_;
  };
  return history_.first<BotLeft>(is_gone) || history_.first<StepTaken>(is_away);
}

bool StepJudge::goesItself(int bot) const {
  return bot != step_.bot && history_.first<StepTaken>([&](const Told<StepTaken>& step) {
    const StepRow& row = rowOf(step.body.action);
    return step.bot == bot && (!due_ || step.at <= *due_) &&
           (row.goal == StepGoal::kPartnersTold ||
            (goal_ == StepGoal::kPartnersTold && row.effect == StepEffect::kEndsLinks));
  });
}

std::vector<LinkEnd> StepJudge::endedByTheStep() const {
  std::vector<LinkEnd> ends;
  const auto consider = [&](LinkEnd end) {
    if (history_.first<LinkConnected>([&](const Told<LinkConnected>& connected) {
          return isAt(connected, end) && connected.at <= step_.at;
        }))
      ends.push_back(end);
  };
  for (int other = 0; other < rules_.shape.participants(); other++) {
    if (other == step_.bot || isAbsent(other))
      continue;
    if (goal_ != StepGoal::kPartnersTold)
      consider({step_.bot, other});
    if (other < rules_.shape.bots)
      consider({other, step_.bot});
  }
  return ends;
}

std::optional<StepJudge::Back> StepJudge::recovery(LinkEnd end) const {
  const Instant from = mayPassUnnoticed() ? step_.at : back_;
  const auto is_in_time = [&](const auto& told) {
    return isAt(told, end) && told.at >= from && (!due_ || told.at <= *due_);
  };
  if (const auto* recovered = history_.first<LinkRecovered>([&](const Told<LinkRecovered>& told) {
        return is_in_time(told) && (!mayPassUnnoticed() || isOfThisStep(told.at));
      }))
    return Back{recovered->at, recovered->body.outage_ms};
  if (history_.first<MediaStarted>([&](const Told<MediaStarted>& started) {
        return isAt(started, end) && started.at <= step_.at;
      }))
    return std::nullopt;
  std::optional<Back> back;
  for (const Told<MediaStarted>& started : history_.all<MediaStarted>()) {
    if (is_in_time(started))
      back = Back{started.at, toMs(started.at - step_.at)};
  }
  return back;
}

const Told<PartnerLeft>* StepJudge::farewell(LinkEnd end) const {
  return history_.first<PartnerLeft>([&](const Told<PartnerLeft>& left) {
    return left.bot == end.bot && (left.peer == end.peer || left.peer < 0) && left.at >= step_.at;
  });
}

bool StepJudge::wasNeverLost(LinkEnd end) const {
  const auto ends_it = [&](const auto& told) {
    return told.bot == end.bot && (told.peer == end.peer || told.peer < 0) && isOfThisStep(told.at);
  };
  return mayPassUnnoticed() && !history_.first<LinkLost>(ends_it) &&
         !history_.first<LinkFailed>(ends_it) && !history_.first<BotFailed>(ends_it);
}

void StepJudge::judgeLinks(StepOutcome& outcome) const {
  for (const LinkEnd& end : endedByTheStep()) {
    const bool is_left_alone = goesItself(end.bot) || goesItself(end.peer);
    if (goal_ == StepGoal::kPartnersTold) {
      if (!farewell(end) && is_left_alone)
        continue;
      if (!farewell(end))
        return miss(outcome, rules_.watched);
      outcome.end = End::kGood;
      continue;
    }
    const auto back = recovery(end);
    if (!back && is_left_alone)
      continue;
    if (!back && !wasNeverLost(end))
      return miss(outcome, rules_.watched);
    outcome.end = End::kGood;
    keepLargest(outcome.outage_ms, back ? back->outage_ms : 0);
    keepLargest(outcome.recover_ms, back ? toMs(back->at - back_) : 0);
  }
}

void StepJudge::judgeSocket(StepOutcome& outcome) const {
  if (goal_ != StepGoal::kSocketBack || outcome.end != End::kGood)
    return;
  const auto* back = history_.first<SocketBack>([&](const Told<SocketBack>& socket) {
    return socket.bot == step_.bot && socket.at >= step_.at;
  });
  if (!back)
    return miss(outcome, rules_.watched);
  keepLargest(outcome.recover_ms, toMs(back->at - back_));
}

std::optional<bool> StepJudge::resumed() const {
  const auto* back = history_.first<SessionResumed>([&](const Told<SessionResumed>& session) {
    return session.bot == step_.bot && session.at > step_.at;
  });
  if (!back || (until_ && *until_ < back->at))
    return std::nullopt;
  return back->body.resumed;
}

template <class Body>
void StepJudge::keepFirstOfThisStep(std::optional<Instant>& earliest, bool of_this_bot,
                                    Instant from) const {
  const auto* found = history_.first<Body>([&](const Told<Body>& told) {
    return isOfThisStep(told.at) && told.at >= from && (!of_this_bot || told.bot == step_.bot);
  });
  if (found && (!earliest || found->at < *earliest))
    earliest = found->at;
}

void StepJudge::measure(StepOutcome& outcome) const {
  std::optional<Instant> noticed, is_in;
  keepFirstOfThisStep<LinkLost>(noticed, false, step_.at);
  keepFirstOfThisStep<SocketLost>(noticed, true, step_.at);
  if (noticed)
    outcome.detect_ms = toMs(*noticed - step_.at);
  keepFirstOfThisStep<SessionResumed>(is_in, true, back_);
  keepFirstOfThisStep<BotJoined>(is_in, true, back_);
  keepFirstOfThisStep<PartnerMatched>(is_in, true, back_);
  if (is_in)
    outcome.kept_out_ms = toMs(*is_in - back_);
  for (const auto& tried : history_.all<RecoveryTried>()) {
    if (isOfThisStep(tried.at))
      outcome.attempts = std::max(outcome.attempts, tried.body.attempt);
  }
}

StepOutcome StepJudge::outcome() const {
  StepOutcome outcome{.action = std::string(toString(step_.body.action)),
                      .goal = goal_,
                      .end = End::kNothingDue,
                      .outage_ms = std::nullopt,
                      .resumed = resumed(),
                      .late_ms = step_.body.late_ms};
  judgeLinks(outcome);
  judgeSocket(outcome);
  measure(outcome);
  return outcome;
}

class FaultJudge {
 public:
  FaultJudge(const CallHistory& history, const FaultSpan& fault, const RecoveryRules& rules)
      : history_(history),
        fault_(fault),
        rules_(rules),
        is_of_site_(isOfSite(serviceFaultKind(fault.fault).value_or(ServiceFaultKind::kTurnKill))),
        over_(fault.end.value_or(fault.begin)),
        due_(over_ + rules.recover) {}

  StepOutcome outcome() const;

 private:
  bool isOfItsOnset(Instant at) const {
    return at >= fault_.begin - kBeforeOnset && at <= fault_.begin + kAfterOnset;
  }
  bool isOfSignaling() const { return fault_.service == kSignalingService; }
  template <class Body>
  bool isItsLoss(const Told<Body>& link, double lost_for_ms) const {
    const Instant onset = link.at - durationOfMs(lost_for_ms);
    return isOfItsOnset(onset) && !isOfSignaling() &&
           (is_of_site_ || rules_.was_relayed({link.bot, link.peer}, onset));
  }
  // The same link end, or socket, is there again.
  template <class Back, class Lost>
  const Told<Back>* returnOf(const Told<Lost>& loss) const {
    return history_.first<Back>([&](const Told<Back>& back) {
      return back.bot == loss.bot && back.peer == loss.peer && back.at >= fault_.begin &&
             back.at <= due_;
    });
  }
  template <class Back>
  void judge(const Told<Back>* back, double outage_ms, StepOutcome& outcome) const;

  const CallHistory& history_;
  const FaultSpan& fault_;
  const RecoveryRules& rules_;
  bool is_of_site_;
  Instant over_, due_;
};

template <class Back>
void FaultJudge::judge(const Told<Back>* back, double outage_ms, StepOutcome& outcome) const {
  if (outcome.end == End::kMissed || outcome.end == End::kLost)
    return;
  if (!back)
    return miss(outcome, rules_.watched);
  outcome.end = End::kGood;
  keepLargest(outcome.outage_ms, outage_ms);
  keepLargest(outcome.recover_ms, toMs(back->at - over_));
}

StepOutcome FaultJudge::outcome() const {
  StepOutcome outcome{.action = fault_.fault,
                      .goal = StepGoal::kLinksBack,
                      .end = End::kNothingDue,
                      .outage_ms = std::nullopt,
                      .resumed = std::nullopt,
                      .late_ms = fault_.late_ms};
  const auto notice = [&](Instant at) {
    const double ms = std::max(0.0, toMs(at - fault_.begin));
    outcome.detect_ms = std::min(outcome.detect_ms.value_or(ms), ms);
  };
  for (const auto& lost : history_.all<LinkLost>()) {
    if (!isItsLoss(lost, lost.body.silent_ms))
      continue;
    notice(lost.at);
    const auto* back = returnOf<LinkRecovered>(lost);
    judge(back, back ? back->body.outage_ms : 0, outcome);
  }
  for (const auto& lost : history_.all<SocketLost>()) {
    if (!isOfSignaling() || !isOfItsOnset(lost.at))
      continue;
    notice(lost.at);
    const auto* back = returnOf<SocketBack>(lost);
    judge(back, back ? back->body.away_ms : 0, outcome);
  }
  for (const auto& recovered : history_.all<LinkRecovered>()) {  // also of losses nobody noticed
    if (!isItsLoss(recovered, recovered.body.outage_ms))
      continue;
    const auto* back = returnOf<LinkRecovered>(recovered);
    judge(back, back ? back->body.outage_ms : 0, outcome);
  }
  for (const auto& tried : history_.all<RecoveryTried>()) {
    if (tried.at >= fault_.begin && tried.at <= due_)
      outcome.attempts = std::max(outcome.attempts, tried.body.attempt);
  }
  return outcome;
}

}  // namespace

void FaultRecord::add(Instant at, const FaultApplied& applied) {
  begun_.insert({at, applied.fault, applied.service, applied.late_ms});
}

void FaultRecord::add(Instant at, const FaultOver& over) {
  over_.insert({at, over.fault, over.service});
}

std::vector<FaultSpan> FaultRecord::spans() const {
  std::vector<FaultSpan> spans;
  for (const Mark& begun : begun_) {
    const auto end = std::ranges::find_if(over_, [&](const Mark& over) {
      return over.fault == begun.fault && over.service == begun.service && over.at >= begun.at;
    });
    spans.push_back({begun.fault, begun.service, begun.at,
                     end == over_.end() ? std::nullopt : std::optional(end->at), begun.late_ms});
  }
  return spans;
}

std::vector<StepOutcome> stepOutcomes(const CallHistory& history, const RecoveryRules& rules) {
  std::vector<StepOutcome> outcomes;
  for (const auto& step : history.all<StepTaken>())
    outcomes.push_back(StepJudge(history, step, rules).outcome());
  return outcomes;
}

std::vector<StepOutcome> faultOutcomes(const CallHistory& history,
                                       const std::vector<FaultSpan>& faults,
                                       const RecoveryRules& rules) {
  std::vector<StepOutcome> outcomes;
  for (const FaultSpan& fault : faults) {
    StepOutcome outcome = FaultJudge(history, fault, rules).outcome();
    if (outcome.end != End::kNothingDue)
      outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace turnout
