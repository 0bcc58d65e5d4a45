// The text format of Prometheus (prometheus.io/docs/instrumenting/exposition_formats, 0.0.4), which
// node_exporter's textfile collector and promtool read. Label values may come from outside.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnout {

using PrometheusLabels = std::vector<std::pair<std::string_view, std::string>>;

// Upper bounds, in seconds, for everything from a connection on one machine to a deadline.
inline constexpr std::array kSecondsBounds{0.01, 0.025, 0.05, 0.1,  0.25, 0.5,  1.0,  2.0,
                                           3.0,  5.0,   8.0,  10.0, 15.0, 20.0, 30.0, 60.0};

class SecondsHistogram {
 public:
  void add(double ms);
  // What had not happened after so long counts as slower than every bound, not as that long: the
  // bucket at a bound over the count stays the share that had it happen by then.
  void addNotYet(double watched_ms);

 private:
  friend class PrometheusText;
  std::array<std::uint64_t, kSecondsBounds.size()> within_{};  // cumulative
  std::uint64_t count_ = 0;
  double sum_ = 0;
};

class PrometheusText {
 public:
  enum class Type { kCounter, kGauge, kHistogram };

  // All samples of a family follow it.
  PrometheusText& family(std::string_view name, Type type, std::string_view help);
  PrometheusText& sample(const PrometheusLabels& labels, double value);
  PrometheusText& sample(const PrometheusLabels& labels, const SecondsHistogram& histogram);

  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view suffix, const PrometheusLabels& labels, double value);

  std::string family_, out_;
};

}  // namespace turnout
