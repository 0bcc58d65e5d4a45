// What GET /metrics of the server answers: the application's counters in the text format of
// Prometheus (prometheus.io/docs/instrumenting/exposition_formats, version 0.0.4). Pure. No text of
// a client is ever in it: labels come from closed enums.
#pragma once

#include "bots/signaling/app/app_stats.h"
#include "bots/signaling/app/planted_bug.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace turnout {

// Writes families one after another; each starts with its help and type.
class MetricsText {
 public:
  enum class Type { kCounter, kGauge, kHistogram };

  MetricsText& family(std::string_view name, Type type, std::string_view help);
  MetricsText& sample(std::uint64_t value) { return sample("", "", value); }
  MetricsText& sample(std::string_view label, std::string_view label_value, std::uint64_t value);
  MetricsText& histogram(const WaitHistogram& waits);  // seconds

  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view suffix, std::string_view labels, const std::string& value);

  std::string family_;
  std::string out_;
};

void writeMetrics(MetricsText& out, const AppStats& stats, const AppCensus& census,
                  const PlantedBugs& bugs);

}  // namespace turnout
