#include "orchestrator/results/fold/step_outcome.h"

#include <algorithm>

namespace turnout {
namespace {

using Kind = Moment::Kind;

struct LinkEnd {
  int bot, peer;
};

class StepJudge {
 public:
  StepJudge(const Moments& moments, const Moment& step, const CallShape& shape, Duration recover)
      : moments_(moments), step_(step), shape_(shape), back_(step.at) {
    if (const Moment* over = overOf(step)) {
      back_ = over->at;
      due_ = over->at + recover;
    }
  }

  StepOutcome outcome(Watched watched) const;

 private:
  template <class Condition>
  const Moment* first(Condition condition) const {
    const auto found = std::find_if(moments_.begin(), moments_.end(), condition);
    return found == moments_.end() ? nullptr : &*found;
  }
  const Moment* overOf(const Moment& step) const;
  bool isAbsent(int bot) const;
  bool wasConnected(LinkEnd end) const;
  std::vector<LinkEnd> endedByTheStep() const;
  const Moment* recovery(LinkEnd end) const;
  bool mayPassUnnoticed() const;
  bool survived(LinkEnd end) const;
  const Moment* socketBack() const;
  bool isOfThisStep(const Moment& moment) const;
  void judgeLinks(Watched watched, StepOutcome& outcome) const;
  void judgeSocket(Watched watched, StepOutcome& outcome) const;
  void measure(StepOutcome& outcome) const;
  const Moment* farewell(LinkEnd end) const;
  std::optional<bool> resumed() const;

  const Moments& moments_;
  const Moment& step_;
  const CallShape& shape_;
  Instant back_;
  std::optional<Instant> due_;
};

const Moment* StepJudge::overOf(const Moment& step) const {
  return first([&](const Moment& m) {
    return m.kind == Kind::kStepOver && m.bot == step.bot && m.number == step.number;
  });
}

// When this bot is back: gone for good, or away for a step of its own, which the link waits for.
bool StepJudge::isAbsent(int bot) const {
  return first([&](const Moment& m) {
    if (m.bot != bot || m.at > back_)
      return false;
    if (m.kind == Kind::kBotLeft)
      return true;
    if (m.kind != Kind::kStepTaken)
      return false;
    const Moment* over = overOf(m);
    return m.word == kForGood || !over || over->at > back_;
  });
}

bool StepJudge::wasConnected(LinkEnd end) const {
  return first([&](const Moment& m) {
    return m.kind == Kind::kConnected && m.bot == end.bot && m.peer == end.peer && m.at <= step_.at;
  });
}

std::vector<LinkEnd> StepJudge::endedByTheStep() const {
  std::vector<LinkEnd> ends;
  const auto consider = [&](LinkEnd end) {
    if (wasConnected(end))
      ends.push_back(end);
  };
  for (int other = 0; other < shape_.participants(); other++) {
    if (other == step_.bot || isAbsent(other))
      continue;
    if (step_.word != kForGood)
      consider({step_.bot, other});
    if (other < shape_.bots)
      consider({other, step_.bot});
  }
  return ends;
}

const Moment* StepJudge::recovery(LinkEnd end) const {
  const Instant from = step_.word == "rapid_retries" ? back_ : step_.at;  // the last reload counts
  return first([&](const Moment& m) {
    return m.kind == Kind::kRecovered && m.bot == end.bot && m.peer == end.peer && m.at >= from &&
           (!due_ || m.at <= *due_) && (!mayPassUnnoticed() || isOfThisStep(m));
  });
}

bool StepJudge::mayPassUnnoticed() const {
  return step_.word == "network_drop" || step_.word == "loss" || step_.word == "signaling_drop";
}

bool StepJudge::survived(LinkEnd end) const {
  if (!mayPassUnnoticed())
    return false;
  return !first([&](const Moment& m) {
    return (m.kind == Kind::kLinkLost || m.kind == Kind::kFailed) && m.bot == end.bot &&
           (m.peer == end.peer || m.peer < 0) && isOfThisStep(m);
  });
}

const Moment* StepJudge::socketBack() const {
  return first([&](const Moment& m) {
    return m.kind == Kind::kSocketBack && m.bot == step_.bot && m.at >= step_.at;
  });
}

// Until the bot begins its next one.
bool StepJudge::isOfThisStep(const Moment& moment) const {
  if (moment.at < step_.at)
    return false;
  const Moment* next = first([&](const Moment& m) {
    return m.kind == Kind::kStepTaken && m.bot == step_.bot && m.at > step_.at;
  });
  return !next || moment.at < next->at;
}

const Moment* StepJudge::farewell(LinkEnd end) const {
  return first([&](const Moment& m) {
    return m.kind == Kind::kPartnerLeft && m.bot == end.bot && (m.peer == end.peer || m.peer < 0) &&
           m.at >= step_.at;
  });
}

std::optional<bool> StepJudge::resumed() const {
  const auto of_bot = [&](Kind kind) {
    return first(
        [&](const Moment& m) { return m.kind == kind && m.bot == step_.bot && m.at > step_.at; });
  };
  const Moment* back = of_bot(Kind::kSessionBack);
  const Moment* next_step = of_bot(Kind::kStepTaken);
  if (!back || (next_step && next_step->at < back->at))
    return std::nullopt;
  return back->number == 1;
}

void StepJudge::judgeLinks(Watched watched, StepOutcome& outcome) const {
  const bool for_good = step_.word == kForGood;
  for (const LinkEnd& end : endedByTheStep()) {
    const Moment* good = for_good ? farewell(end) : recovery(end);
    if (!good && !survived(end)) {
      outcome.end =
          watched == Watched::kInPart ? StepOutcome::End::kLost : StepOutcome::End::kMissed;
      outcome.outage_ms.reset();
      outcome.recover_ms.reset();
      return;
    }
    outcome.end = StepOutcome::End::kGood;
    if (for_good)
      continue;
    const double late = good ? std::max(0.0, toMs(good->at - back_)) : 0;
    outcome.outage_ms = std::max(outcome.outage_ms.value_or(0), good ? good->ms : 0);
    outcome.recover_ms = std::max(outcome.recover_ms.value_or(0), late);
  }
}

void StepJudge::judgeSocket(Watched watched, StepOutcome& outcome) const {
  if (outcome.end != StepOutcome::End::kGood)
    return;
  if (const Moment* back = socketBack()) {
    outcome.recover_ms = std::max(outcome.recover_ms.value_or(0), toMs(back->at - back_));
    return;
  }
  outcome.end = watched == Watched::kInPart ? StepOutcome::End::kLost : StepOutcome::End::kMissed;
  outcome.outage_ms.reset();
  outcome.recover_ms.reset();
}

void StepJudge::measure(StepOutcome& outcome) const {
  const auto earliest = [&](auto condition) {
    const Moment* found = nullptr;
    for (const Moment& m : moments_) {
      if (isOfThisStep(m) && condition(m) && (!found || m.at < found->at))
        found = &m;
    }
    return found;
  };
  if (const Moment* lost = earliest([&](const Moment& m) {
        return m.kind == Kind::kLinkLost || (m.kind == Kind::kSocketLost && m.bot == step_.bot);
      }))
    outcome.detect_ms = toMs(lost->at - step_.at);
  if (const Moment* in = earliest([&](const Moment& m) {
        const bool is_in =
            m.kind == Kind::kSessionBack || m.kind == Kind::kJoined || m.kind == Kind::kMatched;
        return is_in && m.bot == step_.bot && m.at >= back_;
      }))
    outcome.kept_out_ms = toMs(in->at - back_);
  for (const Moment& m : moments_) {
    if (m.kind == Kind::kTried && isOfThisStep(m))
      outcome.attempts = std::max(outcome.attempts, m.number);
  }
}

StepOutcome StepJudge::outcome(Watched watched) const {
  StepOutcome outcome{.action = step_.word,
                      .end = StepOutcome::End::kNothingDue,
                      .outage_ms = std::nullopt,
                      .resumed = resumed(),
                      .late_ms = step_.ms};
  judgeLinks(watched, outcome);
  if (step_.word == "signaling_drop")
    judgeSocket(watched, outcome);
  measure(outcome);
  return outcome;
}

}  // namespace

std::vector<StepOutcome> stepOutcomes(const Moments& moments, const CallShape& shape,
                                      Duration recover, Watched watched) {
  std::vector<StepOutcome> outcomes;
  for (const Moment& moment : moments) {
    if (moment.kind == Kind::kStepTaken)
      outcomes.push_back(StepJudge(moments, moment, shape, recover).outcome(watched));
  }
  return outcomes;
}

}  // namespace turnout
