#include "pipelines/base/prometheus_text.h"

#include "pipelines/base/log.h"

#include <charconv>
#include <cmath>

namespace turnout {
namespace {

// The shortest text that reads back as the same number; whole numbers without an exponent.
std::string numberText(double value) {
  constexpr double kWhole = 1e15;
  char digits[32];
  const bool is_whole = std::trunc(value) == value && std::abs(value) < kWhole;
  const auto end =
      is_whole ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(value))
               : std::to_chars(digits, digits + sizeof digits, value);
  return {digits, end.ptr};
}

std::string labelText(std::string_view value) {
  std::string text = "\"";
  for (const char c : printable(value)) {
    if (c == '"' || c == '\\')
      text += '\\';
    text += c;
  }
  return text + '"';
}

const char* wordFor(PrometheusText::Type type) {
  switch (type) {
    case PrometheusText::Type::kCounter:
      return " counter\n";
    case PrometheusText::Type::kGauge:
      return " gauge\n";
    case PrometheusText::Type::kHistogram:
      break;
  }
  return " histogram\n";
}

}  // namespace

PrometheusText& PrometheusText::family(std::string_view name, Type type, std::string_view help) {
  family_ = prefix_;
  family_ += name;
  out_ += "# HELP " + family_ + " ";
  out_ += help;
  out_ += "\n# TYPE " + family_ + wordFor(type);
  return *this;
}

void PrometheusText::line(std::string_view suffix, const PrometheusLabels& labels, double value) {
  out_ += family_;
  out_ += suffix;
  const char* before = "{";
  for (const auto& [name, label] : labels) {
    out_ += before;
    out_ += name;
    out_ += "=" + labelText(label);
    before = ",";
  }
  out_ += (labels.empty() ? " " : "} ") + numberText(value) + "\n";
}

PrometheusText& PrometheusText::sample(const PrometheusLabels& labels, double value) {
  line("", labels, value);
  return *this;
}

PrometheusText& PrometheusText::sample(const PrometheusLabels& labels,
                                       const PrometheusHistogram& histogram) {
  PrometheusLabels bucket = labels;
  bucket.emplace_back("le", "");
  for (std::size_t i = 0; i < histogram.bounds.size(); i++) {
    bucket.back().second = numberText(histogram.bounds[i]);
    line("_bucket", bucket, static_cast<double>(histogram.up_to[i]));
  }
  bucket.back().second = "+Inf";
  line("_bucket", bucket, static_cast<double>(histogram.count));
  line("_sum", labels, histogram.sum);
  line("_count", labels, static_cast<double>(histogram.count));
  return *this;
}

}  // namespace turnout
