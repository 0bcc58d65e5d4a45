// The controller with hosts that are scripts (fake_host.py): what it dispatches, and what it does
// when they die, hang or cannot work. Real bots: turnout_program_test.cc.
#include "orchestrator/run/run_controller.h"

#include "orchestrator/results/fold/fold.h"
#include "pipelines/base/files.h"

#include <csignal>
#include <fstream>
#include <map>
#include <optional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace turnout {
namespace {

using testing::HasSubstr;

constexpr const char* kFakeHost = TURNOUT_SOURCE_DIR "/tests/net/run/fake_host.py";

struct Recorded : EventSink {
  std::vector<Event> events;
  void add(const Event& event, std::string_view) override { events.push_back(event); }

  template <class T>
  std::vector<T> all() const {
    std::vector<T> found;
    for (const Event& event : events)
      if (const T* body = std::get_if<T>(&event.body))
        found.push_back(*body);
    return found;
  }
};

struct Controller : testing::Test {
  Loop loop;
  std::optional<TempDir> dir;
  Scenario scenario;
  Recorded record;
  std::function<SampleJudged()> judge_sample;
  int hosts = 1;
  std::optional<HostProcess::Limits> limits;
  std::optional<Result<RunEnd>> end;
  std::unique_ptr<RunController> controller;

  void SetUp() override {
    auto made = TempDir::create("test");
    ASSERT_TRUE(made);
    dir = std::move(*made);
    scenario.name = "fake";
    scenario.calls_per_arm = 10;
    scenario.rate_per_s = 50;
    scenario.hold = 0ms;
    scenario.turn = {TurnArm{"direct", false, {}}};
    scenario.deadlines = {.join = 200ms, .connect = 200ms, .first_media = 200ms, .leave = 200ms};
  }

  // Children inherit no variable of ours: a script sets the one that tells the fake host its mode.
  std::string hostWith(const std::string& mode) const {
    const std::string script = dir->file("host");
    std::ofstream(script) << "#!/bin/sh\nTURNOUT_FAKE_HOST=" << mode << " exec " << kFakeHost
                          << "\n";
    EXPECT_EQ(::chmod(script.c_str(), 0700), 0);
    return script;
  }

  void start(const char* mode = "", std::string host_program = {}) {
    if (host_program.empty())
      host_program = hostWith(mode);
    scenario.signaling.url = "http://127.0.0.1:9";
    RunSetup setup{.scenario = scenario,
                   .scenario_text = R"({"name": "fake"})",
                   .plan = makeLargestPlan(scenario),
                   .judge_sample = judge_sample,
                   .run_id = "run",
                   .directory = dir->path(),
                   .turnout_program = "/nonexistent",
                   .host_program = host_program,
                   .hosts = hosts,
                   .host_limits = limits};
    controller = std::make_unique<RunController>(loop, std::move(setup), record,
                                                 [this](Result<RunEnd> how) { end = how; });
    controller->start();
  }
  bool finishes(Duration limit = 20s) {
    return loop.runUntil([this] { return end.has_value(); }, limit);
  }
  template <class T>
  bool sees(std::size_t count) {
    return loop.runUntil([&] { return record.all<T>().size() >= count; }, 10s);
  }
  CallCounts counts() const {
    Fold fold(scenario, makeLargestPlan(scenario));
    for (const Event& event : record.events)
      fold.add(event);
    return fold.counts();
  }
};

TEST_F(Controller, RunsEveryCallOfThePlanOnceAndEndsByItself) {
  hosts = 3;
  start();
  ASSERT_TRUE(finishes());
  ASSERT_TRUE(*end) << end->error().what;
  EXPECT_EQ(**end, RunEnd::kCompleted);
  EXPECT_EQ(counts().succeeded, 10);
  EXPECT_EQ(record.all<CallAssigned>().size(), 20u);
  EXPECT_TRUE(std::holds_alternative<RunStarted>(record.events.front().body));
  ASSERT_EQ(record.all<RunFinished>().size(), 1u);
  EXPECT_EQ(std::get<RunFinished>(record.events.back().body).reason, "completed");
  for (const HostExited& exited : record.all<HostExited>()) {
    EXPECT_TRUE(exited.expected);
    EXPECT_EQ(exited.how, "exit 0");
  }
}

TEST_F(Controller, GrowsByWhatTheJudgeAllowsAndEndsWhenItDoesNot) {
  scenario.calls_per_arm = 4;
  scenario.max_calls_per_arm = 10;
  std::vector<int> ended;  // calls, at each look
  judge_sample = [&] {
    ended.push_back(counts().succeeded);
    const std::vector<int> planned{8, 10, 10};
    SampleJudged look;
    look.planned = planned.at(ended.size() - 1);
    return look;
  };
  start();
  ASSERT_TRUE(finishes());
  EXPECT_EQ(**end, RunEnd::kCompleted);
  EXPECT_EQ(ended, (std::vector<int>{4, 8, 10})) << "each look comes after all calls so far";
  EXPECT_EQ(counts().planned, 10);
  EXPECT_EQ(counts().succeeded, 10);
  ASSERT_EQ(record.all<SampleJudged>().size(), 3u);
  EXPECT_GT(record.all<SampleJudged>()[0].delay_ns, 0) << "the plan did not know of the look";
}

TEST_F(Controller, AnInterruptedRunGrowsNoMore) {
  scenario.calls_per_arm = 2;
  scenario.max_calls_per_arm = 100;
  int planned = 2;
  judge_sample = [&] {
    SampleJudged look;
    look.planned = planned += 2;
    return look;
  };
  start();
  ASSERT_TRUE(sees<SampleJudged>(1));
  controller->interrupt();
  ASSERT_TRUE(finishes());
  EXPECT_EQ(**end, RunEnd::kInterrupted);
  EXPECT_LT(counts().started, 10);
}

TEST_F(Controller, SpreadsCallsEvenlyOverHosts) {
  hosts = 2;
  scenario.rate_per_s = 1000;  // all within the dispatch lead
  start();
  ASSERT_TRUE(finishes());
  int of_first = 0;
  for (const CallAssigned& assigned : record.all<CallAssigned>())
    of_first += assigned.host == 0;
  EXPECT_EQ(of_first, 10);
}

TEST_F(Controller, PutsEachBotOfACallIntoAnotherHostIfAsked) {
  hosts = 3;
  scenario.placement = Placement::kApart;
  start();
  ASSERT_TRUE(finishes());
  EXPECT_EQ(**end, RunEnd::kCompleted);
  EXPECT_EQ(counts().succeeded, 10);
  std::map<int, std::set<int>> hosts_of;
  for (const Event& event : record.events)
    if (const auto* assigned = std::get_if<CallAssigned>(&event.body))
      hosts_of[event.call].insert(assigned->host);
  ASSERT_EQ(hosts_of.size(), 10u);
  for (const auto& [call, used] : hosts_of)
    EXPECT_EQ(used.size(), 2u) << call;
}

TEST_F(Controller, AHostThatDiesTakesTheOtherEndsOfItsCallsWithItAndNoMore) {
  hosts = 3;
  scenario.calls_per_arm = 60;
  scenario.placement = Placement::kApart;
  start("dies_on_call_3");
  ASSERT_TRUE(finishes());
  EXPECT_EQ(**end, RunEnd::kCompleted) << "what is left of a lost call is ended";
  const CallCounts seen = counts();
  EXPECT_GT(seen.aborted, 0);
  EXPECT_EQ(seen.succeeded + seen.aborted, 60);
  EXPECT_GT(seen.succeeded, 10);
}

TEST_F(Controller, AHostThatDiesCostsOnlyTheCallsItHad) {
  hosts = 2;
  scenario.calls_per_arm = 60;
  start("dies_on_call_3");
  ASSERT_TRUE(finishes());
  EXPECT_EQ(**end, RunEnd::kCompleted);
  const CallCounts seen = counts();
  EXPECT_GT(seen.aborted, 0);
  EXPECT_EQ(seen.succeeded + seen.aborted, 60);
  EXPECT_GT(seen.succeeded, 10);
  EXPECT_EQ(record.all<HostStarted>().size(), 3u);  // one replacement
  const auto exits = record.all<HostExited>();
  EXPECT_EQ(std::ranges::count_if(exits, [](const auto& exit) { return !exit.expected; }), 1);
}

TEST_F(Controller, ARunWhoseHostsAllDieIsCutShort) {
  scenario.calls_per_arm = 1000;
  start();
  for (std::size_t kills = 1; kills <= 4; ++kills) {  // the first and its three replacements
    ASSERT_TRUE(sees<HostReady>(kills));
    ::kill(static_cast<pid_t>(record.all<HostStarted>().back().pid), SIGKILL);
    ASSERT_TRUE(sees<HostExited>(kills));
  }
  ASSERT_TRUE(finishes());
  EXPECT_EQ(**end, RunEnd::kCutShort);
  EXPECT_THAT(record.all<RunFinished>().at(0).reason, HasSubstr("cut short"));
}

TEST_F(Controller, HostsThatDieAtStartAreAnErrorThatNamesTheirLog) {
  start("dies_at_start");
  ASSERT_TRUE(finishes());
  ASSERT_FALSE(*end);
  EXPECT_THAT(end->error().what, HasSubstr("exit 9"));
  EXPECT_THAT(end->error().what, HasSubstr("/host-3.log"));
}

TEST_F(Controller, HostsThatHangAtStartAreAnErrorAfterTheirTime) {
  limits = {.start = 500ms};
  start("hangs_at_start");
  ASSERT_TRUE(finishes());
  ASSERT_FALSE(*end);
  EXPECT_THAT(end->error().what, HasSubstr("signal 9, not ready within 0.5 s"));
}

TEST_F(Controller, AHostThatHangsIsKilledAndCostsOnlyTheCallsItHad) {
  hosts = 2;
  scenario.calls_per_arm = 60;
  limits = {.start = 30s, .silence = 3s};
  start("hangs_on_call_3");
  ASSERT_TRUE(finishes(60s));
  EXPECT_EQ(**end, RunEnd::kCompleted);
  EXPECT_GT(counts().aborted, 0);
  EXPECT_EQ(counts().succeeded + counts().aborted, 60);
  EXPECT_EQ(std::ranges::count_if(record.all<HostExited>(),
                                  [](const HostExited& exit) {
                                    return exit.how == "signal 9, no sign of life for 3 s" &&
                                           !exit.expected;
                                  }),
            1);
}

TEST(SignalingName, IsTheWantedOneUnlessAServerWouldRefuseWhatBeginsWithIt) {
  EXPECT_EQ(signalingName("run-direct"), "run-direct");
  const std::string longest(100, 'x');
  EXPECT_EQ(signalingName(longest), longest);
  const std::string one = signalingName(std::string(300, 'x') + "1");
  const std::string two = signalingName(std::string(300, 'x') + "2");
  EXPECT_NE(one, two);
  EXPECT_LE(one.size(), 100u);
  EXPECT_EQ(one.substr(0, 80), std::string(80, 'x'));
  EXPECT_EQ(signalingName("\xff\xfe").size(), 17u) << "no text: only its hash";
  std::string cut(79, 'x');
  for (int i = 0; i < 20; i++)
    cut += "\u00e4";
  EXPECT_TRUE(g_utf8_validate(signalingName(cut).c_str(), -1, nullptr));
}

TEST_F(Controller, WhatAHostLacksIsTheErrorOfTheRun) {
  start("cannot_work");
  ASSERT_TRUE(finishes());
  ASSERT_FALSE(*end);
  EXPECT_EQ(end->error().code, ErrorCode::kEnvironment);
  EXPECT_THAT(end->error().what, HasSubstr("apt-get install"));
}

TEST_F(Controller, CallsThatNeverEndDoNotHoldTheRunForEver) {
  scenario.calls_per_arm = 1;
  start("never_ends");
  ASSERT_TRUE(finishes());
  EXPECT_EQ(**end, RunEnd::kCompleted);
}

TEST_F(Controller, AnInterruptStopsDispatchAndLetsBotsLeave) {
  scenario.calls_per_arm = 200;
  scenario.rate_per_s = 20;
  start();
  ASSERT_TRUE(sees<BotStarted>(4));
  controller->interrupt();
  ASSERT_TRUE(finishes(5s));
  EXPECT_EQ(**end, RunEnd::kInterrupted);
  EXPECT_LT(record.all<CallAssigned>().size(), 400u);
  EXPECT_EQ(record.all<HostExited>().at(0).how, "exit 0");
  EXPECT_EQ(record.all<RunFinished>().at(0).reason, "interrupted");
}

TEST_F(Controller, ASecondInterruptKillsAtOnce) {
  scenario.deadlines.leave = 60s;
  start("deaf");
  ASSERT_TRUE(sees<BotStarted>(1));
  controller->interrupt();
  controller->interrupt();
  ASSERT_TRUE(finishes(5s));
  EXPECT_EQ(**end, RunEnd::kInterrupted);
  EXPECT_EQ(record.all<HostExited>().at(0).how, "signal 9");
}

TEST_F(Controller, AHostThatDoesNotStopIsKilledAfterItsGrace) {
  start("deaf");
  ASSERT_TRUE(finishes());
  EXPECT_EQ(**end, RunEnd::kCompleted);
  EXPECT_EQ(record.all<HostExited>().at(0).how, "signal 9");
}

TEST_F(Controller, AnInterruptWhileHostsStartEndsTheRunToo) {
  start();
  ASSERT_TRUE(loop.runUntil(
      [this] { return controller->phase() == RunController::Phase::kStartingHosts; }, 5s));
  controller->interrupt();
  ASSERT_TRUE(finishes(5s));
  EXPECT_EQ(**end, RunEnd::kInterrupted);
  EXPECT_TRUE(std::holds_alternative<RunStarted>(record.events.front().body));
}

TEST_F(Controller, MissingHostProgramIsAnError) {
  start("", "/nonexistent/turnout-bot-host");
  ASSERT_TRUE(finishes());
  ASSERT_FALSE(*end);
  EXPECT_THAT(end->error().what, HasSubstr("turnout-bot-host"));
}

}  // namespace
}  // namespace turnout
