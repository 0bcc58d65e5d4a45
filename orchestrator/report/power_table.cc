#include "orchestrator/report/reports.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/fold/figures.h"

namespace turnout {
namespace {

constexpr double kRates[] = {0.999, 0.99, 0.98, 0.95, 0.90, 0.80, 0.50};
constexpr double kDrops[] = {0.005, 0.01, 0.02, 0.03, 0.05, 0.10, 0.15, 0.20};

std::string promise(const TestSpec& spec) {
  return "with a chance of " + percentText(spec.power) + ", and a false alarm in " +
         percentText(spec.alpha) + " of comparisons";
}

}  // namespace

std::string powerTable(const TestSpec& spec, std::size_t columns) {
  Table table(std::vector<Table::Column>(std::size(kDrops) + 1, {Table::Align::kRight}));
  std::vector<std::string> head{"drop in points:"};
  for (const double drop : kDrops) {
    const std::string points = pointsSizeText(drop);
    head.push_back(points.substr(0, points.find(' ')));
  }
  table.add(std::move(head));
  for (const double rate : kRates) {
    std::vector<std::string> row{"from " + percentText(rate)};
    for (const double drop : kDrops)
      row.push_back(std::to_string(callsPerArm(rate, rate - drop, spec).value_or(0)));
    table.add(std::move(row));
  }
  return wrapped("Calls an arm to see a drop of the success rate, " + promise(spec) + ":", columns,
                 0) +
         "\n" + table.text(2, columns) + "\n" + callsSentence(0.95, 0.90, spec, columns);
}

std::string callsSentence(double rate, double other_rate, const TestSpec& spec,
                          std::size_t columns) {
  const auto calls = callsPerArm(rate, other_rate, spec);
  const std::string rates = percentText(rate) + " against " + percentText(other_rate);
  return wrapped(calls ? "To see " + rates + " you need " + std::to_string(*calls) +
                             " calls an arm (" + promise(spec) + ")."
                       : "No number of calls tells " + rates + ".",
                 columns, 0);
}

std::string dropSentence(double rate, int calls, const TestSpec& spec, std::size_t columns) {
  const auto other = visibleDrop(rate, calls, spec);
  const std::string so_many = "With " + countText(calls, "call") + " an arm ";
  return wrapped(other ? so_many + "you see a drop from " + percentText(rate) + " to " +
                             percentText(*other) + " or below (" + promise(spec) + ")."
                       : so_many + "not even a drop from " + percentText(rate) + " to 0 % is seen.",
                 columns, 0);
}

}  // namespace turnout
