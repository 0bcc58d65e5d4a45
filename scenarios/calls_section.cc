#include "scenarios/sections.h"

#include <algorithm>
#include <string>

namespace turnout {
namespace {

struct CallsDraft {
  CallShape shape;
  std::optional<int> bots;  // the default depends on the kind
  int per_arm = 0;
  milliseconds hold{};
  Placement placement = Placement::kTogether;
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
          integer("hold_ms", &CallsDraft::hold, {0, kHourMs}),
          choice("placement", &CallsDraft::placement,
                 {{"together", Placement::kTogether}, {"apart", Placement::kApart}})};
}

void readCalls(const Place& place, Scenario& scenario) {
  CallsDraft draft{.shape = scenario.shape,
                   .bots = {},
                   .per_arm = scenario.calls_per_arm,
                   .hold = scenario.hold,
                   .placement = scenario.placement};
  readObject(place, callsKeys(), draft);
  scenario.shape = draft.shape;
  const int others = draft.shape.kind == CallMode::kMatch ? 1 : draft.shape.guests;
  scenario.shape.bots = draft.bots.value_or(others > 0 ? 1 : 2);
  scenario.calls_per_arm = draft.per_arm;
  scenario.hold = draft.hold;
  scenario.placement = draft.placement;
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

void checkPlacement(const Place& calls, const Scenario& scenario) {
  if (scenario.placement == Placement::kApart && scenario.hosts > 0 &&
      scenario.hosts < scenario.shape.bots)
    calls.at("placement")
        .problem("\"apart\" needs a host for each of the " + std::to_string(scenario.shape.bots) +
                 " bots of a call, and \"hosts\" is " + std::to_string(scenario.hosts));
}

}  // namespace

Key<Scenario> callsSection() {
  return {"calls", readCalls, keyNames(callsKeys(), ".")};
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
  checkPlacement(root.at("calls"), scenario);
  if (!scenario.messages)
    return;
  const Place media = root.at("media");
  if (media.value.isPresent() && media.value.asString() != "none")
    media.problem("\"messages\" are instead of peer connections: expected \"none\"");
  scenario.media = {.audio = std::nullopt, .video = std::nullopt};
}

}  // namespace turnout
