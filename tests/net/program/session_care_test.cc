// The fleet against a signaling server that makes mistakes on purpose: each must be found and
// named, and a server that makes none must not be blamed.
#include "pipelines/base/files.h"
#include "pipelines/base/json.h"
#include "pipelines/base/subprocess.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout::test {
namespace {

using testing::Contains;
using testing::IsEmpty;

// One `turnout run` of the shipped scenario; all of them run at once, being idle most of the time.
struct CheckedRun {
  std::string bug, fault;  // none: a good server
  std::string scenario = "session-check";
  std::unique_ptr<Subprocess> program;
  std::string output;
  std::optional<std::string> exit;
};

class SessionCare : public testing::Test {
 protected:
  void SetUp() override {
    auto made = TempDir::create("session");
    ASSERT_TRUE(made) << made.error().what;
    dir_ = std::move(*made);
  }

  std::string directoryOf(const CheckedRun& run) const {
    return dir_->file(run.bug.empty() ? "good" : run.bug);
  }
  void launch(CheckedRun& run) {
    std::vector<std::string> argv = {TURNOUT_PROGRAM,
                                     "run",
                                     TURNOUT_SOURCE_DIR "/scenarios/" + run.scenario + ".json",
                                     "--calls",
                                     "1",
                                     "--quiet",
                                     "--out",
                                     directoryOf(run)};
    if (!run.bug.empty())
      argv.insert(argv.end(), {"--bug", run.bug});
    auto program = Subprocess::start(
        loop_, {.argv = argv,
                .output = Subprocess::OutputToLines{[&run](std::string_view line) {
                  run.output += std::string(line) + "\n";
                }},
                .on_exit = [&run](const std::string& how) { run.exit = how; }});
    ASSERT_TRUE(program) << program.error().what;
    run.program = std::move(*program);
  }
  std::vector<std::string> faultsOf(const CheckedRun& run) const {
    const auto summary = JsonValue::parseFile(directoryOf(run) + "/summary.json");
    EXPECT_TRUE(summary) << run.output;
    return summary ? summary->get("total").get("app_faults").keys() : std::vector<std::string>();
  }

  Loop loop_;
  std::optional<TempDir> dir_;
};

TEST_F(SessionCare, EachMistakeOfTheServerIsFoundAndNamed) {
  std::vector<CheckedRun> runs(7);
  const char* rows[][2] = {{"", ""},
                           {"no-cleanup", "session_active"},
                           {"no-grace", "not_resumed"},
                           {"ring-timeout-race", "ring_timeout_race"},
                           {"keep-room", "not_cleaned_up"},
                           {"stale-id", "deaf_after_return"},
                           {"duplicate-candidates", "duplicate_candidates"}};
  for (std::size_t i = 0; i < runs.size(); i++) {
    runs[i].bug = rows[i][0];
    runs[i].fault = rows[i][1];
    launch(runs[i]);
  }
  const bool all_ended = loop_.runUntil(
      [&] {
        return std::ranges::all_of(runs,
                                   [](const CheckedRun& run) { return run.exit.has_value(); });
      },
      120s);
  ASSERT_TRUE(all_ended);
  for (const CheckedRun& run : runs) {
    SCOPED_TRACE(run.bug + "\n" + run.output);
    if (run.bug.empty()) {
      EXPECT_THAT(faultsOf(run), IsEmpty());
    } else {
      EXPECT_THAT(faultsOf(run), Contains(run.fault));
      EXPECT_NE(run.exit, "exit 0");
    }
  }
}

TEST_F(SessionCare, AfterANetworkDropMediaIsBackOnEveryTransport) {
  CheckedRun run;
  run.scenario = "network-interruption";
  launch(run);
  ASSERT_TRUE(loop_.runUntil([&] { return run.exit.has_value(); }, 60s));
  const auto summary = JsonValue::parseFile(directoryOf(run) + "/summary.json");
  ASSERT_TRUE(summary) << run.output;
  const JsonValue drops = summary->get("total").get("steps").get("network_drop");
  EXPECT_EQ(drops.integerOr("taken", -1), 3) << run.output;
  EXPECT_EQ(drops.integerOr("recovered", -1), 3) << run.output;
}

}  // namespace
}  // namespace turnout::test
