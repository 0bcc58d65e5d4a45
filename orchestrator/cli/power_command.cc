#include "orchestrator/cli/command.h"
#include "orchestrator/report/reports.h"

#include <cstdio>

namespace turnout {
namespace {

OptionSpec powerOptions() {
  OptionSpec spec{
      "turnout power [RATE [OTHER_RATE]] [OPTIONS]\n\n"
      "How many calls it takes to see that success rates differ; without rates, a table.",
      "Examples:\n"
      "  turnout power\n"
      "  turnout power 0.95 0.90             449 calls an arm\n"
      "  turnout power 0.95 --calls 100      what 100 calls an arm can show\n"};
  spec.visible.add_options()("calls", po::value<int>(), "calls an arm: tell the drop they show")(
      "power", po::value<double>()->default_value(0.8, "0.8"),
      "chance to see the difference when it is there")(
      "alpha", po::value<double>()->default_value(0.05, "0.05"),
      "chance to see one when it is not there, two-sided");
  spec.hidden.add_options()("rate", po::value<std::vector<double>>());
  spec.files = "rate";
  return spec;
}

bool isShare(double value) {
  return value > 0 && value < 1;
}

Result<std::string> answer(const po::variables_map& options) {
  const TestSpec spec{options["alpha"].as<double>(), options["power"].as<double>()};
  const auto rates =
      optionValue<std::vector<double>>(options, "rate").value_or(std::vector<double>{});
  const auto calls = optionValue<int>(options, "calls");
  if (!isShare(spec.alpha) || !isShare(spec.power))
    return Error{ErrorCode::kUsage, "--alpha and --power are between 0 and 1"};
  for (const double rate : rates)
    if (!(rate >= 0 && rate <= 1))
      return Error{ErrorCode::kUsage, "a rate is between 0 and 1, e.g. 0.95"};
  const std::size_t columns = std::min(screenOf(stdout).columns, Screen::kUsualColumns);
  if (calls && *calls > 0 && rates.size() == 1)
    return dropSentence(rates[0], *calls, spec, columns);
  if (!calls && rates.size() == 2)
    return callsSentence(rates[0], rates[1], spec, columns);
  if (!calls && rates.empty())
    return powerTable(spec, columns);
  return Error{ErrorCode::kUsage, "power takes two rates, or one and --calls, or nothing"};
}

}  // namespace

ExitCode powerCommand(const Words& words) {
  const auto options = parseOptions(powerOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto text = answer(**options);
  if (!text)
    return fail(text.error());
  std::fputs(text->c_str(), stdout);
  return ExitCode::kPass;
}

}  // namespace turnout
