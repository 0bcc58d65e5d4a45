#include "orchestrator/results/judge/judgement_words.h"

#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/judge/observed.h"

#include <cmath>

namespace turnout {

std::string nameOf(const Judgement& judgement) {
  const std::string key = judgement.threshold.key.substr(0, judgement.threshold.key.find('{'));
  const std::string where = judgement.turn.empty() ? "" : " of " + judgement.turn;
  return key + where + " " + judgement.threshold.expression;
}

std::string observedText(const Judgement& judgement) {
  if (!judgement.observed)
    return "no data";
  if (*judgement.observed == kNotReached)
    return "not reached";
  switch (quantityOf(judgement.threshold.measure)) {
    case Quantity::kRate:
      return percentText(*judgement.observed);
    case Quantity::kCount:
      return std::to_string(static_cast<int>(*judgement.observed));
    case Quantity::kTime:
      break;
  }
  return millisecondsText(*judgement.observed);
}

std::string stateWord(Ruling ruling) {
  switch (ruling) {
    case Ruling::kPass:
      return "holds";
    case Ruling::kFail:
      return "does not hold";
    case Ruling::kInconclusive:
      return "is open";
  }
  return "";
}

std::string intervalTextOf(const Judgement& judgement) {
  if (!judgement.evidence.interval)
    return "";
  return quantityOf(judgement.threshold.measure) == Quantity::kRate
             ? intervalText(*judgement.evidence.interval)
             : timeIntervalText(*judgement.evidence.interval);
}

std::string intervalName(const Verdict& verdict) {
  const bool is_only_look = std::abs(verdict.deviations - zOfConfidence(0.95)) < 1e-4;
  return is_only_look ? "95 % interval" : "95 % interval over all looks";
}

std::string sentenceOf(const Judgement& judgement, const Verdict& verdict) {
  std::string text =
      nameOf(judgement) + " " + stateWord(judgement.ruling) + ": " + observedText(judgement);
  if (const std::string interval = intervalTextOf(judgement); !interval.empty())
    text += ", " + intervalName(verdict) + " " + interval;
  if (judgement.observed)
    text += ", n = " + std::to_string(judgement.evidence.n);
  if (judgement.ruling == Ruling::kInconclusive && judgement.evidence.calls_needed)
    text += "; some " + countText(*judgement.evidence.calls_needed, "call") +
            " like these would decide";
  return text + ".";
}

}  // namespace turnout
