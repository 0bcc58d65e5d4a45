// Every two steps at once, or 100 ms apart, in rooms, calls and matches: the call recovers or comes
// to a clean end, and nobody is blamed. The app is the real one and makes no mistakes.
#include "tests/unit/attempt/small_world.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

Step stepAt(StepKind kind, int bot, Duration delay) {
  Step step;
  step.kind = kind;
  step.delay = std::chrono::duration_cast<milliseconds>(500ms + delay);
  step.away = 300ms;
  step.lasting = 3s;
  step.times = 4;
  step.every = 200ms;
  step.bot = bot;
  return step;
}

std::vector<Step> variants(StepKind kind, int bot, Duration delay) {
  std::vector<Step> all;
  if (kind == StepKind::kSignalingDrop) {
    for (const SocketCut cut : {SocketCut::kReset, SocketCut::kClose, SocketCut::kSilent})
      all.emplace_back(stepAt(kind, bot, delay)).cut = cut;
  } else if (kind == StepKind::kNetworkDrop) {
    all.emplace_back(stepAt(kind, bot, delay)).lasting = 8s;
    all.emplace_back(stepAt(kind, bot, delay)).drop_of = DropOf::kSignaling;
  } else {
    all.push_back(stepAt(kind, bot, delay));
  }
  return all;
}

std::string describe(const SmallWorld& world) {
  std::string text;
  for (const auto& [call, bot, record] : world.told()) {
    Event event{record.at, call, bot, record.peer, record.body, record.round};
    text += eventLine(event) + "\n";
  }
  return text;
}

// What went wrong, in words; empty: nothing. `may_fail`: at the deadline, with nobody to blame.
std::string troubleIn(const SmallWorld& world, bool is_over, bool may_fail) {
  if (!is_over)
    return "hangs";
  if (may_fail && world.all<AppFaultSeen>().empty())
    return "";
  const auto failed = world.all<BotFailed>();
  if (!failed.empty() && failed[0].cause == FailureCause::kNoPartner)
    return "";  // of the two who looked for a partner, one is gone
  if (!failed.empty())
    return "a bot failed: " + failed[0].detail;
  if (!world.all<LinkFailed>().empty())
    return "a link failed: " + world.all<LinkFailed>()[0].detail;
  if (!world.all<AppFaultSeen>().empty())
    return "the app is blamed: " + std::string(toString(world.all<AppFaultSeen>()[0].fault));
  if (!world.all<SessionError>().empty())
    return "a session error: " + world.all<SessionError>()[0].error + " to " +
           world.all<SessionError>()[0].request;
  return "";
}

const StepKind kSteps[] = {
    StepKind::kRefresh,     StepKind::kTabKill,       StepKind::kLeave,
    StepKind::kNextPartner, StepKind::kRapidRetries,  StepKind::kNetworkDrop,
    StepKind::kLoss,        StepKind::kAddressChange, StepKind::kSignalingDrop};

class RecoveryPairs : public testing::TestWithParam<std::tuple<CallMode, int>> {};

TEST_P(RecoveryPairs, AllRecoverOrEndCleanly) {
  const auto [mode, bots] = GetParam();
  int calls = 0;
  std::map<std::string, std::string> troubles;
  for (const StepKind first : kSteps) {
    for (const StepKind second : kSteps) {
      const bool is_match = mode == CallMode::kMatch;
      if (!is_match && (first == StepKind::kNextPartner || second == StepKind::kNextPartner))
        continue;
      for (const Duration apart : {Duration(0ms), Duration(100ms)}) {
        for (const Step& one : variants(first, 0, 0ms)) {
          for (Step other : variants(second, is_match ? 0 : 1, apart)) {
            SmallWorld world;
            CallShape shape;
            shape.kind = mode;
            shape.bots = bots;
            if (is_match) {
              world.start({shape, {one}, "r0", 0ms});
              world.start({shape, {other}, "r1", 0ms});
            } else {
              world.start({shape, {one, other}, "r", 0ms});
            }
            // Nobody can help who does not know for 45 s that the server is out of reach.
            const auto isSilent = [](const Step& step) {
              return step.kind == StepKind::kSignalingDrop && step.cut == SocketCut::kSilent;
            };
            const std::string trouble =
                troubleIn(world, world.run(300s), isSilent(one) || isSilent(other));
            calls++;
            const std::string name =
                std::string(toString(first)) + " x " + std::string(toString(second));
            if (!trouble.empty() && troubles.try_emplace(name, trouble).second)
              troubles[name] += " (" + std::to_string(apart / 1ms) + " ms apart)\n" +
                                (std::getenv("SMALL_WORLD") ? describe(world) : "");
          }
        }
      }
    }
  }
  for (const auto& [name, trouble] : troubles)
    ADD_FAILURE() << name << ": " << trouble;
  EXPECT_GT(calls, 200);
}

INSTANTIATE_TEST_SUITE_P(Modes, RecoveryPairs,
                         testing::Values(std::tuple(CallMode::kRoom, 2),
                                         std::tuple(CallMode::kRoom, 3),
                                         std::tuple(CallMode::kCall, 2),
                                         std::tuple(CallMode::kMatch, 1)));

}  // namespace
}  // namespace turnout
