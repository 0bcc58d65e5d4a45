#include "orchestrator/results/fold/figures.h"

#include <algorithm>
#include <cmath>

#include <glib.h>

namespace turnout {
namespace {

std::string decimal(double value, int digits) {
  char text[64];
  g_snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string tenthsText(double tenths) {  // 985 -> "98.5", 1000 -> "100"
  return decimal(tenths / 10, std::fmod(tenths, 10) == 0 ? 0 : 1);
}

std::string percentDigits(double proportion) {
  double tenths = std::round(proportion * 1000);
  // Only all is 100 and only none is 0.
  if (proportion > 0 && proportion < 1)
    tenths = std::clamp(tenths, 1.0, 999.0);
  return tenthsText(tenths);
}

}  // namespace

std::string millisecondsText(double ms) {
  if (ms >= 9999.5)
    return tenthsText(std::round(ms / 100)) + " s";
  return decimal(ms, ms < 9.95 ? 1 : 0) + " ms";
}

std::string reachedText(std::optional<double> ms) {
  return ms ? millisecondsText(*ms) : "not reached";
}

std::string percentText(double proportion) {
  return percentDigits(proportion) + " %";
}

std::string intervalText(Interval interval) {
  return percentDigits(interval.low) + "-" + percentText(interval.high);
}

std::string bytesText(double bytes) {
  constexpr const char* kUnits[] = {" B", " kB", " MB", " GB", " TB"};
  std::size_t unit = 0;
  for (; bytes >= 999.5 && unit + 1 < std::size(kUnits); unit++)
    bytes /= 1000;
  return decimal(bytes, unit > 0 && bytes < 99.95 ? 1 : 0) + kUnits[unit];
}

std::string timeIntervalText(Interval ms) {
  if (!std::isfinite(ms.low) && !std::isfinite(ms.high))
    return "not bounded";
  if (!std::isfinite(ms.high))
    return millisecondsText(ms.low) + " or more";
  return std::isfinite(ms.low) ? millisecondsText(ms.low) + " to " + millisecondsText(ms.high)
                               : "up to " + millisecondsText(ms.high);
}

std::string bitrateText(double kbit_per_s) {
  if (!std::isfinite(kbit_per_s))
    return "?";
  return kbit_per_s < 999.5 ? decimal(kbit_per_s, kbit_per_s < 9.95 ? 1 : 0) + " kbit/s"
                            : decimal(kbit_per_s / 1000, 1) + " Mbit/s";
}

std::string countText(int n, const std::string& thing) {
  return std::to_string(n) + " " + thing + (n == 1 ? "" : "s");
}

}  // namespace turnout
