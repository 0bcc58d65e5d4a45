#include "scenarios/threshold_sets.h"

#include "scenarios/nearest.h"

#include <algorithm>

namespace turnout {

const std::vector<ThresholdSet>& thresholdSets() {
  static const std::vector<ThresholdSet> sets{
      {"alerts",
       "What should wake somebody: many calls fail or are very slow, the server refuses much, TURN "
       "servers fail.",
       {{"success_rate", "rate>=0.8"},
        {"connect_time", "avg<15000"},
        {"session_error_rate", "rate<0.1"},
        {"turn_error_rate", "rate<0.1"},
        {"drop_off_rate", "rate<0.1"},
        {"loss", "avg<0.1"}}},
      {"targets",
       "What is expected of calls that have working TURN servers.",
       {{"success_rate", "rate>=0.9"},
        {"connect_time", "avg<5000"},
        {"session_error_rate", "rate<0.1"},
        {"kept_rate", "rate>=0.9"},
        {"loss", "avg<0.05"}}},
      {"targets-stun",
       "What is expected of calls with STUN only, over the mix of networks that users have.",
       {{"success_rate", "rate>=0.7"},
        {"connect_time", "avg<5000"},
        {"session_error_rate", "rate<0.1"},
        {"kept_rate", "rate>=0.9"},
        {"loss", "avg<0.05"}}},
  };
  return sets;
}

Result<std::vector<Threshold>> thresholdsOfSet(std::string_view name) {
  const std::size_t brace = std::min(name.find('{'), name.size());
  const std::string word(name.substr(0, brace));
  const std::string selector(brace < name.size() ? name.substr(brace) : "{turn:*}");
  const auto& sets = thresholdSets();
  const auto set =
      std::ranges::find_if(sets, [&](const ThresholdSet& known) { return word == known.name; });
  if (set == sets.end()) {
    std::vector<std::string> names;
    for (const ThresholdSet& known : sets)
      names.emplace_back(known.name);
    return Error{ErrorCode::kBadScenario,
                 "no set of thresholds is named \"" + word + "\"" + suggestion(word, names)};
  }
  std::vector<Threshold> thresholds;
  for (const ThresholdSet::Row& row : set->rows) {
    auto threshold = parseThreshold(row.measure + selector, row.expression);
    if (!threshold)
      return threshold.error();
    thresholds.push_back(*std::move(threshold));
  }
  return thresholds;
}

}  // namespace turnout
