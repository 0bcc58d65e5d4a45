#include "orchestrator/statistics/log_rank.h"

#include "orchestrator/statistics/normal.h"

#include <algorithm>
#include <cmath>

namespace turnout {
namespace {

// Walks one sample in order of time.
class Waiting {
 public:
  explicit Waiting(std::vector<Observation> observations) : sorted_(std::move(observations)) {
    std::sort(sorted_.begin(), sorted_.end(),
              [](const Observation& x, const Observation& y) { return x.time_ms < y.time_ms; });
  }
  bool any() const { return next_ < sorted_.size(); }
  double nextTime() const { return sorted_[next_].time_ms; }
  double atRisk() const { return static_cast<double>(sorted_.size() - next_); }
  // Leaves behind all of that instant; how many of them happened.
  double pass(double time_ms) {
    double happened = 0;
    for (; any() && nextTime() == time_ms; next_++)
      happened += sorted_[next_].end == Observation::End::kHappened ? 1 : 0;
    return happened;
  }

 private:
  std::vector<Observation> sorted_;
  std::size_t next_ = 0;
};

}  // namespace

LogRank logRank(std::vector<Observation> first, std::vector<Observation> second) {
  Waiting a(std::move(first)), b(std::move(second));
  double more_than_expected = 0, variance = 0;  // of b
  while (a.any() && b.any()) {                  // alone, a sample has nothing to compare with
    const double time = std::min(a.nextTime(), b.nextTime());
    const double waiting_b = b.atRisk(), waiting = waiting_b + a.atRisk();
    const double of_a = a.pass(time), of_b = b.pass(time);
    const double happened = of_a + of_b, share = waiting_b / waiting;
    more_than_expected += of_b - happened * share;
    if (waiting > 1)
      variance += happened * share * (1 - share) * (waiting - happened) / (waiting - 1);
  }
  if (variance <= 0)
    return {};
  return {twoSidedP(more_than_expected / std::sqrt(variance)),
          std::exp(more_than_expected / variance)};
}

}  // namespace turnout
