// McNemar's test of paired successes: of the pairs of which only one succeeded, was it as often the
// one as the other? Exact, from the binomial distribution with one half, two-sided.
// Q. McNemar, Psychometrika 12 (1947) 153-157; exact form: F. Mosteller, Biometrics 8 (1952)
// 220-226.
#pragma once

namespace turnout {

double mcnemarExact(int only_first, int only_second);  // p; 1 when no pair differs

}  // namespace turnout
