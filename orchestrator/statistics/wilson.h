// The Wilson score interval of a proportion: honest for small n and for rates near 0 and 1, where
// the textbook interval is not. E. B. Wilson, JASA 22 (1927) 209-212.
#pragma once

namespace turnout {

struct Interval {
  double low = 0, high = 1;  // proportions
};

// 95 % two-sided; 0 <= successes <= trials. No trials say nothing: 0..1.
Interval wilson95(int successes, int trials);

}  // namespace turnout
