// One run of one layout in this process: pairs join one after the other, then talk, then leave;
// then as many join at once.
#pragma once

#include "pipelines/peer/peer_factory.h"

#include <map>
#include <optional>
#include <string>

namespace turnout::bench {

struct RunOptions {
  int pairs = 25;
  int settle_s = 6;                    // the checks of ICE have ended by then
  int steady_s = 10;                   // CPU and packets are counted over it
  std::optional<milliseconds> pacing;  // Ta; by default that of the profile "fast"
  int cycles = 0;                      // instead of all that: so many times a pair joins and leaves
};

// Names and values, in the units their names tell; per bot where the name says so.
using Figures = std::map<std::string, double>;

Figures measure(Loop& loop, PeerFactory& factory, const RunOptions& options);
Figures measureCycles(Loop& loop, PeerFactory& factory, const RunOptions& options);

}  // namespace turnout::bench
