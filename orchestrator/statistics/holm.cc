#include "orchestrator/statistics/holm.h"

#include <algorithm>
#include <numeric>

namespace turnout {

std::vector<double> holm(const std::vector<double>& ps) {
  std::vector<std::size_t> order(ps.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return ps[a] < ps[b]; });
  std::vector<double> adjusted(ps.size());
  double so_far = 0;
  for (std::size_t rank = 0; rank < order.size(); rank++) {
    const double factor = static_cast<double>(order.size() - rank);
    so_far = std::max(so_far, std::min(1.0, factor * ps[order[rank]]));
    adjusted[order[rank]] = so_far;
  }
  return adjusted;
}

}  // namespace turnout
