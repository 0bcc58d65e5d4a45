#include "scenarios/sections.h"
#include "scenarios/threshold.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr std::int64_t kMaxCallsPerArm = 1'000'000;

struct Condition {
  std::string expression;
  ThresholdRule rule = ThresholdRule::kInterval;
};

Keys<Condition> conditionKeys() {
  return {required(text("threshold", &Condition::expression)),
          choice("rule", &Condition::rule,
                 {{"interval", ThresholdRule::kInterval}, {"estimate", ThresholdRule::kEstimate}})};
}

// "rate>=0.9", or {"threshold": "rate>=0.9", "rule": "estimate"}.
void readCondition(const Place& place, const std::string& key, Scenario& scenario) {
  Condition condition;
  if (place.value.isObject())
    readObject(place, conditionKeys(), condition);
  else
    condition.expression = readText(place).value_or("");
  if (condition.expression.empty())
    return;
  auto threshold = parseThreshold(key, condition.expression);
  if (!threshold)
    return place.problem(threshold.error().what);
  threshold->rule = condition.rule;
  scenario.thresholds.push_back(*std::move(threshold));
}

void readByMeasure(const Place& place, Scenario& scenario) {
  for (const std::string& key : place.keys()) {
    const Place conditions = place.at(key);
    if (const auto known = parseThresholdKey(key); !known) {
      conditions.problem(known.error().what);
      continue;
    }
    for (const Place& item : readList(conditions, {1, 100}))
      readCondition(item, key, scenario);
  }
}

void readSet(const Place& place, Scenario& scenario) {
  const auto name = readText(place);
  if (!name)
    return;
  auto thresholds = thresholdsOfSet(*name);
  if (!thresholds)
    return place.problem(thresholds.error().what);
  scenario.thresholds.insert(scenario.thresholds.end(), thresholds->begin(), thresholds->end());
}

void readThresholds(const Place& place, Scenario& scenario) {
  if (place.value.isObject())
    return readByMeasure(place, scenario);
  if (!place.value.isArray())
    return place.expected("an object or an array");
  for (const Place& item : readList(place, {1, 100})) {
    if (item.value.isObject())
      readByMeasure(item, scenario);
    else
      readSet(item, scenario);
  }
}

enum class Until { kDecided };
struct ExtendDraft {
  Until until = Until::kDecided;
  std::optional<int> max_calls;
};

Keys<ExtendDraft> extendKeys() {
  return {required(choice("until", &ExtendDraft::until, {{"decided", Until::kDecided}})),
          required(Key<ExtendDraft>("max_calls", [](const Place& place, ExtendDraft& draft) {
            if (const auto calls = readInteger(place, {1, kMaxCallsPerArm}))
              draft.max_calls = static_cast<int>(*calls);
          }))};
}

void readExtend(const Place& place, Scenario& scenario) {
  ExtendDraft draft;
  readObject(place, extendKeys(), draft);
  scenario.max_calls_per_arm = draft.max_calls;
}

void checkSelectorsOf(const Place& place, const std::string& selector,
                      const std::vector<std::string>& arms) {
  const auto known = parseThresholdKey("loss" + selector);
  if (!known || known->arm.empty() || known->arm == "*")
    return;
  if (std::find(arms.begin(), arms.end(), known->arm) == arms.end())
    place.problem("no arm is named \"" + known->arm + "\"" + suggestion(known->arm, arms));
}

std::string selectorIn(const std::string& key) {
  return key.substr(std::min(key.find('{'), key.size()));
}

void checkSelectors(const Place& thresholds, const std::vector<std::string>& arms) {
  for (const std::string& key : thresholds.keys())
    if (parseThresholdKey(key))
      checkSelectorsOf(thresholds.at(key), selectorIn(key), arms);
  for (const Place& item : thresholds.elements()) {
    if (item.value.isObject())
      checkSelectors(item, arms);
    else if (const auto name = item.value.asString(); name && thresholdsOfSet(*name))
      checkSelectorsOf(item, selectorIn(*name), arms);
  }
}

void checkExtension(const Place& extend, const Scenario& scenario) {
  if (!scenario.max_calls_per_arm)
    return;
  if (*scenario.max_calls_per_arm <= scenario.firstCallsPerArm())
    extend.at("max_calls")
        .problem("an arm has " + std::to_string(scenario.firstCallsPerArm()) +
                 " calls to begin with; expected more");
  if (scenario.shape.kind == CallMode::kMatch && *scenario.max_calls_per_arm % 2 != 0)
    extend.at("max_calls").problem("expected an even number: seekers are matched in pairs");
  if (std::ranges::none_of(scenario.thresholds, [](const Threshold& threshold) {
        return threshold.rule == ThresholdRule::kInterval && !isOfEachCall(threshold);
      }))
    extend.problem(
        "no threshold can stay open: they are about each call, or judged by the estimate");
}

}  // namespace

Key<Scenario> thresholdsSection() {
  return {"thresholds", readThresholds};
}

Key<Scenario> extendSection() {
  return {"extend", readExtend, keyNames(extendKeys(), ".")};
}

void checkThresholds(const Place& root, const Scenario& scenario) {
  std::vector<std::string> arms;
  for (const TurnArm& arm : scenario.turn)
    arms.push_back(arm.name);
  checkSelectors(root.at("thresholds"), arms);
  checkExtension(root.at("extend"), scenario);
}

void addImpliedThresholds(Scenario& scenario) {
  const auto add = [&](const std::string& key, const char* expression) {
    auto threshold = parseThreshold(key, expression);
    TURNOUT_CHECK(threshold, "an implied threshold cannot be read");
    threshold->is_implied = true;
    scenario.thresholds.push_back(*std::move(threshold));
  };
  if (scenario.thresholds.empty())  // of some pairs of sites no call can connect
    add(scenario.networks ? "predicted_rate" : "success_rate{turn:*}", "rate>=1");
  for (const TurnArm& arm : scenario.turn) {
    const bool is_judged = std::ranges::any_of(scenario.thresholds, [&](const Threshold& known) {
      return known.arm == arm.name && known.measure == Measure::kSuccessRate;
    });
    if (arm.is_to_fail && !is_judged)
      add("success_rate{turn:" + arm.name + "}", "rate<=0");
  }
}

}  // namespace turnout
