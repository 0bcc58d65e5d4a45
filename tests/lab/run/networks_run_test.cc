// `turnout run` of a scenario with networks: what is in the report is what NATs and firewalls do.
#include "pipelines/base/files.h"
#include "tests/lab/lab/lab_program.h"

#include <fstream>

#include <unistd.h>

namespace turnout {
namespace {

using test::runToEnd;
using ::testing::HasSubstr;

// Two homes, and a phone network whose firewall looks into packets; with STUN alone, and with TURN over TLS.
constexpr const char* kScenario = R"({
  "name": "two-networks", "calls": {"per_arm": 1, "hold_ms": 0}, "media": "none",
  "arrival": {"spacing_ms": 300, "shape": "even"},
  "networks": {
    "sites": ["port_restricted",
              {"name": "dpi", "nat": "symmetric", "firewall": "tls443_dpi"}],
    "pairs": [["port_restricted", "port_restricted"], ["port_restricted", "dpi"]]},
  "turn": [{"name": "stun", "ice_servers": [{"urls": "stun:{coturn}"}]},
           {"name": "tls", "ice_servers": [{"urls": ["stun:{coturn}", "turns:{coturn}"]}]}],
  "deadlines": {"connect_ms": 4000}})";

struct NetworksRun : test::LabProgram {
  void SetUp() override {
    LabProgram::SetUp();
    auto made = TempDir::create("networks");
    ASSERT_TRUE(made);
    dir.emplace(*std::move(made));
    std::ofstream(dir->file("scenario.json")) << kScenario;
  }
  std::vector<std::string> words(std::vector<std::string> more = {}) const {
    std::vector<std::string> all{TURNOUT_PROGRAM, "run",   dir->file("scenario.json"),
                                 "--quiet",       "--out", dir->file("run")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  Result<JsonValue> summary() const { return JsonValue::parseFile(dir->file("run/summary.json")); }

  std::optional<TempDir> dir;
};

// "stun: port_restricted - dpi: none", and so on: what is the same in every such run.
std::vector<std::string> outcomesIn(const JsonValue& summary) {
  std::vector<std::string> outcomes;
  for (const JsonValue& cell : summary.get("networks").get("cells").elements()) {
    const auto sites = cell.get("sites").elements();
    const bool is_lost = cell.integerOr("aborted", 0) > 0;
    outcomes.push_back(cell.stringOr("turn", "") + ": " + sites[0].asString().value_or("") + " - " +
                       sites[1].asString().value_or("") + ": " + cell.stringOr("predicted", "") +
                       (is_lost || cell.boolOr("as_predicted", false) ? "" : ", not so"));
  }
  return outcomes;
}

const std::vector<std::string> kExpected{
    "stun: port_restricted - port_restricted: direct",
    "tls: port_restricted - port_restricted: either",
    "stun: port_restricted - dpi: none",
    "tls: port_restricted - dpi: relayed",
};

TEST_F(NetworksRun, EndsAsNatsAndFirewallsPredict) {
  const auto end = runToEnd(words(), 200s);
  const auto report = summary();
  ASSERT_TRUE(report) << end.text();
  EXPECT_EQ(outcomesIn(*report), kExpected) << end.text();
  const JsonValue check = report->get("networks").get("check");
  EXPECT_EQ(check.integerOr("places", 0), 3);
  EXPECT_GT(check.integerOr("findings", 0), 10);
  EXPECT_THAT(end.text(), HasSubstr("port_restricted - dpi"));
}

TEST_F(NetworksRun, AsRootGivesTheSameTable) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "not root";
  const auto end = runToEnd(words({"--as-root"}), 200s);
  if (end.status == 106)
    GTEST_SKIP() << "no lab as root on this machine: " << end.text();
  const auto report = summary();
  ASSERT_TRUE(report) << end.text();
  EXPECT_EQ(outcomesIn(*report), kExpected) << end.text();
}

// Other processes that have a file below this directory open: bot hosts and coturn write their logs there.
int holdersOf(const std::string& directory) {
  namespace fs = std::filesystem;
  int holders = 0;
  std::error_code gone;  // processes come and go meanwhile
  for (const auto& process : fs::directory_iterator("/proc", gone)) {
    const std::string number = process.path().filename();
    if (number.find_first_not_of("0123456789") != std::string::npos ||
        number == std::to_string(::getpid()))
      continue;
    bool holds = false;
    std::error_code hidden;
    for (fs::directory_iterator fd(process.path() / "fd", hidden), end; !hidden && fd != end;
         fd.increment(hidden))
      holds |= fs::read_symlink(fd->path(), gone).string().starts_with(directory);
    holders += holds ? 1 : 0;
  }
  return holders;
}

TEST_F(NetworksRun, NothingIsLeftAfterKillMinusNine) {
  Loop loop;
  bool has_ended = false;
  Subprocess::Config run;
  run.argv = words({"--calls", "50"});
  run.output = Subprocess::DiscardOutput{};
  run.on_exit = [&](const std::string&) { has_ended = true; };
  const auto running = Subprocess::start(loop, std::move(run));
  ASSERT_TRUE(running);
  const Timer looks = loop.every(50ms, [] {});  // what follows is of other processes
  const auto callsRun = [&] {
    const auto text = readTextFile(dir->file("run/events.jsonl"));
    return text && text->find("link_started") != std::string::npos;
  };
  ASSERT_TRUE(loop.runUntil([&] { return callsRun() || has_ended; }, 100s));
  ASSERT_FALSE(has_ended);
  EXPECT_GE(holdersOf(dir->path()), 5) << "turnout, three bot hosts, coturn";
  (*running)->kill();
  EXPECT_TRUE(loop.runUntil([&] { return has_ended && holdersOf(dir->path()) == 0; }, 60s));
}

// Each fault of a site cuts calls that are up for a while, and they come back.
TEST_F(NetworksRun, FaultsOfSitesHitTheCallsThere) {
  std::ofstream(dir->file("scenario.json")) << R"({
    "name": "site-faults", "calls": {"per_arm": 1, "hold_ms": 9000},
    "media": {"video": null},
    "networks": {"sites": [{"name": "home", "nat": "port_restricted",
                            "up": {"delay_ms": 3}, "down": {"delay_ms": 3}},
                           {"name": "office", "nat": "full_cone"}],
                 "pairs": [["home", "office"]]},
    "turn": [{"name": "stun", "ice_servers": [{"urls": "stun:{coturn}"}]}],
    "recovery": {"silence_ms": 1000},
    "faults": [{"do": "outage", "site": "home", "at_ms": 3000, "for_ms": 1200},
               {"do": "link_down", "site": "office", "at_ms": 7000, "for_ms": 1200},
               {"do": "link", "site": "home", "up": {"loss": 1}, "at_ms": 11000, "for_ms": 1200},
               {"do": "nat_change", "site": "home", "nat": "symmetric", "at_ms": 15000},
               {"do": "firewall_change", "site": "office", "firewall": "no_udp", "at_ms": 19000,
                "for_ms": 1200}]})";
  const auto end = runToEnd(words(), 200s);
  const auto report = summary();
  ASSERT_TRUE(report) << end.text();
  std::vector<std::string> made;
  for (const JsonValue& fault : report->get("run").get("faults").elements())
    made.push_back(fault.stringOr("fault", "") + " of " + fault.stringOr("service", ""));
  EXPECT_THAT(made, testing::ElementsAre("outage of home", "link_down of office", "link of home",
                                         "nat_change of home", "firewall_change of office"))
      << end.text();
}

TEST_F(NetworksRun, SaysWhatTheMachineLacks) {
  const auto end =
      runToEnd({"unshare", "--user", "--map-root-user", "sh", "-c",
                "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$@\"", "sh", TURNOUT_PROGRAM,
                "run", dir->file("scenario.json"), "--out", dir->file("run")});
  EXPECT_EQ(end.status, 106) << end.text();
  EXPECT_THAT(end.text(), HasSubstr("this machine allows no network lab"));
  EXPECT_FALSE(std::filesystem::exists(dir->file("run")));
}

TEST_F(NetworksRun, WhatCannotReachALabIsRefused) {
  const auto refused = [&](std::vector<std::string> more, const std::string& what) {
    const auto end = runToEnd(words(std::move(more)));
    EXPECT_EQ(end.status, 2) << end.text();
    EXPECT_THAT(end.text(), HasSubstr(what));
  };
  refused({"--serve", ":0"}, "--serve does not go with");
  refused({"--inside"}, "for turnout itself");
}

}  // namespace
}  // namespace turnout
