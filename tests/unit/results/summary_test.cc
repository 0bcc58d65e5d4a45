#include "orchestrator/results/fold/summary.h"

#include "tests/unit/results/call_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::Pair;

Summary summaryOf(const Script& script, const Scenario& scenario) {
  return summarise(scenario, foldOf(script, scenario));
}

TEST(Summary, EveryPlannedCallIsInExactlyOneCount) {
  const Scenario scenario = scenarioOf({"a", "b"}, 3);
  const Summary summary =
      summaryOf(Script{runStarted()} + goodCall(0) + failedCall(1, FailureCause::kTurnAuth) +
                    connectedCall(2) + leave(2) + joinedCall(3) + goodCall(4),
                scenario);
  const Cell& a = summary.cells.at(0);
  EXPECT_EQ(a.arm, "a");
  EXPECT_EQ(a.planned, 3);
  EXPECT_EQ(a.connected, 3);
  EXPECT_EQ(a.succeeded, 2);
  EXPECT_EQ(a.failed, 1);
  EXPECT_EQ(a.failures.at(FailureCause::kNoMedia).calls, 1);
  const Cell& b = summary.cells.at(1);
  EXPECT_EQ(b.failed, 1);
  EXPECT_EQ(b.aborted, 1);
  EXPECT_EQ(b.not_started, 1);
  for (const Cell* cell : {&a, &b, &summary.total})
    EXPECT_EQ(cell->planned, cell->finished() + cell->aborted + cell->not_started);
  EXPECT_EQ(summary.total.planned, 6);
}

TEST(Summary, TheSuccessRateIsOfFinishedCallsOnly) {
  const Scenario scenario = scenarioOf({"a"}, 4);
  const Cell cell = summaryOf(Script{runStarted()} + goodCall(0) +
                                  failedCall(1, FailureCause::kIceFailed) + joinedCall(2),
                              scenario)
                        .cells.at(0);
  EXPECT_EQ(cell.successRate(), 0.5);
  EXPECT_EQ(cell.successInterval().low, wilson95(1, 2).low);
  EXPECT_FALSE(summaryOf({runStarted()}, scenario).cells.at(0).successRate());
}

TEST(Summary, AFailedCallIsCensoredAtTheDeadlineHoweverEarlyItGaveUp) {
  const Scenario scenario = scenarioOf({"a"}, 2);
  const Cell cell =
      summaryOf(wholeRun(goodCall(0) + failedCall(1, FailureCause::kJoinRejected, 20)), scenario)
          .cells.at(0);
  EXPECT_EQ(cell.connect_time.curve.size(), 2u);
  EXPECT_EQ(cell.connect_time.curve.censored(), 1u);
  EXPECT_EQ(cell.connect_time.curve.percentile(50), 100);
  EXPECT_FALSE(cell.connect_time.curve.percentile(95));
  EXPECT_EQ(cell.connect_time.curve.restrictedMean(15'000), (100 + 15'000) / 2.0);
  EXPECT_EQ(cell.first_media_time->curve.percentile(50), 130);
  EXPECT_EQ(cell.first_media_time->horizon_ms, 25'000);
  EXPECT_EQ(cell.signaling_time.curve.percentile(100), 10) << "both joined; one failed later";
}

TEST(Summary, AnAbortedCallIsCensoredWhereItWasLost) {
  const Scenario scenario = scenarioOf({"a"}, 2);
  const Cell cell =
      summaryOf(Script{runStarted()} + goodCall(0) + joinedCall(1), scenario).cells.at(0);
  EXPECT_EQ(cell.connect_time.curve.size(), 2u);
  EXPECT_EQ(cell.connect_time.curve.percentile(100), 100)
      << "lost at 10 ms it was no longer at risk when the other connected";
}

TEST(Summary, PhasesAreOfConnectedCalls) {
  const Scenario scenario = scenarioOf({"a"}, 3);
  const Cell cell = summaryOf(wholeRun(goodCall(0) + connectedCall(1) + leave(1) +
                                       failedCall(2, FailureCause::kIceFailed)),
                              scenario)
                        .cells.at(0);
  EXPECT_EQ(cell.ice_ms.size(), 2u);
  EXPECT_EQ(cell.signaling_phase_ms.mean(), 10);
  EXPECT_EQ(cell.negotiation_ms.mean(), 20);
  EXPECT_EQ(cell.ice_ms.mean(), 30);
  EXPECT_EQ(cell.dtls_ms.mean(), 40);
}

TEST(Summary, ServersAreCountedPerUrlAndCode) {
  const Scenario scenario = scenarioOf({"a"}, 2);
  const auto heard = [](int call, int bot, const char* url, int code, double elapsed) {
    return ofLink(
        startOf(call) + 30, call, bot, 1 - bot,
        IceServerOutcome{url, code, code ? "Unauthorized" : "", code ? "" : "r", elapsed});
  };
  const Cell cell =
      summaryOf(wholeRun(goodCall(0) + goodCall(1) +
                         Script{heard(0, 0, "turn:x", 0, 4), heard(0, 1, "turn:x", 0, 6),
                                heard(1, 0, "turn:x", 401, 2), heard(1, 1, "turn:x", 401, 2),
                                heard(0, 0, "turn:y", 701, 500)}),
                scenario)
          .cells.at(0);
  EXPECT_EQ(cell.servers.at("turn:x").answered, 2);
  EXPECT_EQ(cell.servers.at("turn:x").asked(), 4);
  EXPECT_EQ(cell.servers.at("turn:x").elapsed_ms.mean(), 5);
  EXPECT_EQ(cell.servers.at("turn:x").errors.at(401).times, 2);
  EXPECT_EQ(cell.servers.at("turn:x").errors.at(401).text, "Unauthorized");
  EXPECT_THAT(cell.serverErrors(), ElementsAre(Pair(401, 2), Pair(701, 1)));
}

TEST(Summary, PathsAndMediaAddUp) {
  const Scenario scenario = scenarioOf({"a"}, 2);
  const Cell cell =
      summaryOf(
          wholeRun(
              goodCall(0, CandidateType::kRelay, CandidateType::kRelay) + goodCall(1) +
              Script{ofLink(3000, 0, 0, 1, MediaReport{MediaKind::kVideo, 10, 1000, 8, 800, 2, 40}),
                     ofLink(3000, 0, 1, 0, MediaReport{MediaKind::kVideo, 8, 800, 10, 1000, 0, 90}),
                     ofLink(40, 1, 0, 1, CandidateSeen{"remote", {}, true})}),
          scenario)
          .cells.at(0);
  EXPECT_THAT(cell.paths, ElementsAre(Pair("host-host", 1), Pair("relay-relay", 1)));
  EXPECT_THAT(cell.relay_protocols, ElementsAre(Pair("udp", 2)));
  const MediaSums& video = cell.media[static_cast<std::size_t>(MediaKind::kVideo)];
  EXPECT_EQ(video.sent_packets, 18);
  EXPECT_EQ(video.received_packets, 18);
  EXPECT_EQ(video.lost_packets, 2);
  EXPECT_EQ(video.longest_gap_ms, 90);
  EXPECT_EQ(cell.duplicate_candidates, 1);
}

TEST(Summary, WithoutMediaThereIsNoFirstMediaTime) {
  Scenario scenario = scenarioOf({"a"}, 1);
  scenario.media = {std::nullopt, std::nullopt};
  const Summary summary = summaryOf(wholeRun(connectedCall(0) + leave(0)), scenario);
  EXPECT_FALSE(summary.total.first_media_time);
  EXPECT_EQ(summary.total.succeeded, 1);
}

// Each end on its own relay pays for both directions; an end on a host candidate pays nothing.
TEST(Summary, TurnCostIsOfTheEndsOnTheirOwnRelay) {
  constexpr auto kRelay = CandidateType::kRelay;
  const auto report = [](int call, int bot, int peer) {
    return ofLink(startOf(call) + 3000, call, bot, peer,
                  MediaReport{MediaKind::kAudio, 10, 1000, 9, 900, 0, 5});
  };
  const Scenario scenario = scenarioOf({"a"}, 3);
  const Script script = goodCall(0, kRelay, kRelay) + Script{report(0, 0, 1), report(0, 1, 0)} +
                        goodCall(1, kRelay, CandidateType::kHost) +
                        Script{report(1, 0, 1), report(1, 1, 0)} + goodCall(2) +
                        Script{report(2, 0, 1), report(2, 1, 0)};
  const Summary summary = summaryOf(wholeRun(script), scenario);
  const TurnCost& cost = summary.total.turn_cost;
  EXPECT_EQ(cost.connected, 3);
  EXPECT_EQ(cost.on_relay, 2);
  EXPECT_THAT(cost.on_relay_by_transport, ElementsAre(Pair("udp", 2)));
  EXPECT_EQ(cost.relayed_bytes, 3 * 1900);
  EXPECT_EQ(cost.bytesPerCall(), 3 * 1900 / 2.0);
  EXPECT_EQ(cost.relayShare(), 2 / 3.0);
  EXPECT_FALSE(TurnCost{}.relayShare() || TurnCost{}.bytesPerCall());
}

}  // namespace
}  // namespace turnout
