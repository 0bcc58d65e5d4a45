// Fisher's exact test of two proportions: with the margins as they are, how probable is a table at
// most as probable as this one? Two-sided in the sense of Irwin (as in R's fisher.test).
// R. A. Fisher, J. Royal Statistical Society 98 (1935) 39-82. It is conservative: at a 5 % level it
// raises false alarms in less than 3.5 % of cases, and needs a tenth more calls than newcombe.h.
#pragma once

#include "orchestrator/statistics/proportion.h"

namespace turnout {

double fisherExact(Proportion a, Proportion b);  // p; 1 without trials

}  // namespace turnout
