// Wrong command lines, scenarios, runs and files, through all commands: each is told with its place, the
// reason and what to do, and ends with the right exit code before anything starts.
#include "orchestrator/cli/command.h"
#include "pipelines/base/files.h"
#include "tests/unit/results/run_on_disk.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::HasSubstr;

constexpr const char* kGood = R"({"name": "s", "calls": {"per_arm": 4},
  "turn": [{"name": "direct"}, {"name": "turn-udp"}], "thresholds": {"success_rate": ["rate>=0.5"]}})";

struct File {
  const char *name, *text;
};
constexpr File kFiles[] = {
    {"good.json", kGood},
    {"empty.json", ""},
    {"config.yaml", "name: my-calls\ncalls:\n  per_arm: 3\n"},
    {"cut.json", "{\"name\": \"s\",\n  \"calls\": {\"per_arm\": 3}"},
    {"list.json", "[1, 2]"},
    {"comma.json", "{\"name\": \"s\",}"},
    {"unknown_key.json", R"({"name": "s", "cals": {"per_arm": 3}})"},
    {"wrong_type.json", R"({"name": "s", "calls": {"per_arm": "three"}})"},
    {"out_of_range.json", R"({"name": "s", "arrival": {"rate_per_s": 0}})"},
    {"no_name.json", R"({"calls": {"per_arm": 3}})"},
    {"two_arms_alike.json", R"({"name": "s", "turn": [{"name": "a"}, {"name": "a"}]})"},
    {"bad_url.json",
     R"({"name": "s", "turn": [{"name": "a", "ice_servers": [{"urls": "trun:x"}]}]})"},
    {"bad_threshold.json", R"({"name": "s", "thresholds": {"success_rat": ["rate>=0.5"]}})"},
    {"bad_expression.json", R"({"name": "s", "thresholds": {"success_rate": ["rate=>0.5"]}})"},
    {"no_such_arm.json", R"({"name": "s", "thresholds": {"success_rate{turn:x}": ["rate>=0.5"]}})"},
    {"words.txt", "no servers here"},
    {"nothing.txt", ""},
};

struct Row {
  std::vector<std::string> words;  // DIR is a folder with kFiles, and a run in DIR/run
  ExitCode code;
  std::vector<std::string> told;  // place, reason, remedy
};

constexpr ExitCode kUsage = ExitCode::kUsage;
constexpr ExitCode kBad = ExitCode::kBadScenario;

const std::vector<Row> kRows = {
    // The command itself.
    {{"rnu"}, kUsage, {"\"rnu\"", "did you mean \"run\"?"}},
    {{"help", "reprot"}, kUsage, {"\"reprot\"", "did you mean \"report\"?"}},
    {{"version", "now"}, kUsage, {"version takes nothing", "\"now\""}},
    // Options.
    {{"run"}, kUsage, {"one scenario file", "scenarios/smoke.json", "turnout help run"}},
    {{"run", "a.json", "b.json"}, kUsage, {"one scenario file"}},
    {{"run", "DIR/good.json", "--clals", "3"}, kUsage, {"--clals", "did you mean \"--calls\"?"}},
    {{"run", "DIR/good.json", "--calls"}, kUsage, {"--calls", "turnout help run"}},
    {{"run", "DIR/good.json", "--calls", "many"}, kUsage, {"--calls", "many"}},
    {{"run", "DIR/good.json", "--calls", "0"}, kUsage, {"--calls: expected", "got 0"}},
    {{"run", "DIR/good.json", "--calls", "-3"}, kUsage, {"--calls: expected", "got -3"}},
    {{"run", "DIR/good.json", "--calls", "99999999999"}, kUsage, {"--calls"}},
    {{"run", "DIR/good.json", "--seed", "-1"}, kUsage, {"--seed: expected", "got -1"}},
    {{"run", "DIR/good.json", "--hosts", "65"}, kUsage, {"--hosts: expected", "got 65"}},
    {{"run", "DIR/good.json", "--profile", "slow"},
     kUsage,
     {"--profile: expected", "slow", "fast"}},
    {{"run", "DIR/good.json", "--bug", "no-grac"}, kUsage, {"--bug", "no-grac", "no-grace"}},
    {{"run", "DIR/good.json", "--serve", "localhost"}, kUsage, {"--serve wants", "\"localhost\""}},
    {{"run", "DIR/good.json", "--serve", ":99999"}, kUsage, {"--serve wants", ":99999"}},
    {{"run", "DIR/good.json", "--serve", "999.1.1.1:80"}, kUsage, {"--serve wants", "IPv4"}},
    {{"run", "DIR/good.json", "--signaling", "ftp://x"},
     kUsage,
     {"--signaling", "http://host:port"}},
    {{"run", "DIR/good.json", "--out", "DIR/run"}, kUsage, {"DIR/run", "not overwritten"}},
    {{"run", "DIR/good.json", "--out", "a\nb"}, kUsage, {"--out", "control characters"}},
    {{"run", "DIR/good.json", "--json", "-", "--csv", "-"}, kUsage, {"only one report", "stdout"}},
    {{"report"}, kUsage, {"one directory of a run", "runs/latest"}},
    {{"report", "DIR/run", "--htlm", "x"}, kUsage, {"--htlm", "did you mean \"--html\"?"}},
    {{"compare"}, kUsage, {"directories of runs", "runs/latest"}},
    {{"compare", "DIR/run", "--alpha", "2"}, kUsage, {"--alpha is between 0 and 0.5"}},
    {{"compare", "DIR/run", "--margin", "-1"}, kUsage, {"--margin is between"}},
    {{"compare", "DIR/run", "--margin-ms", "nan"}, kUsage, {"--margin-ms is more than 0"}},
    {{"compare", "DIR/run:direct"}, kUsage, {"one arm alone", "second one"}},
    {{"power", "1.5", "0.9"}, kUsage, {"between 0 and 1"}},
    {{"power", "0.9"}, kUsage, {"power takes two rates"}},
    {{"power", "0.9", "--calls", "0"}, kUsage, {"power takes two rates"}},
    {{"power", "0.9", "0.8", "--alpha", "0"}, kUsage, {"--alpha and --power are between"}},
    {{"power", "high", "low"}, kUsage, {"high"}},
    {{"thresholds", "alerts"}, kUsage, {"takes no files"}},
    {{"validate"}, kUsage, {"names of scenario files"}},
    {{"dialect", "chek", "x.json"}, kUsage, {"the word check"}},
    {{"serve", "--listen", "3000"}, kUsage, {"--listen wants ADDRESS:PORT", "\"3000\""}},
    {{"serve", "--listen", "nowhere:3000"}, kUsage, {"--listen wants", "IPv4"}},
    {{"serve", "--grace", "nan"}, kUsage, {"--grace wants 3 to 10 seconds"}},
    {{"serve", "--ring-timeout", "0"}, kUsage, {"--ring-timeout wants 1 to 300"}},
    {{"serve", "--max-sockets", "-5"}, kUsage, {"--max-sockets wants 1 to"}},
    {{"serve", "--max-per-address", "0"}, kUsage, {"--max-per-address wants 1 to"}},
    {{"serve", "--bug", "none"}, kUsage, {"--bug \"none\" is unknown", "known are"}},
    {{"serve", "--token-file", "DIR/missing"}, kUsage, {"DIR/missing"}},
    {{"serve", "--token-file", "DIR/nothing.txt"}, kUsage, {"DIR/nothing.txt", "is empty"}},
    {{"probe", "stun:s.example", "--timeout", "nan"}, kUsage, {"--timeout wants 0.5 to 60"}},
    {{"probe", "stun:s.example", "--local-address", "here"}, kUsage, {"--local-address wants"}},
    {{"probe", "stun:s.example", "--bandwidth", "--no-echo"}, kUsage, {"exclude each other"}},
    {{"probe", "stun:s.example", "--servers", "x"}, kUsage, {"give one"}},
    {{"init", "DIR/good.json"}, kUsage, {"DIR/good.json is there already", "--force"}},
    {{"init", "DIR/new.json", "--kind", "party"}, kUsage, {"party", "room"}},
    {{"init", "DIR/new.json", "--turn", "trun:x"}, kUsage, {"trun:x"}},
    {{"manual", "rnu"}, kUsage, {"rnu", "did you mean \"run\"?"}},
    {{"completion", "tcsh"}, kUsage, {"bash, zsh or fish"}},
    // Scenarios.
    {{"run", "DIR/missing.json"}, kBad, {"DIR/missing.json", "No such file"}},
    {{"run", "smokee"}, kBad, {"smokee", "no scenario of this name"}},
    {{"run", "DIR"}, kBad, {"DIR", "irectory"}},
    {{"validate", "DIR/empty.json"}, kBad, {"DIR/empty.json"}},
    {{"validate", "DIR/config.yaml"},
     kBad,
     {"config.yaml:1:1", "expected JSON", "YAML", "turnout init"}},
    {{"validate", "DIR/cut.json"}, kBad, {"DIR/cut.json:2:"}},
    {{"validate", "DIR/list.json"}, kBad, {"DIR/list.json", "expected an object"}},
    {{"validate", "DIR/comma.json"}, kBad, {"DIR/comma.json:1:"}},
    {{"validate", "DIR/unknown_key.json"}, kBad, {"cals", "did you mean \"calls\"?"}},
    {{"validate", "DIR/wrong_type.json"}, kBad, {"calls.per_arm", "expected an integer", "three"}},
    {{"validate", "DIR/out_of_range.json"}, kBad, {"arrival.rate_per_s", "expected", "got 0"}},
    {{"validate", "DIR/no_name.json"}, kBad, {"name"}},
    {{"validate", "DIR/two_arms_alike.json"}, kBad, {"turn[1].name", "a"}},
    {{"validate", "DIR/bad_url.json"}, kBad, {"turn[0].ice_servers[0].urls", "trun:x"}},
    {{"validate", "DIR/bad_threshold.json"}, kBad, {"success_rat", "success_rate"}},
    {{"validate", "DIR/bad_expression.json"}, kBad, {"rate=>0.5"}},
    {{"validate", "DIR/no_such_arm.json"}, kBad, {"turn:x"}},
    // Stored runs.
    {{"report", "DIR/missing"}, kBad, {"DIR/missing: there is no such run", "there are DIR/run"}},
    {{"report", "DIR/good.json"}, kBad, {"is a file", "there are DIR/run"}},
    {{"report", "DIR"}, kBad, {"no events.jsonl"}},
    {{"compare", "DIR/run", "DIR/missing"}, kBad, {"DIR/missing: there is no such run", "DIR/run"}},
    {{"compare", "DIR/run:turn-upd", "DIR/run:direct"}, kUsage, {"turn-upd", "turn-udp"}},
    // Servers and their files.
    {{"servers", "trun:x"}, kBad, {"trun:x"}},
    {{"servers", "--servers", "DIR/missing"}, kBad, {"DIR/missing"}},
    {{"servers", "--servers", "DIR/words.txt"}, kBad, {"DIR/words.txt", "RTCIceServer JSON"}},
    {{"servers", "--env-file", "DIR/missing"}, kBad, {"DIR/missing"}},
    {{"servers", "--env", "staging"}, kUsage, {"staging", "production"}},
    {{"probe", "stun:s.example", "--ca", "DIR/words.txt"}, kBad, {"--ca", "DIR/words.txt"}},
    {{"probe", "turn:t.example", "--username", "u", "--credential-file", "DIR/nothing.txt"},
     kBad,
     {"DIR/nothing.txt", "empty"}},
    {{"dialect", "check", "DIR/missing.json"}, kBad, {"DIR/missing.json"}},
};

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

TEST(WrongInput, IsToldWithPlaceReasonRemedyAndCode) {
  const auto made = TempDir::create("wrong");
  ASSERT_TRUE(made);
  const std::string dir = made->path();
  for (const File& file : kFiles)
    std::ofstream(made->file(file.name)) << file.text;
  test::storeRun(made->file("run"), kGood, 1, [](const PlannedCall&) { return 1; });
  EXPECT_GE(kRows.size(), 60u);
  for (const Row& row : kRows) {
    Words words;
    std::string line = "turnout";
    for (const std::string& word : row.words) {
      words.push_back(replaced(word, "DIR", dir));
      line += " " + word;
    }
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const ExitCode code = runCommandLine(words);
    const std::string out = ::testing::internal::GetCapturedStdout();
    const std::string err = replaced(::testing::internal::GetCapturedStderr(), dir, "DIR");
    EXPECT_EQ(static_cast<int>(code), static_cast<int>(row.code)) << line << "\n" << err << out;
    for (const std::string& part : row.told)
      EXPECT_THAT(err, HasSubstr(part)) << line;
    EXPECT_EQ(err.find('\033'), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace turnout
