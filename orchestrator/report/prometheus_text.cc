#include "orchestrator/report/prometheus_text.h"

#include "pipelines/base/printable.h"

#include <charconv>

namespace turnout {
namespace {

std::string numberText(double value) {
  char digits[32];  // the shortest text that reads back as the same number
  return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

std::string quoted(std::string_view value) {
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

void SecondsHistogram::add(double ms) {
  for (std::size_t i = 0; i < kSecondsBounds.size(); i++)
    within_[i] += ms / 1000 <= kSecondsBounds[i] ? 1 : 0;
  addNotYet(ms);
}

void SecondsHistogram::addNotYet(double watched_ms) {
  count_++;
  sum_ += watched_ms / 1000;
}

PrometheusText& PrometheusText::family(std::string_view name, Type type, std::string_view help) {
  family_ = name;
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
    out_ += "=" + quoted(label);
    before = ",";
  }
  out_ += (labels.empty() ? " " : "} ") + numberText(value) + "\n";
}

PrometheusText& PrometheusText::sample(const PrometheusLabels& labels, double value) {
  line("", labels, value);
  return *this;
}

PrometheusText& PrometheusText::sample(const PrometheusLabels& labels,
                                       const SecondsHistogram& histogram) {
  PrometheusLabels bucket = labels;
  bucket.emplace_back("le", "");
  for (std::size_t i = 0; i < kSecondsBounds.size(); i++) {
    bucket.back().second = numberText(kSecondsBounds[i]);
    line("_bucket", bucket, static_cast<double>(histogram.within_[i]));
  }
  bucket.back().second = "+Inf";
  line("_bucket", bucket, static_cast<double>(histogram.count_));
  line("_sum", labels, histogram.sum_);
  line("_count", labels, static_cast<double>(histogram.count_));
  return *this;
}

}  // namespace turnout
