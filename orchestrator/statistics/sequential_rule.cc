#include "orchestrator/statistics/sequential_rule.h"

#include "orchestrator/statistics/interval.h"
#include "pipelines/base/result.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace turnout {
namespace {

constexpr double kNothing = 1e-12;  // too little alpha to be worth a look

// Sum of density(x) f(x) dx by Simpson's rule, over an odd number of points.
template <class F>
double integral(double from, double step, const std::vector<double>& density, F f) {
  double sum = 0;
  for (std::size_t i = 0; i < density.size(); i++) {
    const bool is_end = i == 0 || i + 1 == density.size();
    const double weight = is_end ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * density[i] * f(from + static_cast<double>(i) * step);
  }
  return sum * step / 3;
}

}  // namespace

SequentialRule::SequentialRule(double alpha, int largest_sample)
    : alpha_(alpha), largest_(largest_sample) {
  TURNOUT_CHECK(alpha > 0 && alpha < 1 && largest_sample > 0, "no such sequential rule");
}

double SequentialRule::spentUpTo(double share) const {
  return 4 * normalTail(zOfConfidence(1 - alpha_ / 2) / std::sqrt(share));
}

double SequentialRule::crossing(double bound, double added_share) const {
  const double deviation = std::sqrt(added_share);
  if (undecided_.density.empty())
    return twoSidedP(bound / deviation);
  return integral(undecided_.from, undecided_.step, undecided_.density, [&](double before) {
    return normalTail((bound - before) / deviation) + normalTail((bound + before) / deviation);
  });
}

SequentialRule::Undecided SequentialRule::after(double bound, double added_share) const {
  const double deviation = std::sqrt(added_share);
  // Points closer than a fifth of what one step scatters: Simpson's rule is then good to 1e-6.
  const auto half = static_cast<std::size_t>(std::ceil(std::max(50.0, 5 * bound / deviation)));
  Undecided next{-bound, bound / static_cast<double>(half), {}};
  next.density.resize(2 * half + 1);
  for (std::size_t i = 0; i < next.density.size(); i++) {
    const double here = next.from + static_cast<double>(i) * next.step;
    const auto arriving = [&](double before) {
      return normalDensity((here - before) / deviation) / deviation;
    };
    next.density[i] = undecided_.density.empty() ? arriving(0)
                                                 : integral(undecided_.from, undecided_.step,
                                                            undecided_.density, arriving);
  }
  return next;
}

double SequentialRule::look(int calls) {
  const double share = std::min(1.0, static_cast<double>(calls) / largest_);
  TURNOUT_CHECK(share > share_, "a look at no more calls than before");
  const double spend = spentUpTo(share) - spent_;
  if (spend < kNothing)
    return std::numeric_limits<double>::infinity();
  const double added = share - share_;
  double outside = 0, inside = 10;  // bounds of the score between which `spend` is crossed
  for (int halving = 0; halving < 50; halving++) {
    const double bound = (outside + inside) / 2;
    (crossing(bound, added) > spend ? outside : inside) = bound;
  }
  undecided_ = after(inside, added);
  spent_ += spend;
  share_ = share;
  return inside / std::sqrt(share);
}

}  // namespace turnout
