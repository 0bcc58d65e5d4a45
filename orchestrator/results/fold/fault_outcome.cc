#include "orchestrator/results/fold/fault_outcome.h"

#include <algorithm>
#include <chrono>

namespace turnout {
namespace {

using Kind = Moment::Kind;
using End = StepOutcome::End;

// A link is silent from the last packet before the onset on; a socket that is cut is noticed soon.
constexpr Duration kBefore = 500ms, kAfter = 1s;

Duration ofMs(double ms) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(ms));
}

// When what this moment tells of began; absent: it tells of no loss.
std::optional<Instant> onsetOf(const Moment& moment) {
  if (moment.kind == Kind::kLinkLost || moment.kind == Kind::kRecovered)
    return moment.at - ofMs(moment.ms);
  if (moment.kind == Kind::kSocketLost)
    return moment.at;
  return std::nullopt;
}

class FaultJudge {
 public:
  FaultJudge(const FaultSpan& fault, const Moments& moments, Duration recover, Watched watched)
      : fault_(fault),
        moments_(moments),
        over_(fault.end.value_or(fault.begin)),
        due_(over_ + recover),
        watched_(watched) {}

  StepOutcome outcome() const;

 private:
  bool isItsLoss(const Moment& moment) const;
  const Moment* returnOf(const Moment& loss) const;
  void judge(const Moment& loss, StepOutcome& outcome) const;
  int attempts() const;

  const FaultSpan& fault_;
  const Moments& moments_;
  Instant over_, due_;
  Watched watched_;
};

bool FaultJudge::isItsLoss(const Moment& moment) const {
  const auto onset = onsetOf(moment);
  return onset && *onset >= fault_.begin - kBefore && *onset <= fault_.begin + kAfter;
}

// The same link end, or socket, is there again.
const Moment* FaultJudge::returnOf(const Moment& loss) const {
  const Kind wanted = loss.kind == Kind::kSocketLost ? Kind::kSocketBack : Kind::kRecovered;
  const auto found = std::ranges::find_if(moments_, [&](const Moment& moment) {
    return moment.kind == wanted && moment.bot == loss.bot && moment.peer == loss.peer &&
           moment.at >= fault_.begin && moment.at <= due_;
  });
  return found == moments_.end() ? nullptr : &*found;
}

void FaultJudge::judge(const Moment& loss, StepOutcome& outcome) const {
  if (loss.kind != Kind::kRecovered) {
    const double noticed = std::max(0.0, toMs(loss.at - fault_.begin));
    outcome.detect_ms = std::min(outcome.detect_ms.value_or(noticed), noticed);
  }
  if (outcome.end == End::kMissed || outcome.end == End::kLost)
    return;
  if (const Moment* back = returnOf(loss)) {
    outcome.end = End::kGood;
    outcome.outage_ms = std::max(outcome.outage_ms.value_or(0), back->ms);
    outcome.recover_ms = std::max(outcome.recover_ms.value_or(0), toMs(back->at - over_));
    return;
  }
  outcome.end = watched_ == Watched::kInPart ? End::kLost : End::kMissed;
  outcome.outage_ms.reset();
  outcome.recover_ms.reset();
}

int FaultJudge::attempts() const {
  int most = 0;
  for (const Moment& moment : moments_)
    if (moment.kind == Kind::kTried && moment.at >= fault_.begin && moment.at <= due_)
      most = std::max(most, moment.number);
  return most;
}

StepOutcome FaultJudge::outcome() const {
  StepOutcome outcome{.action = fault_.fault,
                      .end = End::kNothingDue,
                      .outage_ms = std::nullopt,
                      .resumed = std::nullopt,
                      .late_ms = fault_.late_ms,
                      .attempts = attempts()};
  for (const Moment& moment : moments_)
    if (isItsLoss(moment))
      judge(moment, outcome);
  return outcome;
}

}  // namespace

std::vector<StepOutcome> faultOutcomes(const std::vector<FaultSpan>& faults, const Moments& moments,
                                       Duration recover, Watched watched) {
  std::vector<StepOutcome> outcomes;
  for (const FaultSpan& fault : faults) {
    StepOutcome outcome = FaultJudge(fault, moments, recover, watched).outcome();
    if (outcome.end != End::kNothingDue)
      outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace turnout
