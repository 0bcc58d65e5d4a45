// Two samples of waiting times, of which some never ended: does the one wait longer? At each
// instant at which something happened, it should have happened to each sample in proportion to how
// many of it still waited. N. Mantel, Cancer Chemotherapy Reports 50 (1966) 163-170; normal
// approximation.
#pragma once

#include "orchestrator/statistics/kaplan_meier.h"

#include <vector>

namespace turnout {

struct LogRank {
  double p = 1;  // two-sided; 1 when nothing can be said
  // How often things happen in b per instant of waiting, compared to a; below 1: b is slower.
  // The one-step estimate exp((O - E) / V) of R. Peto et al., British J. Cancer 35 (1977) 1-39.
  double hazard_ratio = 1;
};

LogRank logRank(std::vector<Observation> a, std::vector<Observation> b);

}  // namespace turnout
