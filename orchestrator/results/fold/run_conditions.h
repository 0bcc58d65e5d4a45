// Under what a run was made, besides its scenario: seed, ICE profile, versions. Two runs that
// differ here may be compared, but whoever reads the comparison should know.
#pragma once

#include "orchestrator/results/fold/outcome.h"

#include <string>
#include <vector>

namespace turnout {

// Sentences: "Different seeds (1 and 7): calls start at other times."
std::vector<std::string> conditionDifferences(const RunFacts& a, const RunFacts& b);

}  // namespace turnout
