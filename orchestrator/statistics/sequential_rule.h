// Looking more than once. Whoever looks at a growing sample after each block and stops at the first 95
// % interval that decides, errs far more often than in 5 %. This rule tells how strict each look
// must be so that all looks together err in alpha: little is spent early, nearly all is left for
// the end (docs/decisions/006).
//   spent up to a share t of the largest sample: 4 (1 - Phi(z(alpha/4) / sqrt(t)))
// K. K. G. Lan, D. L. DeMets, Biometrika 70 (1983) 659-663, after P. C. O'Brien, T. R. Fleming,
// Biometrics 35 (1979) 549-556. The looks need not be planned, but must not depend on what was
// seen; the largest sample must be. The intervals of all looks hold at once: C. Jennison, B. W.
// Turnbull, J. Royal Statistical Society B 51 (1989) 305-361.
#pragma once

#include <vector>

namespace turnout {

class SequentialRule {
 public:
  SequentialRule(double alpha, int largest_sample);  // in calls an arm

  // The next look, with more calls than the one before. How many standard deviations (z) the
  // interval of this look reaches to each side; infinite: too early to decide anything.
  double look(int calls);

 private:
  // The probability density of the score (z sqrt(t)) where no look has decided yet.
  struct Undecided {
    double from = 0, step = 0;
    std::vector<double> density;  // empty before the first look
  };
  double spentUpTo(double share) const;
  double crossing(double bound, double added_share) const;  // probability of |score| > bound now
  Undecided after(double bound, double added_share) const;

  double alpha_;
  int largest_;
  double share_ = 0;  // at the last look that could decide
  double spent_ = 0;
  Undecided undecided_;
};

}  // namespace turnout
