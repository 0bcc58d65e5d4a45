// What this process uses of the machine.
#pragma once

#include <cstddef>

namespace turnout::bench {

struct Usage {
  double cpu_s = 0;  // user and system
  double rss_kb = 0;
  std::size_t threads = 0, files = 0;
};

Usage usageNow();

}  // namespace turnout::bench
