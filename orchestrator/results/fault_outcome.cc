#include "orchestrator/results/fault_outcome.h"

#include <algorithm>
#include <chrono>

namespace turnout {
namespace {

using Kind = Moment::Kind;

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

// The same link end, or socket, is there again.
const Moment* returnOf(const Moment& loss, const Moments& moments, Instant since) {
  const Kind wanted = loss.kind == Kind::kSocketLost ? Kind::kSocketBack : Kind::kRecovered;
  const auto found = std::ranges::find_if(moments, [&](const Moment& moment) {
    return moment.kind == wanted && moment.bot == loss.bot && moment.peer == loss.peer &&
           moment.at >= since;
  });
  return found == moments.end() ? nullptr : &*found;
}

void judge(StepOutcome& outcome, const Moment* back, Instant due, Watched watched) {
  using End = StepOutcome::End;
  if (outcome.end == End::kMissed || outcome.end == End::kLost)
    return;
  if (back && back->at <= due) {
    outcome.end = End::kGood;
    outcome.outage_ms = std::max(outcome.outage_ms.value_or(0), back->ms);
    return;
  }
  outcome.end = watched == Watched::kInPart ? End::kLost : End::kMissed;
  outcome.outage_ms.reset();
}

}  // namespace

std::vector<StepOutcome> faultOutcomes(const std::vector<FaultSpan>& faults, const Moments& moments,
                                       Duration recover, Watched watched) {
  std::vector<StepOutcome> outcomes;
  for (const FaultSpan& fault : faults) {
    StepOutcome outcome{fault.fault, StepOutcome::End::kNothingDue, std::nullopt, std::nullopt};
    for (const Moment& loss : moments) {
      const auto onset = onsetOf(loss);
      if (onset && *onset >= fault.begin - kBefore && *onset <= fault.begin + kAfter)
        judge(outcome, returnOf(loss, moments, fault.begin),
              fault.end.value_or(fault.begin) + recover, watched);
    }
    if (outcome.end != StepOutcome::End::kNothingDue)
      outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace turnout
