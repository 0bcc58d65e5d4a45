#include "tests/bench/signaling/figures.h"

namespace turnout::bench {

double Times::percentile_ms(double fraction) const {
  if (times_ms_.empty())
    return 0;
  std::vector<double> sorted = times_ms_;
  const auto last = sorted.size() - 1;
  const auto index = static_cast<std::size_t>(fraction * static_cast<double>(sorted.size()));
  const auto place = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(index, last));
  std::nth_element(sorted.begin(), place, sorted.end());
  return *place;
}

Verdict judge(const Figures& figures, const LoadOptions& options) {
  constexpr double kLate_ms = 10, kBusy = 0.95;
  const auto all = static_cast<std::size_t>(options.sockets);
  const auto talking = static_cast<std::size_t>(2 * options.pairs);
  const bool is_whole = figures.connected == all && figures.matched == talking &&
                        figures.lost == 0 && figures.unanswered == 0 && figures.sent > 0 &&
                        figures.rude_refusals == 0;
  if (is_whole && figures.round_trip.percentile_ms(0.99) < kGoal_ms)
    return Verdict::kMet;
  const bool was_late = figures.lag.percentile_ms(0.99) > kLate_ms || figures.own_cpu > kBusy;
  return was_late ? Verdict::kInconclusive : Verdict::kMissed;
}

}  // namespace turnout::bench
