// Writes metrics in the text format of Prometheus (prometheus.io/docs/instrumenting/
// exposition_formats, version 0.0.4), which Prometheus, node_exporter's textfile collector and
// promtool read. Pure. Label values may come from outside: they are made printable and escaped.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnout {

using PrometheusLabels = std::vector<std::pair<std::string_view, std::string>>;

// How many values lay up to each bound, and all in all, in the metric's base unit (seconds).
struct PrometheusHistogram {
  std::span<const double> bounds;        // upper ones, ascending, +Inf left out
  std::span<const std::uint64_t> up_to;  // cumulative, one for each bound
  std::uint64_t count = 0;
  double sum = 0;
};

class PrometheusText {
 public:
  enum class Type { kCounter, kGauge, kHistogram };

  // `prefix` stands before the name of every family: "turnout_signaling_".
  explicit PrometheusText(std::string prefix = "") : prefix_(std::move(prefix)) {}

  // Begins a family: its name, help and type. All samples until the next one belong to it.
  PrometheusText& family(std::string_view name, Type type, std::string_view help);
  PrometheusText& sample(const PrometheusLabels& labels, double value);
  PrometheusText& sample(double value) { return sample({}, value); }
  PrometheusText& sample(const PrometheusLabels& labels, const PrometheusHistogram& histogram);

  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view suffix, const PrometheusLabels& labels, double value);

  std::string prefix_, family_, out_;
};

}  // namespace turnout
