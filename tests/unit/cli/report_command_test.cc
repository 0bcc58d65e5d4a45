#include "orchestrator/cli/command.h"
#include "pipelines/base/files.h"
#include "pipelines/base/json.h"
#include "tests/support/golden.h"
#include "tests/unit/results/run_on_disk.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kScenario = R"({"name": "s", "calls": {"per_arm": 10},
  "turn": [{"name": "direct"}, {"name": "turn-udp"}],
  "thresholds": {"success_rate": ["rate>=0.5"]}})";

class ReportCommand : public ::testing::Test {
 protected:
  ReportCommand() : dir_(*TempDir::create("report")) {
    test::storeRun(run_, kScenario, 1,
                   [](const PlannedCall& call) { return call.id == 3 ? 0 : 1; });
  }

  ExitCode run(Words words) {
    words.insert(words.begin(), run_);
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const ExitCode exit = reportCommand(words);
    out_ = ::testing::internal::GetCapturedStdout();
    err_ = ::testing::internal::GetCapturedStderr();
    return exit;
  }
  std::string file(const char* name) const { return dir_.file(name); }

  TempDir dir_;
  std::string run_ = dir_.file("run");
  std::string out_, err_;
};

TEST_F(ReportCommand, WritesEachFileThatIsAskedForAndTheScreen) {
  EXPECT_EQ(run({"--html", file("r.html"), "--junit", file("r.xml"), "--json", file("r.json"),
                 "--prometheus", file("r.prom"), "--csv", file("r.csv")}),
            ExitCode::kPass)
      << err_;
  EXPECT_THAT(out_, HasSubstr("verdict: PASS"));
  EXPECT_THAT(fileText(file("r.html")), StartsWith("<!doctype html>"));
  EXPECT_THAT(fileText(file("r.html")), HasSubstr("\"ice_timeout\""));
  EXPECT_THAT(fileText(file("r.xml")), HasSubstr("<testsuites "));
  EXPECT_TRUE(JsonValue::parse(fileText(file("r.json"))));
  EXPECT_THAT(fileText(file("r.prom")), StartsWith("# HELP turnout_run_info "));
  EXPECT_THAT(fileText(file("r.csv")), StartsWith("call,arm,"));
}

TEST_F(ReportCommand, OneReportMayTakeThePlaceOfTheScreen) {
  EXPECT_EQ(run({"--csv", "-"}), ExitCode::kPass);
  EXPECT_THAT(out_, StartsWith("call,arm,"));
  EXPECT_EQ(run({"--csv", "-", "--json", "-"}), ExitCode::kUsage);
  EXPECT_THAT(out_, IsEmpty());
  EXPECT_THAT(err_, HasSubstr("only one report"));
}

TEST_F(ReportCommand, AFileThatCannotBeWrittenDoesNotCostTheOthers) {
  EXPECT_EQ(run({"--html", "no/such/folder.html", "--csv", file("r.csv")}), ExitCode::kEnvironment);
  EXPECT_THAT(err_, HasSubstr("no/such/folder.html: cannot be written"));
  EXPECT_THAT(fileText(file("r.csv")), StartsWith("call,arm,"));
}

}  // namespace
}  // namespace turnout
