#include "orchestrator/results/step_outcome.h"

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
  return first([&](const Moment& m) {
    return m.kind == Kind::kRecovered && m.bot == end.bot && m.peer == end.peer &&
           m.at >= step_.at && (!due_ || m.at <= *due_);
  });
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

StepOutcome StepJudge::outcome(Watched watched) const {
  StepOutcome outcome{step_.word, StepOutcome::End::kNothingDue, std::nullopt, resumed()};
  const bool for_good = step_.word == kForGood;
  for (const LinkEnd& end : endedByTheStep()) {
    const Moment* good = for_good ? farewell(end) : recovery(end);
    if (!good) {
      outcome.end =
          watched == Watched::kInPart ? StepOutcome::End::kLost : StepOutcome::End::kMissed;
      outcome.outage_ms.reset();
      break;
    }
    outcome.end = StepOutcome::End::kGood;
    if (!for_good)
      outcome.outage_ms = std::max(outcome.outage_ms.value_or(0), good->ms);
  }
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
