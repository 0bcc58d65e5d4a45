// Named sets of thresholds, for "thresholds": ["alerts"]: what production systems raise the alarm
// on, and what people say they expect.
#pragma once

#include "scenarios/threshold.h"

#include <string>
#include <string_view>
#include <vector>

namespace turnout {

struct ThresholdSet {
  struct Row {
    const char *measure, *expression;
  };
  const char* name;
  const char* meaning;  // a sentence
  std::vector<Row> rows;
};

const std::vector<ThresholdSet>& thresholdSets();

// "targets" (each arm by itself) or "targets{turn:NAME}". The error names the nearest set.
Result<std::vector<Threshold>> thresholdsOfSet(std::string_view name);

}  // namespace turnout
