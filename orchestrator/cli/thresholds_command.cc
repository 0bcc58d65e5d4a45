#include "orchestrator/cli/command.h"
#include "scenarios/threshold.h"

#include <cstdio>

namespace turnout {

ExitCode thresholdsCommand(const Words& words) {
  const auto options = parseOptions(
      {"turnout thresholds\n\n"
       "The named sets of thresholds, and what each asks of every arm of a scenario.",
       "In a scenario:\n"
       "  \"thresholds\": [\"alerts\", \"targets-stun{turn:stun}\", {\"connect_time\": "
       "[\"max<8000\"]}]\n"},
      words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  for (const ThresholdSet& set : thresholdSets()) {
    std::printf("%s: %s\n", set.name, set.meaning);
    for (const ThresholdSet::Row& row : set.rows)
      std::printf("  %-20s %s\n", row.measure, row.expression);
  }
  return ExitCode::kPass;
}

}  // namespace turnout
