#include "orchestrator/statistics/mcnemar.h"

#include <algorithm>

#include <boost/math/distributions/binomial.hpp>

namespace turnout {

double mcnemarExact(int only_first, int only_second) {
  const int differ = only_first + only_second;
  if (differ == 0)
    return 1;
  const boost::math::binomial either(differ, 0.5);
  return std::min(1.0, 2 * cdf(either, std::min(only_first, only_second)));
}

}  // namespace turnout
