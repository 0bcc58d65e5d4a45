#include "orchestrator/cli/command.h"
#include "pipelines/base/files.h"
#include "pipelines/base/json.h"
#include "tests/support/golden.h"
#include "tests/unit/results/run_on_disk.h"

#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using test::CallFate;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string scenarioText(int calls, const std::string& more = "") {
  return R"({"name": "stored", "calls": {"per_arm": )" + std::to_string(calls) +
         R"(}, "arrival": {"rate_per_s": 1, "shape": "even"}, "media": "none", )" + more +
         R"("turn": [{"name": "direct"}, {"name": "turn-udp", "policy": "relay",
             "ice_servers": [{"urls": "turn:{coturn}?transport=udp"}]}]})";
}

// Connects in 100 ms and more times `stretch`; of twenty blocks `failing` fail, in turn-udp only.
CallFate fateOf(double stretch, int failing) {
  return [=](const PlannedCall& call) {
    const bool fails = call.arm == 1 && call.block % 20 < failing;
    return fails ? 0 : stretch * (1 + 0.001 * call.block);
  };
}

class CompareCommand : public ::testing::Test {
 protected:
  CompareCommand() : dir_(*TempDir::create("compare")) {}

  std::string store(const std::string& name, double stretch, int failing, int calls = 60,
                    const std::string& more = "", std::uint64_t seed = 1) {
    test::storeRun(dir_.file(name), scenarioText(calls, more), seed, fateOf(stretch, failing));
    return name;
  }

  ExitCode run(const Words& words) {
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(dir_.path());  // so that reports name "monday", not its full path
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const ExitCode code = compareCommand(words);
    out_ = testing::internal::GetCapturedStdout();
    err_ = testing::internal::GetCapturedStderr();
    std::filesystem::current_path(before);
    return code;
  }

  std::vector<std::string> lines() const {
    std::vector<std::string> all;
    std::istringstream in(out_);
    for (std::string line; std::getline(in, line);)
      all.push_back(line);
    return all;
  }

  JsonValue json() const {
    auto parsed = JsonValue::parse(out_);
    EXPECT_TRUE(parsed) << out_;
    return parsed ? *parsed : JsonValue();
  }

  TempDir dir_;
  std::string out_, err_;
};

TEST_F(CompareCommand, OneRunComparesItsArmsWithTheFirst) {
  const std::string run_dir = store("monday", 1, 5);
  EXPECT_EQ(run({run_dir}), ExitCode::kPass);
  EXPECT_THAT(err_, IsEmpty());
  EXPECT_THAT(lines(), Each(testing::ResultOf([](const auto& line) { return line.size(); },
                                              testing::Le(100u))));
  expectGolden("reports/compare-arms.txt", out_);
}

TEST_F(CompareCommand, AnyArmMayBeTheReference) {
  const std::string run_dir = store("monday", 1, 5);
  EXPECT_EQ(run({run_dir, "--against", "turn-udp", "--json", "-"}), ExitCode::kPass);
  const auto comparisons = json().get("comparisons").elements();
  ASSERT_THAT(comparisons, SizeIs(1));
  EXPECT_EQ(comparisons[0].get("reference").stringOr("turn", ""), "turn-udp");
  EXPECT_EQ(comparisons[0].get("candidate").stringOr("turn", ""), "direct");
  EXPECT_EQ(comparisons[0].get("success").stringOr("finding", ""), "better");
  EXPECT_EQ(comparisons[0].get("paired").integerOr("pairs", 0), 60);
}

TEST_F(CompareCommand, TwoRunsAreComparedArmByArm) {
  const std::string monday = store("monday", 1, 1, 100), tuesday = store("tuesday", 1.5, 9, 100);
  EXPECT_EQ(run({monday, tuesday}), ExitCode::kPass);
  expectGolden("reports/compare-runs.txt", out_);
  EXPECT_EQ(run({monday, tuesday, "--json", "-"}), ExitCode::kPass);
  expectGolden("reports/compare-runs.json", out_);
}

TEST_F(CompareCommand, NamedArmsAreComparedAcrossRunsAndWithinOne) {
  const std::string monday = store("monday", 1, 1), tuesday = store("tuesday", 1, 9);
  EXPECT_EQ(run({monday + ":turn-udp", tuesday, "--json", "-"}), ExitCode::kPass);
  EXPECT_THAT(json().get("comparisons").elements(), SizeIs(1));
  EXPECT_FALSE(json().get("comparisons").elements()[0].get("paired").isPresent());
  EXPECT_EQ(run({monday + ":direct", monday + ":turn-udp", "--json", "-"}), ExitCode::kPass);
  EXPECT_TRUE(json().get("comparisons").elements()[0].get("paired").isPresent());
}

TEST_F(CompareCommand, ABaselineFailsOnlyWhatGotWorse) {
  const std::string good = store("good", 1, 1);
  EXPECT_EQ(run({"--baseline", good, store("same", 1, 1)}), ExitCode::kPass);
  EXPECT_THAT(out_, HasSubstr("Not shown to be worse"));
  EXPECT_EQ(run({"--baseline", good, store("bad", 1, 9)}), ExitCode::kThresholdsFailed);
  EXPECT_THAT(out_, HasSubstr("Worse than the baseline: turn-udp is worse (33 of 60"));
  EXPECT_EQ(run({"--baseline", good, store("slow", 2, 1)}), ExitCode::kThresholdsFailed);
  EXPECT_THAT(out_, HasSubstr("slower"));
  EXPECT_EQ(run({"--baseline", good, store("fast", 0.5, 0)}), ExitCode::kPass);
}

TEST_F(CompareCommand, WithAMarginWhatIsNotRuledOutIsInconclusive) {
  const std::string good = store("good", 1, 1), same = store("same", 1, 1);
  EXPECT_EQ(run({"--baseline", good, same, "--margin", "2"}), ExitCode::kInconclusive);
  EXPECT_EQ(run({"--baseline", good, same, "--margin", "20"}), ExitCode::kPass);
}

TEST_F(CompareCommand, OtherScenariosAreRefusedUnlessAskedFor) {
  const std::string one = store("one", 1, 1);
  const std::string other = store("other", 1, 1, 60, R"("deadlines": {"connect_ms": 9000}, )");
  EXPECT_EQ(run({one, other}), ExitCode::kBadScenario);
  EXPECT_THAT(err_, HasSubstr("deadlines.connect_ms: not given and 9000"));
  EXPECT_EQ(run({one, other, "--anyway"}), ExitCode::kPass);
  EXPECT_THAT(out_, HasSubstr("deadlines.connect_ms"));
}

TEST_F(CompareCommand, AnotherSeedOrSizeIsNoOtherScenario) {
  const std::string one = store("one", 1, 1);
  EXPECT_EQ(run({one, store("other", 1, 1, 80, "", 7)}), ExitCode::kPass);
  EXPECT_THAT(out_, HasSubstr("Different seeds (1 and 7)"));
}

TEST_F(CompareCommand, ARunThatWasItselfInconclusiveLeavesTheBaselineOpen) {
  const std::string good = store("good", 1, 1), cut = store("cut", 1, 9);
  const std::string log = dir_.file("cut/events.jsonl");
  const std::string text = fileText(log);
  std::ofstream(log, std::ios::binary) << text.substr(0, text.rfind('\n', text.size() - 2) + 1);
  EXPECT_EQ(run({"--baseline", good, cut}), ExitCode::kInconclusive);
  EXPECT_THAT(out_, HasSubstr("cut itself was inconclusive: The event log has no end"));
}

TEST_F(CompareCommand, SeekersOfAMatchAreNotIndependent) {
  test::storeRun(dir_.file("match"), R"({"name": "m", "calls": {"kind": "match"}, "media": "none",
                                         "turn": [{"name": "a"}, {"name": "b"}]})",
                 1, fateOf(1, 0));
  EXPECT_EQ(run({"match"}), ExitCode::kPass);
  EXPECT_THAT(out_, HasSubstr("share one link"));
}

TEST_F(CompareCommand, AWrongCommandLineSaysWhatToDo) {
  const std::string one = store("one", 1, 1);
  const std::pair<Words, const char*> wrong[] = {
      {{}, "directories of runs"},
      {{one + ":direct"}, "name a second one"},
      {{one, "--against", "turn-upd"}, "did you mean \"turn-udp\"?"},
      {{one, one}, "compared to itself"},
      {{one, store("two", 1, 1), "--against", "direct"}, "arms of one run"},
      {{"--baseline", one}, "directories of runs"},
      {{one, "--alpha", "5"}, "--alpha"},
      {{one, "--margin", "0"}, "--margin"},
  };
  for (const auto& [words, complaint] : wrong) {
    EXPECT_EQ(run(words), ExitCode::kUsage) << complaint;
    EXPECT_THAT(err_, HasSubstr(complaint));
  }
  EXPECT_EQ(run({one, "absent"}), ExitCode::kBadScenario);
}

TEST_F(CompareCommand, JsonGoesToAFileBesideTheText) {
  const std::string one = store("one", 1, 1), file = "compare.json";
  EXPECT_EQ(run({one, "--json", file}), ExitCode::kPass);
  EXPECT_THAT(out_, HasSubstr("connect time"));
  EXPECT_TRUE(JsonValue::parseFile(dir_.file(file)));
  EXPECT_EQ(run({one, "--json", "no/such/dir.json"}), ExitCode::kEnvironment);
}

TEST(PowerCommand, PrintsTheTableAndAnswersForOnePair) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(powerCommand({}), ExitCode::kPass);
  expectGolden("reports/power.txt", testing::internal::GetCapturedStdout());
  testing::internal::CaptureStdout();
  EXPECT_EQ(powerCommand({"0.95", "0.90"}), ExitCode::kPass);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("you need 449 calls an arm"));
  testing::internal::CaptureStdout();
  EXPECT_EQ(powerCommand({"0.95", "--calls", "449"}), ExitCode::kPass);
  EXPECT_THAT(testing::internal::GetCapturedStdout(), HasSubstr("from 95 % to 90 %"));
}

TEST(PowerCommand, RefusesWhatIsNoQuestion) {
  testing::internal::CaptureStderr();
  for (const Words& words : {Words{"95"}, {"0.9", "0.8", "0.7"}, {"0.9"}, {"--alpha", "0"}})
    EXPECT_EQ(powerCommand(words), ExitCode::kUsage);
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("between 0 and 1"));
}

}  // namespace
}  // namespace turnout
