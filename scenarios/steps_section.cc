#include "scenarios/sections.h"

#include <algorithm>
#include <string>

#include <gio/gio.h>

namespace turnout {
namespace {

std::vector<std::pair<std::string, StepKind>> stepWords() {
  std::vector<std::pair<std::string, StepKind>> words;
  for (const StepRow& row : kStepRows)
    words.emplace_back(row.word, row.kind);
  return words;
}

Keys<Step> stepKeys() {
  return {
      required(choice("do", &Step::kind, stepWords())),
      choice("after", &Step::after,
             {{"joined", StepTrigger::kJoined},
              {"connected", StepTrigger::kConnected},
              {"media", StepTrigger::kMedia}}),
      integer("delay_ms", &Step::delay, {0, kHourMs}),
      integer("away_ms", &Step::away, {0, kHourMs}),
      choice("of", &Step::drop_of,
             {{"all", DropOf::kAll}, {"media", DropOf::kMedia}, {"signaling", DropOf::kSignaling}}),
      integer("for_ms", &Step::lasting, {1, kHourMs}),
      number("percent", &Step::loss_percent, {0, 100}),
      choice("direction", &Step::direction,
             {{"both", LossDirection::kBoth},
              {"outgoing", LossDirection::kOutgoing},
              {"incoming", LossDirection::kIncoming}}),
      integer("times", &Step::times, {1, 100}),
      integer("every_ms", &Step::every, {1, kHourMs}),
      choice("cut", &Step::cut,
             {{"silent", SocketCut::kSilent},
              {"reset", SocketCut::kReset},
              {"close", SocketCut::kClose}}),
      text("address", &Step::address),
      integer("bot", &Step::bot, {0, kMaxParticipants - 1}),
      number("share", &Step::share, {0, 1})};
}

// Whether some kind of step has this key for itself, and `row` has not.
bool isOfOthers(const std::string& key, const StepRow& row) {
  return std::ranges::count(row.keys, key) == 0 &&
         std::ranges::any_of(
             kStepRows, [&](const StepRow& one) { return std::ranges::count(one.keys, key) > 0; });
}

void readStep(const Place& place, Step& step) {
  readObject(place, stepKeys(), step);
  const auto kind = place.value.get("do").asString();
  if (!kind)
    return;
  for (const Key<Step>& key : stepKeys()) {
    if (place.value.get(key.name.c_str()).isPresent() && isOfOthers(key.name, rowOf(step.kind)))
      place.at(key.name).problem("is of no use to \"" + *kind + "\"");
  }
  if (!step.address.empty() && !g_hostname_is_ip_address(step.address.c_str()))
    place.at("address").problem("expected an IP address, got \"" + step.address + "\"");
}

}  // namespace

Key<Scenario> stepsSection() {
  return list("steps", {0, 100}, &Scenario::steps, stepKeys(), readStep);
}

void checkSteps(const Place& root, const Scenario& scenario) {
  if (!root.value.get("steps").isArray())
    return;
  const std::vector<Place> places = root.at("steps").elements();
  for (std::size_t i = 0; i < scenario.steps.size(); i++) {
    const Step& step = scenario.steps[i];
    const StepEffect effect = rowOf(step.kind).effect;
    if (step.bot && *step.bot >= scenario.shape.bots)
      places[i].at("bot").problem("a call has bots 0.." + std::to_string(scenario.shape.bots - 1));
    if (step.kind == StepKind::kNextPartner && scenario.shape.kind != CallMode::kMatch)
      places[i].at("do").problem("\"next_partner\" needs \"calls.kind\" \"match\"");
    const bool is_of_peers =
        effect == StepEffect::kLosesPackets || effect == StepEffect::kMovesAddress;
    if (is_of_peers && scenario.messages)
      places[i].at("do").problem("needs peer connections, and \"messages\" are instead of them");
  }
}

}  // namespace turnout
