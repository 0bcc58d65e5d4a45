#include "orchestrator/results/compare/scenario_difference.h"

#include <algorithm>
#include <map>

namespace turnout {
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
  constexpr const char* kIgnored[] = {"$schema", "name",          "description", "seed",
                                      "profile", "calls.per_arm", "hosts",       "repetitions",
                                      "turn",    "thresholds",    "extend"};
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
