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
  // curve holds 1 - p (R. Brookmeyer, J. Crowley, Biometrics 38 (1982) 29-41). From 0: it may be
  // earlier than anything seen; infinite where it may be later than was watched, as with a p95 of
  // fewer than 73 calls.
  Interval percentileInterval(double p, double z) const;
  // The curve as it is drawn: each step, with its band. The band is Wilson's interval for as many
  // observations as Greenwood's variance is worth (K. J. Rothman, J. Chronic Diseases 31 (1978)
  // 557-560): it stays in 0..1, says something where nothing or everything has happened, and
  // without censoring it is the one of a success rate.
  struct Point {
    double time_ms;
    double not_yet;  // from this time on
    Interval band;
  };
  std::vector<Point> points(double z) const;
  // Mean of min(time, horizon): the area under the curve up to the horizon. Absent when empty.
  std::optional<double> restrictedMean(double horizon_ms) const;
  // Of that mean: the area under the lower and the upper end of the band. Too wide rather than too
  // narrow, as no sum of errors scatters more than the sum of their sizes; and it allows for
  // failures not seen yet, which a bootstrap of a sample without failures cannot.
  Interval restrictedMeanInterval(double horizon_ms, double z) const;
  std::optional<double> min() const;                  // earliest that happened
  double watchedFor() const { return watched_for_; }  // up to here the curve is known

 private:
  struct Step {
    double time_ms;
    double not_yet;  // from this time on
    double worth;    // observations
  };
  std::vector<Step> steps_;
  std::size_t size_ = 0, censored_ = 0;
  double watched_for_ = 0;
};

// Do two samples of such times differ? At each instant at which something happened, it should have
// happened to each sample in proportion to how many of it still waited: N. Mantel, Cancer
// Chemotherapy Reports 50 (1966) 163-170. That is a sum of one score for each observation of b (R.
// Peto, J. Peto, J. Royal Statistical Society A 135 (1972) 185-207), so p is the share of all ways
// to deal the observations out to a and b whose sum lies at least as far out:
//   up to 200,000 ways  all of them are counted: exact
//   up to 1000 observations  ways drawn at random until 400 lay as far out, or 40,000 were drawn
//                       (J. Besag, P. Clifford, Biometrika 78 (1991) 301-304): false alarms are
//                       still at most the level; the same observations give the same p
//   above               the normal approximation
// The smallest p of 4 against 4 is 2 of 70: 0.029.
struct LogRank {
  double p = 1;           // two-sided; 1 when nothing can be said
  double chi_square = 0;  // Mantel's (O - E)^2 / V, one degree of freedom
  // How often things happen in b per instant of waiting, compared to a; below 1: b is slower.
  // The one-step estimate exp((O - E) / V) of R. Peto et al., British J. Cancer 35 (1977) 1-39.
  double hazard_ratio = 1;
};

LogRank logRank(std::vector<Observation> a, std::vector<Observation> b);

// Times until something that not every call, or step, reached: those that gave up are censored at
// the horizon however early they did, those that turnout lost where it lost them.
struct WaitingTimes {
  SurvivalCurve curve;
  double horizon_ms = 0;
};

}  // namespace turnout
