#include "orchestrator/results/fold/step_outcome.h"
#include "tests/unit/results/call_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using End = StepOutcome::End;
using testing::IsEmpty;
using testing::SizeIs;

const Scenario kRoom = scenarioOf({"only"}, 1);

Outcomes outcomesOf(const Script& events) {
  return foldOf(wholeRun(events), kRoom);
}
std::vector<StepOutcome> faultsOf(const Script& events) {
  return outcomesOf(events).calls.at(0).steps;
}

// Both ends are connected by 100 ms, over a TURN server.
Script relayedCall() {
  PairSelected relayed;
  relayed.local.type = CandidateType::kRelay;
  return connectedCall(0) + mediaOf(0) +
         Script{ofLink(90, 0, 0, 1, relayed), ofLink(90, 0, 1, 0, relayed)};
}
// And the bots stay until 50 s.
Script longCall() {
  return relayedCall() + leave(0, 50'000);
}
Script killed(double at, std::optional<double> until = std::nullopt) {
  Script events = {ofRun(at, FaultApplied{"turn_kill", "coturn", 0.5})};
  if (until)
    events.push_back(ofRun(*until, FaultOver{"turn_kill", "coturn"}));
  return events;
}
Event lost(int bot, double at, double silent_ms = 5000) {
  return ofLink(at, 0, bot, 1 - bot, LinkLost{"silence", silent_ms});
}
Event back(int bot, double at, double outage_ms) {
  return ofLink(at, 0, bot, 1 - bot, LinkRecovered{"ice_restart", outage_ms});
}

TEST(FaultOutcome, IsGoodWhenWhatFellSilentAtItsOnsetIsBack) {
  const auto steps =
      faultsOf(longCall() + killed(4000) +
               Script{lost(0, 9000), lost(1, 8990), back(0, 9400, 5400), back(1, 9500, 5510)});
  ASSERT_THAT(steps, SizeIs(1));
  EXPECT_EQ(steps[0].action, "turn_kill");
  EXPECT_EQ(steps[0].end, End::kGood);
  EXPECT_EQ(steps[0].outage_ms, 5510) << "the longer of the two ends";
  EXPECT_EQ(steps[0].detect_ms, 4990) << "the first of the two ends";
  EXPECT_EQ(steps[0].recover_ms, 5500) << "from the onset: it is for good";
  EXPECT_EQ(steps[0].late_ms, 0.5);
}

TEST(FaultOutcome, ATurnServerTakesNothingFromACallThatDoesNotUseIt) {
  const Script direct = connectedCall(0) + mediaOf(0) + leave(0, 50'000);
  EXPECT_THAT(faultsOf(direct + killed(4000) + Script{lost(0, 9000), back(0, 9400, 5400)}),
              IsEmpty());
}

TEST(FaultOutcome, OneEndThatStaysSilentIsEnoughToMiss) {
  const auto steps = faultsOf(longCall() + killed(4000) +
                              Script{lost(0, 9000), lost(1, 9000), back(1, 9500, 5500)});
  EXPECT_EQ(steps.at(0).end, End::kMissed);
  EXPECT_FALSE(steps.at(0).outage_ms);
}

TEST(FaultOutcome, TheDeadlineCountsFromItsEnd) {
  const Script hit = longCall() + Script{lost(0, 9000), back(0, 36'000, 32'000)};
  EXPECT_EQ(faultsOf(hit + killed(4000)).at(0).end, End::kMissed) << "due by 34 s";
  EXPECT_EQ(faultsOf(hit + killed(4000, 7000)).at(0).end, End::kGood) << "due by 37 s";
}

TEST(FaultOutcome, LossesOfAnotherTimeAreNotItsOwn) {
  EXPECT_THAT(faultsOf(longCall() + killed(4000) + Script{lost(0, 12'000), back(0, 13'000, 6000)}),
              IsEmpty());
}

TEST(FaultOutcome, ASocketIsBackWhenItsBotIsRegisteredAgain) {
  const Script restart = {
      ofRun(4000, FaultApplied{"server_restart", "signaling", 0}),
      ofRun(7000, FaultOver{"server_restart", "signaling"}), ofBot(4001, 0, 0, SocketLost{"reset"}),
      ofBot(4002, 0, 1, SocketLost{"reset"}), ofBot(7300, 0, 0, SocketBack{4, 3299})};
  EXPECT_EQ(faultsOf(longCall() + restart).at(0).end, End::kMissed);
  const auto steps =
      faultsOf(longCall() + restart + Script{ofBot(7400, 0, 1, SocketBack{4, 3398})});
  EXPECT_EQ(steps.at(0).end, End::kGood);
  EXPECT_EQ(steps.at(0).outage_ms, 3398);
  EXPECT_EQ(steps.at(0).detect_ms, 1);
  EXPECT_EQ(steps.at(0).recover_ms, 400) << "from when the server was there again";
}

TEST(FaultOutcome, WhatTurnoutLostSaysNothing) {
  const Script cut = relayedCall() + killed(4000) + Script{lost(0, 9000)};
  EXPECT_EQ(faultsOf(cut).at(0).end, End::kLost);
}

TEST(FaultSpans, AreToldOfTheRunWhateverTheOrderOfItsLog) {
  Script events = killed(4000, 7000) + killed(9000);
  std::ranges::reverse(events);
  const RunFacts run = outcomesOf(longCall() + events).run;
  ASSERT_THAT(run.faults, SizeIs(2));
  EXPECT_EQ(run.faults[0].begin, ms(4000));
  EXPECT_EQ(run.faults[0].end, ms(7000));
  EXPECT_EQ(run.faults[0].late_ms, 0.5);
  EXPECT_EQ(run.faults[1].service, "coturn");
  EXPECT_FALSE(run.faults[1].end);
}

}  // namespace
}  // namespace turnout
