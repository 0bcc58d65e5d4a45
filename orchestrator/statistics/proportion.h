// So many of so many: the calls that succeeded, of those that finished.
#pragma once

namespace turnout {

struct Proportion {
  int successes = 0, trials = 0;  // 0 <= successes <= trials

  double rate() const { return trials > 0 ? static_cast<double>(successes) / trials : 0; }
  int failures() const { return trials - successes; }
};

}  // namespace turnout
