// `turnout run` from the outside: exit codes, files, and what it makes of the death of its parts.
#include "tests/net/program/turnout_program.h"

#include <algorithm>
#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>

namespace turnout::test {
namespace {

using testing::HasSubstr;
using testing::Not;

// A run on a machine that has no time for it says so and is inconclusive: nothing else can be told.
#define SKIP_IF_TOO_BUSY()                                                    \
  if (output_.find("turnout itself was the bottleneck") != std::string::npos) \
  GTEST_SKIP() << "this machine is too busy: run this test alone"

const std::string kShipped = TURNOUT_SOURCE_DIR "/scenarios/";

TEST_F(TurnoutProgram, TheSmokeScenarioPassesAndLeavesItsFiles) {
  run({"run", kShipped + "smoke.json", "--out", path("run")});
  SKIP_IF_TOO_BUSY();
  ASSERT_EQ(exit_, "exit 0") << output_;
  EXPECT_THAT(output_, HasSubstr("verdict: PASS"));
  EXPECT_EQ(summary().stringOr("verdict", ""), "pass");
  EXPECT_EQ(summary().get("total").integerOr("succeeded", -1), 6);
  for (const char* name : {"scenario.json", "plan.json", "coturn.log"})
    EXPECT_TRUE(std::filesystem::exists(path("run/") + name)) << name;

  const std::string stored = read(path("run/summary.json"));
  EXPECT_EQ(run({"report", path("run"), "--json", "-"}), "exit 0");
  EXPECT_EQ(output_, stored) << "a report made again differs";
}

TEST_F(TurnoutProgram, WritesNoSecretIntoItsFiles) {
  const std::string arm = R"({"name": "turn", "ice_servers": [{"urls": "turn:127.0.0.1:9",
      "username": "someone", "credential": "hunter2"},
      {"urls": "turn:127.0.0.1:9", "rest": {"secret": "hunter3"}}]})";
  launchScenario(scenarioText(arm, 1));
  ending();
  for (const auto& entry : std::filesystem::directory_iterator(path("run")))
    EXPECT_THAT(read(entry.path()), Not(HasSubstr("hunter"))) << entry.path();
  EXPECT_THAT(output_, Not(HasSubstr("hunter")));
}

TEST_F(TurnoutProgram, TheCommandLineOverridesTheScenarioAndTheStoredRunKnows) {
  const std::string file = write("scenario.json", scenarioText(kDirectArm, 50));
  ASSERT_EQ(run({"run", file, "--calls", "2", "--seed", "77", "--out", path("run"), "--json", "-",
                 "--quiet"}),
            "exit 0")
      << output_;
  const auto printed = JsonValue::parse(output_);
  ASSERT_TRUE(printed) << "--json - --quiet printed more than JSON:\n" << output_;
  EXPECT_EQ(printed->get("total").integerOr("planned", 0), 2);
  EXPECT_EQ(printed->get("run").integerOr("seed", 0), 77);
  const std::string first = output_;
  run({"report", path("run"), "--json", "-"});
  EXPECT_EQ(output_, first);
}

TEST_F(TurnoutProgram, UsesASignalingServerThatIsAlreadyThere) {
  std::string url;
  auto server =
      Subprocess::start(loop_, {.argv = {TURNOUT_PROGRAM, "serve", "--listen", "127.0.0.1:0"},
                                .output = Subprocess::OutputToLines{[&url](std::string_view line) {
                                  const std::size_t start = line.find("http");
                                  url = line.substr(start, line.find_first_of(",;") - start);
                                }}});
  ASSERT_TRUE(server);
  ASSERT_TRUE(until([&] { return !url.empty(); }));
  const std::string file = write("scenario.json", scenarioText(kDirectArm, 2));
  run({"run", file, "--signaling", url, "--out", path("run")});
  EXPECT_EQ(summary().get("total").integerOr("succeeded", 0), 2) << output_;
  EXPECT_TRUE(events<ServiceStarted>().empty());
}

TEST_F(TurnoutProgram, AThresholdThatDoesNotHoldIs99) {
  launchScenario(scenarioText(kDirectArm, 2, R"(, "thresholds": {"connect_time": ["max<0.01"]})"));
  ending();
  SKIP_IF_TOO_BUSY();
  EXPECT_EQ(exit_, "exit 99") << output_;
  EXPECT_THAT(output_, HasSubstr("verdict: FAIL"));
}

TEST_F(TurnoutProgram, ARunGrowsUntilItsThresholdsAreDecided) {
  launchScenario(scenarioText(kDirectArm, 4, R"(, "extend": {"until": "decided", "max_calls": 12},
      "thresholds": {"success_rate": ["rate>=0.3"]})"));
  ending();
  SKIP_IF_TOO_BUSY();
  EXPECT_EQ(exit_, "exit 0") << output_;
  EXPECT_EQ(summary().get("total").integerOr("planned", 0), 8) << output_;
  EXPECT_EQ(summary().get("total").integerOr("succeeded", 0), 8);
  const auto looks = events<SampleJudged>();
  ASSERT_EQ(looks.size(), 2u);
  EXPECT_EQ(looks[0].outcome, "extended");
  EXPECT_EQ(looks[1].outcome, "decided");
  const std::string stored = read(path("run/summary.json"));
  EXPECT_EQ(run({"report", path("run"), "--json", "-"}), "exit 0");
  EXPECT_EQ(output_, stored) << "a report made again differs";
}

TEST_F(TurnoutProgram, TooFewCallsToTellAre98) {
  launchScenario(scenarioText(kDirectArm, 2, R"(, "thresholds": {"success_rate": ["rate>=0.9"]})"));
  ending();
  EXPECT_EQ(exit_, "exit 98") << output_;
  EXPECT_THAT(output_, HasSubstr("it takes 35"));
}

TEST_F(TurnoutProgram, ABadScenarioIs104AndToldWhole) {
  const std::string file = write("bad.json", R"({"name": "x", "seeed": 1, "turn": 5})");
  EXPECT_EQ(run({"run", file, "--out", path("run")}), "exit 104");
  EXPECT_THAT(output_, HasSubstr("seeed"));
  EXPECT_THAT(output_, HasSubstr("turn"));
  EXPECT_FALSE(std::filesystem::exists(path("run")));
  EXPECT_EQ(run({"validate", file, kShipped + "smoke.json"}), "exit 104");
  EXPECT_EQ(run({"run", path("no-such.json")}), "exit 104");
}

TEST_F(TurnoutProgram, AWrongCommandLineIs2AndNamesWhatWasMeant) {
  EXPECT_EQ(run({"run", "x.json", "--clals", "3"}), "exit 2");
  EXPECT_THAT(output_, HasSubstr("--calls"));
  EXPECT_EQ(run({"reprot"}), "exit 2");
  EXPECT_THAT(output_, HasSubstr("report"));
  EXPECT_EQ(run({"run"}), "exit 2");
  EXPECT_EQ(run({}), "exit 2");
  for (const char* url : {"app.example.net", "http://127.0.0.1:9/app?x=1", "ftp://a"})
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"run", kShipped + "smoke.json"}, {"doctor", "stun:127.0.0.1"}}) {
      std::vector<std::string> words = command;
      words.insert(words.end(), {"--signaling", url});
      EXPECT_EQ(run(words), "exit 2") << url;
      EXPECT_THAT(output_, HasSubstr("signaling")) << url;
    }
}

TEST_F(TurnoutProgram, ARunIsNeverWrittenOverAnother) {
  const std::string file = write("scenario.json", scenarioText(kDirectArm, 1));
  EXPECT_EQ(run({"run", file, "--out", dir_->path()}), "exit 2");
  EXPECT_THAT(output_, HasSubstr("not an empty directory"));
}

TEST_F(TurnoutProgram, WithoutCoturnIs106AndNamesThePackage) {
  const std::string file = write("scenario.json", scenarioText(kRelayArm, 1));
  launch({"run", file, "--out", path("run")}, {{"PATH", dir_->path()}});
  EXPECT_EQ(ending(), "exit 106");
  EXPECT_THAT(output_, HasSubstr("apt-get install coturn"));
}

TEST_F(TurnoutProgram, CtrlCOnceStopsAndReports) {
  launchScenario(scenarioText(kDirectArm, 500));
  ASSERT_TRUE(sees<LinkConnected>(4));
  ::kill(program_->pid(), SIGINT);
  EXPECT_EQ(ending(20s), "exit 105") << output_;
  EXPECT_THAT(output_, HasSubstr("verdict: INCONCLUSIVE"));
  EXPECT_GE(summary().get("total").integerOr("succeeded", 0), 1);
  EXPECT_EQ(events<RunFinished>().at(0).reason, "interrupted");
}

TEST_F(TurnoutProgram, CtrlCTwiceKillsAndReports) {
  launchScenario(scenarioText(kDirectArm, 500));
  ASSERT_TRUE(sees<LinkConnected>(4));
  ::kill(program_->pid(), SIGINT);
  ASSERT_TRUE(until([this] { return output_.find("stopping") != std::string::npos; }));
  ::kill(program_->pid(), SIGINT);
  EXPECT_EQ(ending(20s), "exit 105") << output_;
  EXPECT_THAT(output_, HasSubstr("verdict: INCONCLUSIVE"));
}

TEST_F(TurnoutProgram, ABotHostThatIsKilledCostsItsCallsAndTheRunGoesOn) {
  launchScenario(scenarioText(kDirectArm, 30));
  ASSERT_TRUE(sees<LinkConnected>(4));
  ::kill(static_cast<pid_t>(events<HostStarted>().at(0).pid), SIGKILL);
  EXPECT_EQ(ending(), "exit 98") << output_;
  const JsonValue total = summary().get("total");
  EXPECT_GE(total.integerOr("aborted", 0), 1);
  EXPECT_GE(total.integerOr("succeeded", 0), 5);
  EXPECT_TRUE(total.get("abortions").get("host_crashed").isPresent())
      << total.get("abortions").text();
  EXPECT_EQ(total.integerOr("not_started", -1), 0);
  EXPECT_EQ(events<HostStarted>().size(), 2u);
  EXPECT_THAT(output_, HasSubstr("a bot host died"));
}

TEST_F(TurnoutProgram, CoturnThatIsKilledIsDataAndTheRunGoesOn) {
  launchScenario(scenarioText(kRelayArm, 20));
  ASSERT_TRUE(sees<LinkConnected>(4));
  for (const ServiceStarted& service : events<ServiceStarted>())
    if (service.service == "coturn")
      ::kill(static_cast<pid_t>(service.pid), SIGKILL);
  EXPECT_EQ(ending(), "exit 98") << output_;
  EXPECT_EQ(events<RunFinished>().at(0).reason, "completed");
  EXPECT_GE(summary().get("total").integerOr("failed", 0), 1);
  EXPECT_EQ(summary().get("total").integerOr("not_started", -1), 0);
  EXPECT_THAT(output_, HasSubstr("coturn service died"));
}

TEST_F(TurnoutProgram, SignalingThatIsKilledIsDataAndTheRunGoesOn) {
  launchScenario(scenarioText(kDirectArm, 20));
  ASSERT_TRUE(sees<LinkConnected>(4));
  ::kill(static_cast<pid_t>(events<ServiceStarted>().at(0).pid), SIGKILL);
  EXPECT_EQ(ending(), "exit 98") << output_;
  EXPECT_EQ(events<RunFinished>().at(0).reason, "completed");
  EXPECT_TRUE(summary().get("total").get("failures").get("signaling_unreachable").isPresent())
      << summary().get("total").get("failures").text();
}

TEST_F(TurnoutProgram, ThatIsKilledItselfLeavesNoChildAndAReadableLog) {
  launchScenario(scenarioText(kRelayArm, 500));
  ASSERT_TRUE(sees<LinkConnected>(4));
  std::vector<std::int64_t> children;
  for (const HostStarted& host : events<HostStarted>())
    children.push_back(host.pid);
  for (const ServiceStarted& service : events<ServiceStarted>())
    children.push_back(service.pid);
  ASSERT_EQ(children.size(), 3u);
  program_->kill();
  ending();
  EXPECT_TRUE(until([&] {
    return std::ranges::none_of(children, [](std::int64_t pid) {
      const std::string state = read("/proc/" + std::to_string(pid) + "/stat");
      return !state.empty() && state.find(") Z") == std::string::npos;
    });
  }));
  EXPECT_EQ(run({"report", path("run")}), "exit 98") << output_;
  EXPECT_THAT(output_, HasSubstr("The event log has no end"));
}

TEST_F(TurnoutProgram, AFullDiskCostsTheLogButNotTheReport) {
  const std::string file = write("scenario.json", scenarioText(kDirectArm, 6));
  launchAs({"bash", "-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "bash", TURNOUT_PROGRAM, "run",
            file, "--out", path("run")});
  EXPECT_EQ(ending(), "exit 106") << output_;
  EXPECT_THAT(output_, HasSubstr("The event log is not complete"));
  EXPECT_THAT(output_, HasSubstr("direct connected 6 of 6 calls"));
}

TEST_F(TurnoutProgram, EveryShippedScenarioIsValid) {
  std::vector<std::string> words{"validate"};
  for (const auto& entry : std::filesystem::directory_iterator(kShipped))
    if (entry.path().extension() == ".json")
      words.push_back(entry.path());
  EXPECT_EQ(run(words), "exit 0") << output_;
}

TEST_F(TurnoutProgram, HelpTeachesEveryCommand) {
  for (const char* command : {"run", "report", "validate", "serve"}) {
    EXPECT_EQ(run({command, "--help"}), "exit 0");
    EXPECT_THAT(output_, HasSubstr(std::string("turnout ") + command));
    EXPECT_THAT(output_, HasSubstr("Examples:"));
  }
  EXPECT_EQ(run({"--version"}), "exit 0");
  EXPECT_EQ(run({"help", "version"}), "exit 0");
}

}  // namespace
}  // namespace turnout::test
