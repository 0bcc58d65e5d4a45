// In what two scenarios, or two sets of versions, differ, as paths of JSON keys with both values:
// "deadlines.connect_ms: 5000 and 15000". Text against text: a default that only one of them spells
// out is a difference.
#pragma once

#include "orchestrator/results/fold/outcome.h"
#include "pipelines/base/json.h"

#include <string>
#include <vector>

namespace turnout {

std::vector<std::string> differences(const JsonValue& a, const JsonValue& b);

// Of two scenario files, without what does not change what a call is: names, the seed, the profile
// and sizes (told from the log of the run), thresholds; and the TURN arms (see armDifferences).
std::vector<std::string> scenarioDifferences(const JsonValue& a, const JsonValue& b);

// Of the arm that has this name in both.
std::vector<std::string> armDifferences(const JsonValue& a, const JsonValue& b,
                                        const std::string& arm);

// What else two runs were made under: seed, ICE profile, versions. Such runs may be compared, but
// whoever reads the comparison should know. "Different seeds (1 and 7): calls start at other times."
std::vector<std::string> conditionDifferences(const RunFacts& a, const RunFacts& b);

}  // namespace turnout
