#include "orchestrator/report/reports.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/fold/figures.h"

#include <algorithm>

namespace turnout {
namespace {

using Align = Table::Align;

constexpr std::size_t kNameWidth = 18;

std::string fullName(const ComparedArm& arm) {
  return arm.run + ":" + arm.arm;
}

// One reference for all, or each arm with the same of another run.
std::string heading(const ComparisonReport& report, std::size_t columns) {
  const ComparedArm& first = report.comparisons.front().reference;
  const auto all = [&](auto alike) {
    return std::all_of(report.comparisons.begin(), report.comparisons.end(), alike);
  };
  const bool one_run =
      all([&](const ArmComparison& other) { return other.candidate.run == first.run; });
  std::string text = "turnout compare: ";
  if (!one_run)
    text += report.comparisons.front().candidate.run + " ";
  text += "against ";
  if (all([&](const ArmComparison& o) { return o.reference.arm == first.arm; }))
    text += fullName(first);
  else
    text += first.run + ", arm by arm";
  return wrapped(text + "; all differences are this minus reference",
                 std::min(columns, Screen::kUsualColumns), 0);
}

std::string okText(Proportion success) {
  return std::to_string(success.successes) + "/" + std::to_string(success.trials);
}

std::string sureText(const ComparisonReport& report) {
  return percentText(report.spec.confidence()) + " sure";
}

// A row for each comparison: the arm, both sides, their difference with its interval and p, the finding.
Table differenceTable(const char* what, const char* difference, const ComparisonReport& report) {
  Table table({{Align::kLeft, kNameWidth},
               {Align::kRight},
               {Align::kRight},
               {Align::kRight},
               {Align::kLeft},
               {Align::kRight},
               {Align::kLeft}});
  table.add({what, "reference", "this", difference, sureText(report), "p", ""});
  return table;
}

std::string successTable(const ComparisonReport& report, std::size_t columns) {
  Table table = differenceTable("success", "points", report);
  for (const ArmComparison& comparison : report.comparisons) {
    const SuccessComparison& success = comparison.success;
    const bool has_data = success.finding != Finding::kNoData;
    const std::string points = pointsText(success.difference);
    table.add({nameOf(report, comparison), okText(comparison.reference.success),
               okText(comparison.candidate.success),
               has_data ? points.substr(0, points.find(' ')) : "-",
               has_data ? pointsIntervalText(success.interval) : "-",
               has_data ? pText(success.p_adjusted) : "-", successWord(success.finding)});
  }
  return "\n" + table.text(kIndent, columns);
}

std::string timeTable(const ComparisonReport& report, std::size_t columns) {
  Table table = differenceTable("connect time", "shift", report);
  for (const ArmComparison& comparison : report.comparisons) {
    const TimeComparison& times = comparison.connect_time;
    const bool has_data = times.finding != Finding::kNoData;
    table.add({nameOf(report, comparison), reachedText(comparison.reference.p50.ms),
               reachedText(comparison.candidate.p50.ms),
               has_data ? shiftText(times.shift_ms->estimate) : "-",
               has_data ? shiftIntervalText(times.shift_ms->interval) : "-",
               has_data ? pText(times.p_adjusted) : "-", timeWord(times.finding)});
  }
  return "\n" + table.text(kIndent, columns);
}

std::string percentileTable(const ComparisonReport& report, std::size_t columns) {
  Table table({{Align::kLeft, kNameWidth},
               {Align::kLeft},
               {Align::kRight},
               {Align::kLeft},
               {Align::kRight},
               {Align::kLeft},
               {Align::kLeft}});
  const std::string sure = sureText(report);
  table.add({"percentiles", "", "p50", sure, "p95", sure, "p95 difference"});
  const auto add = [&](std::string name, const char* side, const ComparedArm& arm,
                       std::string difference) {
    table.add({std::move(name), side, reachedText(arm.p50.ms), timeIntervalText(arm.p50.interval),
               reachedText(arm.p95.ms), timeIntervalText(arm.p95.interval), std::move(difference)});
  };
  for (const ArmComparison& comparison : report.comparisons) {
    const auto& p95 = comparison.connect_time.p95_difference;
    add(nameOf(report, comparison), "reference", comparison.reference, "");
    add("", "this", comparison.candidate, p95 ? shiftIntervalText(*p95) : "not bounded");
  }
  return "\n" + table.text(kIndent, columns);
}

std::string pairTable(const ComparisonReport& report, std::size_t columns) {
  Table table({{Align::kLeft, kNameWidth},
               {Align::kRight},
               {Align::kRight},
               {Align::kRight},
               {Align::kRight},
               {Align::kRight}});
  table.add({"pairs of a block", "pairs", "only reference ok", "only this ok", "McNemar p",
             "Wilcoxon p"});
  for (const ArmComparison& comparison : report.comparisons) {
    if (const auto& paired = comparison.paired)
      table.add({nameOf(report, comparison), std::to_string(paired->pairs),
                 std::to_string(paired->only_reference), std::to_string(paired->only_candidate),
                 pText(paired->mcnemar_p), pText(paired->wilcoxon_p)});
  }
  return table.rows() > 1 ? "\n" + table.text(kIndent, columns) : "";
}

std::string notes(const ComparisonReport& report, std::size_t columns) {
  std::string text;
  if (report.comparisons.size() > 1)
    text += wrapped("p is adjusted for " + std::to_string(report.comparisons.size()) +
                        " comparisons (Holm); each interval is for its own comparison.",
                    std::min(columns, Screen::kUsualColumns), kIndent);
  for (const std::string& warning : report.warnings)
    text += wrapped("Note: " + warning, std::min(columns, Screen::kUsualColumns), kIndent);
  return text.empty() ? "" : "\n" + text;
}

std::string rulingText(const ComparisonReport& report) {
  return report.ruling ? std::string("\nverdict: ") + toString(*report.ruling) + "\n" : "\n";
}

}  // namespace

std::string comparisonText(const ComparisonReport& report, std::size_t columns) {
  return heading(report, columns) + successTable(report, columns) + timeTable(report, columns) +
         percentileTable(report, columns) + pairTable(report, columns) + notes(report, columns) +
         rulingText(report) +
         wrapped(comparisonSentence(report), std::min(columns, Screen::kUsualColumns), 0);
}

}  // namespace turnout
