#include "orchestrator/run/running_call.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using State = BotReport::State;

constexpr int kCall = 7;
constexpr Instant at(int ms) {
  return fromNs(std::int64_t{ms} * 1'000'000);
}

struct RunningCallTest : testing::Test {
  RunningCall call{kCall, 2, 500ms};

  void report(int bot, State state, int ms) { call.onReport({kCall, bot, state, at(ms)}); }
  template <class Command>
  Command only() {
    const auto commands = call.takeCommands();
    EXPECT_EQ(commands.size(), 1u);
    const Command* command = commands.size() == 1 ? std::get_if<Command>(&commands[0]) : nullptr;
    EXPECT_NE(command, nullptr);
    return command ? *command : Command{};
  }
  bool isSilent() { return call.takeCommands().empty(); }
};

TEST_F(RunningCallTest, BotsLeaveTheHoldTimeAfterTheLastBecameSteady) {
  report(0, State::kSteady, 100);
  EXPECT_TRUE(isSilent());
  report(1, State::kSteady, 130);
  const auto leaves = only<CallLeaves>();
  EXPECT_EQ(leaves.call, kCall);
  EXPECT_EQ(leaves.at, at(630));
}

TEST_F(RunningCallTest, AReportThatWasLongerUnderWayDoesNotShortenTheHold) {
  report(1, State::kSteady, 130);
  report(0, State::kSteady, 100);
  EXPECT_EQ(only<CallLeaves>().at, at(630));
}

TEST_F(RunningCallTest, WhoBecomesBusyAgainKeepsAllUntilItIsSteady) {
  report(0, State::kSteady, 100);
  report(1, State::kSteady, 100);
  only<CallLeaves>();
  report(1, State::kBusy, 300);
  EXPECT_EQ(only<CallStays>().call, kCall);
  report(1, State::kSteady, 400);
  EXPECT_EQ(only<CallLeaves>().at, at(900));
}

TEST_F(RunningCallTest, OnceTheInstantHasComeItStands) {
  report(0, State::kSteady, 100);
  report(1, State::kSteady, 100);
  only<CallLeaves>();
  report(1, State::kBusy, 600);
  report(1, State::kFailed, 601);
  EXPECT_TRUE(isSilent());
}

TEST_F(RunningCallTest, AFailedCallEndsAtOnceButNotBeforeAllAreDecided) {
  report(0, State::kFailed, 100);
  EXPECT_TRUE(isSilent());
  report(1, State::kSteady, 250);
  EXPECT_EQ(only<CallLeaves>().at, at(250));
}

TEST_F(RunningCallTest, AFailureDuringTheHoldEndsItAtOnce) {
  report(0, State::kSteady, 100);
  report(1, State::kSteady, 100);
  only<CallLeaves>();
  report(1, State::kFailed, 300);
  EXPECT_EQ(only<CallLeaves>().at, at(300));
}

TEST_F(RunningCallTest, TheOthersAreToldOfWhoVanishedAndHoldOn) {
  report(0, State::kSteady, 100);
  report(1, State::kVanished, 200);
  const auto commands = call.takeCommands();
  ASSERT_EQ(commands.size(), 2u);
  EXPECT_EQ(std::get<PeerVanished>(commands[0]).bot, 1);
  EXPECT_EQ(std::get<CallLeaves>(commands[1]).at, at(700));
  EXPECT_FALSE(call.isOver());
  report(0, State::kLeft, 700);
  EXPECT_TRUE(call.isOver());
  EXPECT_TRUE(isSilent());
}

TEST_F(RunningCallTest, WhenAHostDiesTheRestOfTheCallIsInterruptedOnce) {
  report(0, State::kSteady, 100);
  call.onBotLost(1);
  EXPECT_EQ(only<CallInterrupted>().call, kCall);
  report(0, State::kFailed, 150);
  EXPECT_TRUE(isSilent());
  EXPECT_FALSE(call.isOver());
  report(0, State::kLeft, 160);
  EXPECT_TRUE(call.isOver());
}

TEST_F(RunningCallTest, ACallWhoseBotsAllDiedIsOverWithoutAWord) {
  call.onBotLost(0);
  call.takeCommands();
  call.onBotLost(1);
  EXPECT_TRUE(isSilent());
  EXPECT_TRUE(call.isOver());
}

}  // namespace
}  // namespace turnout
