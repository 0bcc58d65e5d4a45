// Many comparisons, one promise: with all of them together, a false "different" comes in at most
// alpha of the nights. Each p is adjusted so that it may be compared to alpha itself.
// S. Holm, Scandinavian Journal of Statistics 6 (1979) 65-70; needs no independence.
//   adjusted(i) = max over j <= i of min(1, (m - j + 1) p(j)), p(1) the smallest of m
#pragma once

#include <vector>

namespace turnout {

std::vector<double> holm(const std::vector<double>& ps);  // adjusted, in the same order

}  // namespace turnout
