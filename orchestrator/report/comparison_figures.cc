#include "orchestrator/report/reports.h"
#include "orchestrator/results/fold/figures.h"

#include <algorithm>
#include <cmath>

#include <glib.h>

namespace turnout {
namespace {

std::string printed(const char* format, double value) {
  char text[64];
  g_snprintf(text, sizeof text, format, value);
  return text;
}

std::string signedPoints(double difference) {
  const double tenths = std::round(difference * 1000);
  if (tenths == 0)
    return "0";
  return printed(std::fmod(tenths, 10) == 0 ? "%+.0f" : "%+.1f", tenths / 10);
}

}  // namespace

std::string pointsText(double difference) {
  return signedPoints(difference) + " points";
}

std::string pointsSizeText(double share) {
  const std::string size = signedPoints(share).substr(share < 0.0005 ? 0 : 1);
  return size + (size == "1" ? " point" : " points");
}

std::string pointsIntervalText(Interval difference) {
  return signedPoints(difference.low) + " to " + signedPoints(difference.high);
}

std::string shiftText(double ms) {
  if (!std::isfinite(ms))
    return "?";
  const std::string size = millisecondsText(std::abs(ms));
  return size == "0.0 ms" ? "0 ms" : (ms > 0 ? "+" : "-") + size;
}

std::string shiftIntervalText(Interval ms) {
  return shiftText(ms.low) + " to " + shiftText(ms.high);
}

std::string pText(double p) {
  if (p < 0.0001)
    return "<.0001";
  return printed(p < 0.001 ? "%.4f" : p < 0.0995 ? "%.3f" : "%.2f", p);
}

std::string nameOf(const ComparisonReport& report, const ArmComparison& comparison) {
  const bool one_run = std::all_of(
      report.comparisons.begin(), report.comparisons.end(),
      [&](const ArmComparison& other) { return other.candidate.run == comparison.candidate.run; });
  return one_run ? comparison.candidate.arm
                 : comparison.candidate.run + ":" + comparison.candidate.arm;
}

}  // namespace turnout
