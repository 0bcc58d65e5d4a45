// Time until something happens, when for some it had not happened by the time one stopped looking.
// Leaving those out would make the arm that fails most look fastest; they are right-censored:
// they count as "not yet" for as long as they were watched.
// E. L. Kaplan, P. Meier, JASA 53 (1958) 457-481.
#pragma once

#include "orchestrator/statistics/interval.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace turnout {

struct Observation {
  double time_ms = 0;
  enum class End { kHappened, kCensored } end = End::kHappened;
};

class SurvivalCurve {
 public:
  SurvivalCurve() = default;
  explicit SurvivalCurve(std::vector<Observation> observations);  // any order

  std::size_t size() const { return size_; }
  std::size_t censored() const { return censored_; }
  double notYetAt(double time_ms) const;  // the proportion still waiting after that time
  // The earliest time by which p % had it happen, 0 < p <= 100; absent when the curve never falls
  // so far ("not reached"). Without censoring the same as Sample::percentile.
  std::optional<double> percentile(double p) const;
  // Of the percentile, with z standard deviations to each side: all times at which the band of the
  // curve holds 1 - p (R. Brookmeyer, J. Crowley, Biometrics 38 (1982) 29-41; band of Greenwood's
  // variance on the log(-log) scale, which stays in 0..1: J. D. Kalbfleisch, R. L. Prentice, 1980).
  // Infinite at an end where the sample says nothing.
  Interval percentileInterval(double p, double z) const;
  // The curve as it is drawn: each step, with its band of z standard deviations (as above).
  struct Point {
    double time_ms;
    double not_yet;  // from this time on
    Interval band;
  };
  std::vector<Point> points(double z) const;
  // Mean of min(time, horizon): the area under the curve up to the horizon. Absent when empty.
  std::optional<double> restrictedMean(double horizon_ms) const;
  std::optional<double> min() const;                  // earliest that happened
  double watchedFor() const { return watched_for_; }  // up to here the curve is known

 private:
  struct Step {
    double time_ms;
    double not_yet;    // from this time on
    double greenwood;  // sum of events / (at risk (at risk - events)); infinite when none is left
  };
  std::vector<Step> steps_;
  std::size_t size_ = 0, censored_ = 0;
  double watched_for_ = 0;
};

}  // namespace turnout
