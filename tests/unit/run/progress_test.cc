#include "orchestrator/run/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::SizeIs;

constexpr std::int64_t kEpoch = 1'000'000'000;

struct ProgressOfARun : testing::Test {
  Scenario scenario;
  Plan plan;
  std::optional<Fold> fold;
  std::optional<Progress> progress;

  void begin() {
    fold.emplace(scenario, plan);
    progress.emplace(scenario, *fold);
  }
  ProgressCounts total() const { return Progress::totalOf(progress->arms()); }
  void SetUp() override {
    scenario.name = "two-arms";
    scenario.turn = {TurnArm{"direct", false, {}}, TurnArm{"turn-udp", true, {}}};
    for (int id = 0; id < 4; ++id) {
      PlannedCall call;
      call.id = id;
      call.arm = id % 2;
      call.start = std::chrono::seconds(id);
      plan.calls.push_back(call);
    }
    begin();
  }
  void happens(int call, int bot, int peer, EventBody body) {
    fold->add({fromNs(kEpoch + 1'000'000'000), call, bot, peer, std::move(body)});
  }
  void runStarts() {
    happens(-1, -1, -1, RunStarted{kEpoch, "r", "two-arms", "fast", "", "{}", 1});
  }
  void starts(int call) {
    happens(call, -1, -1, CallAssigned{0});
    happens(call, 0, -1, BotStarted{});
    happens(call, 1, -1, BotStarted{});
  }
  void connects(int call) {
    happens(call, 0, 1, LinkConnected{});
    happens(call, 1, 0, LinkConnected{});
  }
  void leaves(int call) {
    happens(call, 0, -1, BotLeft{});
    happens(call, 1, -1, BotLeft{});
  }
  Instant after(Duration time) { return fromNs(kEpoch) + time; }
};

TEST_F(ProgressOfARun, CountsACallConnectedWhenBothEndsAre) {
  runStarts();
  starts(0);
  happens(0, 0, 1, LinkConnected{});
  EXPECT_EQ(total().connected, 0);
  happens(0, 1, 0, LinkConnected{});
  EXPECT_EQ(progress->arms()[0].connected, 1);
  EXPECT_EQ(progress->arms()[0].started, 1);
  EXPECT_EQ(total().planned, 4);
}

TEST_F(ProgressOfARun, CountsAFailedCallOnceAndNotAsConnected) {
  runStarts();
  starts(1);
  connects(1);
  happens(1, 0, 1, LinkFailed{FailureCause::kNoMedia, "media", ""});
  happens(1, 1, 0, LinkFailed{FailureCause::kNoMedia, "media", ""});
  EXPECT_EQ(progress->arms()[1].failed, 1);
  EXPECT_EQ(progress->arms()[1].connected, 0);
}

TEST_F(ProgressOfARun, ACallWithAGuestIsConnectedWhenOurEndIs) {
  scenario.shape.bots = 1;
  scenario.shape.guests = 1;
  begin();
  runStarts();
  happens(0, 0, -1, BotStarted{});
  happens(0, 0, 1, LinkConnected{});
  EXPECT_EQ(total().connected, 1);
}

TEST_F(ProgressOfARun, WhatBecomesOfALinkAfterAStepIsNoFailureToConnect) {
  runStarts();
  starts(0);
  starts(1);
  connects(0);
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    happens(0, 0, 1, MediaStarted{kind});
    happens(0, 1, 0, MediaStarted{kind});
  }
  const auto again = [&](int call, EventBody body) {
    fold->add({fromNs(kEpoch + 1'000'000'000), call, 0, 1, std::move(body), 2});
  };
  again(0, LinkFailed{FailureCause::kIceFailed, "ice", ""});
  EXPECT_EQ(total().connected, 1);
  EXPECT_EQ(total().failed, 0);
  happens(1, 0, 1, LinkConnected{});
  again(1, LinkConnected{});
  EXPECT_EQ(total().connected, 1) << "the other end is not";
}

TEST_F(ProgressOfARun, StepsAndRingingMakeItLonger) {
  scenario.shape.answer_after = 1000ms;
  scenario.steps.emplace_back().delay = 500ms;  // and a second away
  begin();
  runStarts();
  EXPECT_EQ(progress->left(after(0s)), 7500ms);
}

TEST_F(ProgressOfARun, ADeadHostLosesItsOpenCallsOnly) {
  scenario.media.audio.reset();
  scenario.media.video.reset();
  begin();
  runStarts();
  starts(0);
  connects(0);
  leaves(0);
  starts(1);
  happens(2, -1, -1, CallAssigned{1});
  fold->add({fromNs(kEpoch + 2'000'000'000), -1, -1, -1, HostExited{0, "signal 9", false}});
  EXPECT_EQ(total().connected, 1);
  EXPECT_EQ(total().aborted, 1);
}

TEST_F(ProgressOfARun, ABlockHasABarForEachArm) {
  runStarts();
  starts(0);
  connects(0);
  starts(1);
  happens(1, 0, -1, BotFailed{FailureCause::kJoinTimeout, ""});
  starts(2);
  EXPECT_THAT(
      progressBlock(*progress, after(2s), 100),
      ElementsAre("two-arms: 2 s, about 3 s left; 3 of 4 calls started, 1 connected, 1 failed, "
                  "1.5 calls/s",
                  "  direct   [########--------] 1/2: 100 % (20.7-100 %), p50 1000 ms, p95 1000 ms",
                  "  turn-udp [xxxxxxxx........] 0/2, 1 failed: 0 % (0-79.3 %)",
                  "  last failure: call 1 of turn-udp: join_timeout"));
}

TEST_F(ProgressOfARun, ABlockFitsANarrowTerminal) {
  runStarts();
  EXPECT_THAT(progressBlock(*progress, after(2s), 20), Each(SizeIs(testing::Le(20u))));
}

TEST_F(ProgressOfARun, AFigureIsWholeOrNotThere) {
  runStarts();
  starts(0);
  connects(0);
  EXPECT_THAT(progressBlock(*progress, after(2s), 60),
              ElementsAre("two-arms: 2 s, about 3 s left; 1 of 4 calls started,",
                          "  1 connected, 0.5 calls/s",
                          "  direct   [########........] 1/2: 100 % (20.7-100 %)",
                          "  turn-udp [................] 0/2"));
}

TEST_F(ProgressOfARun, ALineSaysTheSameInALog) {
  EXPECT_EQ(progressLine(*progress, after(0s)), "two-arms: starting servers and bot hosts");
  runStarts();
  starts(0);
  EXPECT_EQ(progressLine(*progress, after(1s)),
            "two-arms: 1 s, about 4 s left; 1 of 4 calls started, 0 connected, 1.0 calls/s");
  EXPECT_EQ(progressLine(*progress, after(20s)),
            "two-arms: 20 s, last calls end; 1 of 4 calls started, 0 connected, 0.1 calls/s");
}

TEST(Notes, TellOfUnexpectedDeathsOnly) {
  const auto note = [](EventBody body) { return noteOf({Instant{}, -1, -1, -1, body}); };
  EXPECT_EQ(note(HostExited{2, "signal 9", false}),
            "bot host 2 died (signal 9); its calls are lost");
  EXPECT_EQ(note(ServiceExited{"coturn", "signal 9", false}),
            "the coturn service died (signal 9); the run goes on");
  EXPECT_FALSE(note(HostExited{2, "exit 0", true}));
  EXPECT_FALSE(note(RunFinished{}));
}

}  // namespace
}  // namespace turnout
