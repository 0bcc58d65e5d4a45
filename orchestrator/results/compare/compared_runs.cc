#include "orchestrator/results/compare/compared_runs.h"

#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/judge/judgement_words.h"
#include "orchestrator/results/judge/verdict.h"
#include "scenarios/problem.h"

#include <algorithm>
#include <filesystem>
#include <map>

namespace turnout {
namespace {

constexpr std::size_t kToldDifferences = 3;

std::vector<std::string> armNames(const StoredRun& run) {
  std::vector<std::string> names;
  for (const TurnArm& arm : run.scenario.turn)
    names.push_back(arm.name);
  return names;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Which arm goes with which: as named, else all of the same name.
std::vector<std::pair<std::string, std::string>> sameArms(const StoredRun& a,
                                                          const std::string& in_a,
                                                          const StoredRun& b,
                                                          const std::string& in_b) {
  if (!in_a.empty() || !in_b.empty())
    return {{in_a.empty() ? in_b : in_a, in_b.empty() ? in_a : in_b}};
  std::vector<std::pair<std::string, std::string>> arms;
  const std::vector<std::string> others = armNames(b);
  for (const std::string& name : armNames(a))
    if (has(others, name))
      arms.emplace_back(name, name);
  return arms;
}

std::string listed(const std::vector<std::string>& items) {
  std::string text;
  for (std::size_t i = 0; i < std::min(items.size(), kToldDifferences); i++)
    text += (i > 0 ? "; " : "") + items[i];
  if (items.size() > kToldDifferences)
    text += "; and " + std::to_string(items.size() - kToldDifferences) + " more";
  return text;
}

bool isDirectory(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_directory(path, ignored);
}

std::string realPath(const std::string& path) {
  std::error_code failed;
  const auto real = std::filesystem::canonical(path, failed);
  return failed ? path : real.string();
}

}  // namespace

ArmName armNameFrom(const std::string& word) {
  for (std::size_t end = word.size(); end != std::string::npos && end > 0;
       end = word.rfind(':', end - 1)) {
    if (isDirectory(word.substr(0, end)))
      return {word.substr(0, end), end < word.size() ? word.substr(end + 1) : ""};
  }
  return {word, ""};
}

Result<const ComparedRuns::Run*> ComparedRuns::run(const std::string& directory) {
  std::unique_ptr<Run>& known = runs_[realPath(directory)];
  if (!known) {
    auto stored = readStoredRun(directory);
    if (!stored)
      return stored.error();
    auto json = JsonValue::parseFile(directory + "/scenario.json");
    if (!json)
      return json.error();
    known = std::make_unique<Run>(Run{directory, *std::move(stored), *std::move(json)});
    doubt(*known);
  }
  return known.get();
}

void ComparedRuns::doubt(Run& run) {
  int left_out = run.stored.outcomes.allUntold();
  for (const CallOutcome& call : run.stored.outcomes.calls)
    left_out += call.state == CallState::kAborted || call.state == CallState::kNotStarted ? 1 : 0;
  if (left_out > 0)
    warn(run.name + ": left out " + countText(left_out, "call") +
         " that turnout lost or never started.");
  if (run.stored.outcomes.run.looks.size() > 1)
    warn(run.name +
         " grew until its thresholds were decided: rates of such a run lie a little too far from "
         "their limits.");
  if (run.stored.scenario.shape.kind == CallMode::kMatch)
    warn(run.name +
         ": two seekers of a match share one link but are two calls, so its intervals are too "
         "narrow "
         "by a factor of up to 1.4.");
  const Verdict verdict =
      judge(run.stored.scenario, summarise(run.stored.scenario, run.stored.outcomes));
  run.is_doubtful = !verdict.isSound();
  if (run.is_doubtful)
    warn(run.name + " itself was inconclusive: " + reasonsOf(verdict).front());
}

void ComparedRuns::warn(const std::string& sentence) {
  if (!has(warnings_, sentence))
    warnings_.push_back(sentence);
}

bool ComparedRuns::isAnyDoubtful() const {
  return std::any_of(runs_.begin(), runs_.end(),
                     [](const auto& known) { return known.second && known.second->is_doubtful; });
}

Result<Done> ComparedRuns::checkAlike(const Run& reference, const Run& candidate,
                                      const std::vector<std::string>& differences) {
  if (differences.empty())
    return Done{};
  const std::string what = reference.name + " and " + candidate.name +
                           " ran different scenarios: " + listed(differences);
  if (on_difference_ == OnDifference::kRefuse)
    return Error{ErrorCode::kBadScenario, what + "; --anyway compares them all the same"};
  warn(what + ".");
  return Done{};
}

Result<Done> ComparedRuns::addPair(const Run& reference, const std::string& arm,
                                   const Run& candidate, const std::string& other_arm) {
  const auto sampleOf = [](const Run& run, const std::string& name) -> Result<ArmSample> {
    const std::vector<std::string> names = armNames(run.stored);
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
      return Error{ErrorCode::kUsage,
                   run.name + " has no arm \"" + name + "\"" + suggestion(name, names)};
    return armSample(run.stored, static_cast<std::size_t>(found - names.begin()), run.name);
  };
  auto one = sampleOf(reference, arm);
  if (!one)
    return one.error();
  auto other = sampleOf(candidate, other_arm);
  if (!other)
    return other.error();
  if (one->from == other->from && arm == other_arm)
    return Error{ErrorCode::kUsage, reference.name + ":" + arm + " would be compared to itself"};
  pairs_.push_back({*std::move(one), *std::move(other)});
  return Done{};
}

Result<Done> ComparedRuns::compareArmsOf(const std::string& directory,
                                         const std::string& reference_arm) {
  const auto only = run(directory);
  if (!only)
    return only.error();
  const std::vector<std::string> names = armNames((*only)->stored);
  const std::string first = reference_arm.empty() ? names.front() : reference_arm;
  for (const std::string& name : names) {
    if (name == first)
      continue;
    if (auto added = addPair(**only, first, **only, name); !added)
      return added;
  }
  if (pairs_.empty())
    return Error{ErrorCode::kUsage, directory + " has one arm only: name a second run"};
  return Done{};
}

Result<Done> ComparedRuns::compareRuns(const ArmName& reference, const ArmName& candidate) {
  const auto one = run(reference.directory), other = run(candidate.directory);
  if (!one || !other)
    return one ? other.error() : one.error();
  const Run &a = **one, &b = **other;
  const auto arms = sameArms(a.stored, reference.arm, b.stored, candidate.arm);
  if (arms.empty())
    return Error{ErrorCode::kBadScenario, a.name + " and " + b.name +
                                              " have no arm of the same name; name one of each: " +
                                              a.name + ":ARM " + b.name + ":ARM"};

  std::vector<std::string> found = scenarioDifferences(a.scenario_json, b.scenario_json);
  for (const auto& [arm, other_arm] : arms) {
    if (auto added = addPair(a, arm, b, other_arm); !added)
      return added;
    if (arm != other_arm)
      continue;
    const auto of_arm = armDifferences(a.scenario_json, b.scenario_json, arm);
    found.insert(found.end(), of_arm.begin(), of_arm.end());
  }
  if (auto alike = checkAlike(a, b, found); !alike)
    return alike;
  for (const std::string& sentence :
       conditionDifferences(a.stored.outcomes.run, b.stored.outcomes.run))
    warn(sentence);
  return Done{};
}

namespace {

using Leaves = std::map<std::string, std::string>;  // path to compact text

void collect(const JsonValue& value, const std::string& path, Leaves& leaves) {
  const auto inner = [&](const std::string& name) {
    return path.empty() ? name : path + "." + name;
  };
  if (value.isObject()) {
    for (const auto& [key, member] : value.members())
      collect(member, inner(key), leaves);
  } else if (value.isArray()) {
    std::size_t index = 0;
    for (const JsonValue& element : value.elements())
      collect(element, path + "[" + std::to_string(index++) + "]", leaves);
  } else {
    leaves[path] = value.text();
  }
}

Leaves leavesOf(const JsonValue& value) {
  Leaves leaves;
  collect(value, "", leaves);
  return leaves;
}

std::vector<std::string> differences(const Leaves& a, const Leaves& b) {
  const auto textIn = [](const Leaves& leaves, const std::string& path) {
    const auto leaf = leaves.find(path);
    return leaf == leaves.end() ? "not given" : leaf->second;
  };
  Leaves both = a;
  both.insert(b.begin(), b.end());
  std::vector<std::string> found;
  for (const auto& [path, ignored] : both) {
    const std::string in_a = textIn(a, path), in_b = textIn(b, path);
    if (in_a != in_b)
      found.push_back(path + ": " + in_a + " and " + in_b);
  }
  return found;
}

bool matters(const std::string& path) {
  constexpr const char* kIgnored[] = {"$schema",       "name",    "description",   "seed",
                                      "signaling.url", "profile", "calls.per_arm", "hosts",
                                      "repetitions",   "turn",    "thresholds",    "extend"};
  return std::none_of(std::begin(kIgnored), std::end(kIgnored), [&](const std::string& key) {
    return path == key || path.starts_with(key + ".") || path.starts_with(key + "[");
  });
}

JsonValue armNamed(const JsonValue& scenario, const std::string& name) {
  for (const JsonValue& arm : scenario.get("turn").elements())
    if (arm.stringOr("name", "") == name)
      return arm;
  return {};
}

}  // namespace

std::vector<std::string> differences(const JsonValue& a, const JsonValue& b) {
  return differences(leavesOf(a), leavesOf(b));
}

std::vector<std::string> scenarioDifferences(const JsonValue& a, const JsonValue& b) {
  Leaves of_a = leavesOf(a), of_b = leavesOf(b);
  for (Leaves* leaves : {&of_a, &of_b})
    std::erase_if(*leaves, [](const auto& leaf) { return !matters(leaf.first); });
  return differences(of_a, of_b);
}

std::vector<std::string> armDifferences(const JsonValue& a, const JsonValue& b,
                                        const std::string& arm) {
  std::vector<std::string> found = differences(armNamed(a, arm), armNamed(b, arm));
  for (std::string& difference : found)
    difference.insert(0, "turn \"" + arm + "\": ");
  return found;
}

std::vector<std::string> conditionDifferences(const RunFacts& a, const RunFacts& b) {
  std::vector<std::string> sentences;
  if (a.seed != b.seed)
    sentences.push_back("Different seeds (" + std::to_string(a.seed) + " and " +
                        std::to_string(b.seed) + "): calls start at other times.");
  if (a.profile != b.profile)
    sentences.push_back("Different ICE profiles (" + a.profile + " and " + b.profile +
                        "): times differ by design.");
  const auto of_a = JsonValue::parse(a.versions_json), of_b = JsonValue::parse(b.versions_json);
  std::string versions;
  if (of_a && of_b) {
    for (const std::string& difference : differences(*of_a, *of_b))
      versions += (versions.empty() ? "" : "; ") + difference;
  }
  if (!versions.empty())
    sentences.push_back("Different versions: " + versions + ".");
  return sentences;
}

}  // namespace turnout
