#include "scenarios/calls_section.h"

#include <algorithm>
#include <initializer_list>
#include <string>

#include <gio/gio.h>

namespace turnout {
namespace {

constexpr int kMaxParticipants = 8;  // of a room, docs/PROTOCOL.md

struct CallsDraft {
  CallShape shape;
  std::optional<int> bots;  // the default depends on the kind
  int per_arm = 0;
  milliseconds hold{};
};

Keys<CallsDraft> callsKeys() {
  const auto shaped = [](auto key) {
    return Key<CallsDraft>(key.name, [read = key.read](const Place& place, CallsDraft& draft) {
      read(place, draft.shape);
    });
  };
  return {shaped(choice(
              "kind", &CallShape::kind,
              {{"room", CallMode::kRoom}, {"call", CallMode::kCall}, {"match", CallMode::kMatch}})),
          integer("per_arm", &CallsDraft::per_arm, {1, 100'000}),
          integer("bots", &CallsDraft::bots, {1, kMaxParticipants}),
          shaped(integer("guests", &CallShape::guests, {0, kMaxParticipants - 1})),
          shaped(choice("caller", &CallShape::caller,
                        {{"bot", Caller::kBot}, {"guest", Caller::kGuest}})),
          shaped(integer("answer_after_ms", &CallShape::answer_after, {0, kHourMs})),
          integer("hold_ms", &CallsDraft::hold, {0, kHourMs})};
}

void readCalls(const Place& place, Scenario& scenario) {
  CallsDraft draft{.shape = scenario.shape,
                   .bots = {},
                   .per_arm = scenario.calls_per_arm,
                   .hold = scenario.hold};
  readObject(place, callsKeys(), draft);
  scenario.shape = draft.shape;
  const int others = draft.shape.kind == CallMode::kMatch ? 1 : draft.shape.guests;
  scenario.shape.bots = draft.bots.value_or(others > 0 ? 1 : 2);
  scenario.calls_per_arm = draft.per_arm;
  scenario.hold = draft.hold;
}

Keys<Step> stepKeys() {
  return {
      required(choice("do", &Step::kind,
                      {{"refresh", StepKind::kRefresh},
                       {"tab_kill", StepKind::kTabKill},
                       {"leave", StepKind::kLeave},
                       {"next_partner", StepKind::kNextPartner},
                       {"rapid_retries", StepKind::kRapidRetries},
                       {"network_drop", StepKind::kNetworkDrop},
                       {"loss", StepKind::kLoss},
                       {"address_change", StepKind::kAddressChange},
                       {"signaling_drop", StepKind::kSignalingDrop},
                       {"bot_crash", StepKind::kBotCrash}})),
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

// Which step each key is for; a key without a row is for all.
constexpr struct {
  const char* key;
  std::initializer_list<StepKind> kinds;
} kKeysOfKinds[] = {
    {"away_ms", {StepKind::kRefresh, StepKind::kLeave}},
    {"of", {StepKind::kNetworkDrop}},
    {"for_ms", {StepKind::kNetworkDrop, StepKind::kLoss}},
    {"percent", {StepKind::kLoss}},
    {"direction", {StepKind::kLoss}},
    {"times", {StepKind::kRapidRetries}},
    {"every_ms", {StepKind::kRapidRetries}},
    {"cut", {StepKind::kSignalingDrop}},
    {"address", {StepKind::kAddressChange}},
};

void readStep(const Place& place, Step& step) {
  readObject(place, stepKeys(), step);
  const auto kind = place.value.get("do").asString();
  if (!kind)
    return;
  for (const auto& row : kKeysOfKinds) {
    if (place.value.get(row.key).isPresent() && std::ranges::count(row.kinds, step.kind) == 0)
      place.at(row.key).problem("is of no use to \"" + *kind + "\"");
  }
  if (!step.address.empty() && !g_hostname_is_ip_address(step.address.c_str()))
    place.at("address").problem("expected an IP address, got \"" + step.address + "\"");
}

Keys<RecoveryPolicy> recoveryKeys() {
  using Kind = RecoveryPolicy::Kind;
  return {choice("policy", &RecoveryPolicy::kind,
                 {{"none", Kind::kNone},
                  {"ice_restart", Kind::kIceRestart},
                  {"recreate", Kind::kRecreate},
                  {"ladder", Kind::kLadder}}),
          integer("silence_ms", &RecoveryPolicy::silence, {500, kHourMs}),
          integer("attempt_ms", &RecoveryPolicy::attempt, {100, kHourMs}),
          integer("recreate_after_ms", &RecoveryPolicy::recreate_after, {0, kHourMs}),
          integer("attempts", &RecoveryPolicy::attempts, {1, 100})};
}

Keys<MessageLoad> messageKeys() {
  return {number("rate_per_s", &MessageLoad::rate_per_s, {0.01, 1000}),
          integer("size_bytes", &MessageLoad::size_bytes, {1, 65'536})};
}

void readBugs(const Place& place, SessionRules& rules) {
  for (const Place& item : readList(place, {0, 16})) {
    if (auto bug = readWord(item, {"no-cleanup", "no-grace", "ring-timeout-race", "keep-room",
                                   "stale-id", "duplicate-candidates"}))
      rules.bugs.push_back(*std::move(bug));
  }
}

Keys<SessionRules> sessionKeys() {
  return {integer("grace_ms", &SessionRules::grace, {3000, 10'000}),
          integer("ring_timeout_ms", &SessionRules::ring_timeout, {1000, 300'000}),
          integer("match_timeout_ms", &SessionRules::match_timeout, {1000, 600'000}),
          {"bugs", readBugs}};
}

void checkSize(const Place& calls, const Scenario& scenario) {
  const CallShape& shape = scenario.shape;
  const std::string got =
      std::to_string(shape.bots) + " bots and " + std::to_string(shape.guests) + " guests";
  switch (shape.kind) {
    case CallMode::kRoom:
      if (shape.participants() < 2 || shape.participants() > kMaxParticipants)
        calls.problem("a room has 2.." + std::to_string(kMaxParticipants) +
                      " participants, here are " + got);
      return;
    case CallMode::kCall:
      if (shape.participants() != 2)
        calls.problem("a call has two participants, here are " + got);
      return;
    case CallMode::kMatch:
      if (shape.bots != 1)
        calls.at("bots").problem(
            "expected 1, because a match is counted for each seeker by itself");
      else if (shape.guests == 0 && scenario.calls_per_arm * scenario.repetitions % 2 != 0)
        calls.at("per_arm").problem(
            "expected an even number, or the last seeker finds nobody (guests come by themselves)");
      return;
  }
}

void checkSteps(const Place& steps, const Scenario& scenario) {
  for (std::size_t i = 0; i < scenario.steps.size(); i++) {
    const Step& step = scenario.steps[i];
    const Place place = steps.elements()[i];
    if (step.bot && *step.bot >= scenario.shape.bots)
      place.at("bot").problem("a call has bots 0.." + std::to_string(scenario.shape.bots - 1));
    if (step.kind == StepKind::kNextPartner && scenario.shape.kind != CallMode::kMatch)
      place.at("do").problem("\"next_partner\" needs \"calls.kind\" \"match\"");
    const bool is_of_peers = step.kind == StepKind::kNetworkDrop || step.kind == StepKind::kLoss ||
                             step.kind == StepKind::kAddressChange;
    if (is_of_peers && scenario.messages)
      place.at("do").problem("needs peer connections, and \"messages\" are instead of them");
  }
}

}  // namespace

Key<Scenario> callsSection() {
  return {"calls", readCalls, keyNames(callsKeys(), ".")};
}

Key<Scenario> stepsSection() {
  return list("steps", {0, 100}, &Scenario::steps, stepKeys(), readStep);
}

Key<Scenario> messagesSection() {
  return objectOrNull("messages", &Scenario::messages, messageKeys());
}

Key<Scenario> sessionSection() {
  return object("session", &Scenario::session, sessionKeys());
}

Key<Scenario> recoverySection() {
  return object("recovery", &Scenario::recovery, recoveryKeys());
}

void checkCalls(const Place& root, Scenario& scenario) {
  checkSize(root.at("calls"), scenario);
  if (root.value.get("steps").isArray())
    checkSteps(root.at("steps"), scenario);
  if (!scenario.messages)
    return;
  const Place media = root.at("media");
  if (media.value.isPresent() && media.value.asString() != "none")
    media.problem("\"messages\" are instead of peer connections: expected \"none\"");
  scenario.media = {.audio = std::nullopt, .video = std::nullopt};
}

}  // namespace turnout
