#include "orchestrator/results/fold/run_conditions.h"

#include "orchestrator/results/compare/scenario_difference.h"
#include "pipelines/base/json.h"

namespace turnout {

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
