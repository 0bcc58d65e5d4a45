// Numbers as a person reads them: two or three digits that matter, with the unit.
#pragma once

#include "orchestrator/statistics/proportions.h"

#include <optional>
#include <string>

namespace turnout {

std::string millisecondsText(double ms);            // "8.4 ms", "310 ms", "12.3 s"
std::string reachedText(std::optional<double> ms);  // the same, or "not reached"
std::string percentText(double proportion);         // "100 %", "67.6 %"
std::string intervalText(Interval interval);        // "67.6-100 %"
std::string bytesText(double bytes);                // "980 B", "51.2 kB", "1.3 MB"; 1 kB = 1000 B
std::string timeIntervalText(Interval ms);          // "310 to 400 ms", "310 ms or more"
std::string bitrateText(double kbit_per_s);         // "812 kbit/s", "1.2 Mbit/s"
std::string countText(int n, const std::string& thing);  // "1 call", "8 calls"

}  // namespace turnout
