// `turnout run` on a machine, or from a shell, that gives it less than it needs: each is named, with
// the exit code of what was in the way, and nothing hangs.
#include "tests/net/program/turnout_program.h"

#include <csignal>
#include <filesystem>

#include <gmock/gmock.h>

namespace turnout::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class MachineFaults : public TurnoutProgram {
 protected:
  // In a shell: `before` it, and then `turnout run SCENARIO --out run ARGUMENTS`.
  std::string runAfter(const std::string& before, const std::string& scenario,
                       const std::string& arguments = "") {
    const std::string file = write("scenario.json", scenario);
    launchAs({"sh", "-c",
              before + "; exec " + TURNOUT_PROGRAM + " run " + file + " --out " + path("run") +
                  " --quiet " + arguments});
    return ending();
  }
};

TEST_F(MachineFaults, TooFewOpenFilesAreNamedBeforeTheStart) {
  EXPECT_EQ(runAfter("ulimit -n 256", R"({"name": "many", "calls": {"per_arm": 24,
      "hold_ms": 5000}, "arrival": {"rate_per_s": 100}})"),
            "exit 106")
      << output_;
  EXPECT_THAT(output_, AllOf(HasSubstr("48 bots at a time"), HasSubstr("256 are allowed"),
                             HasSubstr("ulimit -Hn")));
  EXPECT_TRUE(events<HostStarted>().empty());
}

TEST_F(MachineFaults, WhatCannotBeWrittenIs106WhateverTheVerdict) {
  const std::string scenario = scenarioText(kDirectArm, 1);
  EXPECT_EQ(runAfter(":", scenario, "--json - > /dev/full"), "exit 106") << output_;
  EXPECT_THAT(output_, HasSubstr("standard output cannot be written"));
  std::filesystem::remove_all(path("run"));
  EXPECT_EQ(runAfter(":", scenario, "--html /proc/no/such.html"), "exit 106") << output_;
  EXPECT_THAT(output_, HasSubstr("/proc/no/such.html: cannot be written"));
}

TEST_F(MachineFaults, WithoutStandardFilesNothingIsWrittenIntoItsOwn) {
  runAfter("exec <&- >&- 2>&-", scenarioText(kDirectArm, 1));
  EXPECT_TRUE(exit_ == "exit 0" || exit_ == "exit 98") << *exit_;
  std::ifstream lines(path("run/events.jsonl"));
  int count = 0;
  for (std::string line; std::getline(lines, line); count++)
    EXPECT_TRUE(parseEventLine(line)) << line;
  EXPECT_GT(count, 10);
}

TEST_F(MachineFaults, ADanglingLinkInPlaceOfTheFolderOfRunsIsToldWithItsName) {
  std::filesystem::create_directory_symlink("/nonexistent/x", path("runs"));
  const std::string file = write("scenario.json", scenarioText(kDirectArm, 1));
  launchAs({"sh", "-c", "cd " + dir_->path() + "; exec " + TURNOUT_PROGRAM + " run " + file});
  EXPECT_EQ(ending(), "exit 106") << output_;
  EXPECT_THAT(output_, HasSubstr("runs/"));
}

TEST_F(MachineFaults, AnOutputFolderWithControlCharactersIsRefused) {
  const std::string file = write("scenario.json", scenarioText(kDirectArm, 1));
  EXPECT_EQ(run({"run", file, "--out", path("a\nmin-port=1")}), "exit 2");
  EXPECT_THAT(output_, HasSubstr("control characters"));
}

TEST_F(MachineFaults, ALongNameOfARunIsNoBadUserOfTheServer) {
  const std::string file = write("scenario.json", scenarioText(kDirectArm, 1));
  const std::string out = path(std::string(200, 'x'));
  run({"run", file, "--out", out});
  const auto summary = JsonValue::parseFile(out + "/summary.json");
  ASSERT_TRUE(summary) << output_;
  EXPECT_EQ(summary->get("total").integerOr("succeeded", 0), 1) << output_;
}

TEST_F(MachineFaults, AHangUpEndsARunAsSigtermDoes) {
  launchScenario(scenarioText(kDirectArm, 100));
  ASSERT_TRUE(sees<BotStarted>(1)) << output_;
  ::kill(program_->pid(), SIGHUP);
  EXPECT_EQ(ending(), "exit 105") << output_;
  EXPECT_THAT(output_, HasSubstr("interrupted"));
}

TEST_F(MachineFaults, AServerOfOursThatHangsIsNotAFaultOfTheNetwork) {
  launchScenario(scenarioText(kRelayArm, 60, R"(, "thresholds": {"success_rate": ["rate>=1"]})"));
  ASSERT_TRUE(sees<BotStarted>(1)) << output_;
  const auto services = events<ServiceStarted>();
  for (const ServiceStarted& service : services)
    if (service.service == "coturn")
      ::kill(static_cast<pid_t>(service.pid), SIGSTOP);
  EXPECT_EQ(ending(), "exit 98") << output_;
  EXPECT_THAT(output_, HasSubstr("coturn service died"));
  EXPECT_THAT(output_, HasSubstr("no sign of life"));
}

TEST_F(MachineFaults, ChildrenInheritNoSecretOfTheEnvironment) {
  launch({"run", write("scenario.json", scenarioText(kDirectArm, 60)), "--out", path("run")},
         {{"SOME_TOKEN", "hunter2"}});
  ASSERT_TRUE(sees<HostStarted>(1)) << output_;
  for (const HostStarted& host : events<HostStarted>()) {
    const std::string environment = read("/proc/" + std::to_string(host.pid) + "/environ");
    EXPECT_THAT(environment, HasSubstr("PATH="));
    EXPECT_THAT(environment, testing::Not(HasSubstr("hunter2")));
  }
}

}  // namespace
}  // namespace turnout::test
