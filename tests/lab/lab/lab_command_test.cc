#include "pipelines/base/files.h"
#include "tests/lab/lab/lab_program.h"

#include <csignal>

#include <sys/stat.h>

namespace turnout {
namespace {

using test::labWords;
using test::runToEnd;
using ::testing::HasSubstr;

struct LabCommand : test::LabProgram {};

TEST_F(LabCommand, ProvesEveryNatAndFirewall) {
  const auto end = runToEnd(labWords({"check", "--json", "-"}));
  const auto report = JsonValue::parse(end.text());
  ASSERT_TRUE(report) << report.error().what << end.text();
  EXPECT_EQ(end.status, 0) << end.text();
  EXPECT_TRUE(report->boolOr("holds", false)) << end.text();
  EXPECT_EQ(report->get("nats").elements().size(), 7U);
  EXPECT_EQ(report->get("paths").elements().size(), 49U);
  EXPECT_GE(report->get("firewalls").elements().size(), 7U * 5);
  EXPECT_EQ(report->integerOr("surprises", -1), 0);
}

TEST_F(LabCommand, AShellIsAtTheSiteAndGivesTheProgramsExitCode) {
  const auto end =
      runToEnd(labWords({"shell", "symmetric", "--", "sh", "-c", "ip -brief -4 addr; exit 42"}));
  EXPECT_EQ(end.status, 42);
  EXPECT_THAT(end.text(), HasSubstr("10.77.0.2/24"));
}

TEST_F(LabCommand, ASignalThatEndsTheProgramIsTold) {
  EXPECT_EQ(runToEnd(labWords({"shell", "home", "--", "sh", "-c", "kill -9 $$"})).status, 128 + 9);
}

TEST_F(LabCommand, APublicSiteHasItsPublicAddress) {
  const auto end = runToEnd(labWords({"shell", "public", "--", "ip", "-brief", "-4", "addr"}));
  EXPECT_THAT(end.text(), HasSubstr("198.51.100.10/32"));
}

// What the probe warns of on stderr stands before it.
Result<JsonValue> probeReport(const std::string& text) {
  return JsonValue::parse(text.substr(std::min(text.find('{'), text.size())));
}

TEST_F(LabCommand, AProbeFromASiteSeesItsNat) {
  const auto end = runToEnd(labWords(
      {"shell", "symmetric", "--", TURNOUT_PROGRAM, "probe", "stun:203.0.113.20", "--json", "-"}));
  const auto report = probeReport(end.text());
  ASSERT_TRUE(report) << end.text();
  EXPECT_EQ(report->get("nat").stringOr("mapping", ""), "address-and-port-dependent") << end.text();
}

TEST_F(LabCommand, ALineDelaysAndLosesWhatIsSaid) {
  const auto end = runToEnd(labWords({"shell", "public", "--delay-ms", "40", "--", TURNOUT_PROGRAM,
                                      "probe", "stun:203.0.113.20", "--json", "-"}));
  const auto report = probeReport(end.text());
  ASSERT_TRUE(report) << end.text();
  EXPECT_GE(report->at("servers[0].stun_ms").asNumber().value_or(0), 80) << end.text();
  EXPECT_EQ(runToEnd(labWords({"shell", "public", "--loss", "1", "--", TURNOUT_PROGRAM, "probe",
                               "stun:203.0.113.20", "--timeout", "1"}))
                .status,
            99);
}

TEST_F(LabCommand, AProgramThatIsNotThereIsTold) {
  const auto end = runToEnd(labWords({"shell", "home", "--", "no-such-program-here"}));
  EXPECT_EQ(end.status, 106);
  EXPECT_THAT(end.text(), HasSubstr("no-such-program-here"));
}

// The processes of a lab whose command was killed: the kernel ends them, so nobody has to.
TEST_F(LabCommand, NothingIsLeftAfterKillMinusNine) {
  auto dir = TempDir::create("lab");
  ASSERT_TRUE(dir);
  const std::string fifo = dir->file("alive");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  Loop loop;
  bool is_up = false, has_ended = false, is_deserted = false;
  Subprocess::Config reader;  // ends when nobody has the other end any more
  reader.argv = {"cat", fifo};
  reader.output = Subprocess::OutputToLines{[&](std::string_view line) { is_up |= line == "up"; }};
  reader.on_exit = [&](const std::string&) { is_deserted = true; };
  const auto watching = Subprocess::start(loop, std::move(reader));
  ASSERT_TRUE(watching);
  Subprocess::Config lab;
  // Two processes that are not of turnout's, one of them in a session of its own.
  lab.argv = labWords({"shell", "home", "--", "sh", "-c",
                       "exec 9>" + fifo + "; setsid sleep 1000 & echo up >&9; exec sleep 1000"});
  lab.output = Subprocess::DiscardOutput{};
  lab.on_exit = [&](const std::string&) { has_ended = true; };
  const auto running = Subprocess::start(loop, std::move(lab));
  ASSERT_TRUE(running);
  ASSERT_TRUE(loop.runUntil([&] { return is_up; }, 60s));
  EXPECT_FALSE(is_deserted);
  (*running)->kill();
  EXPECT_TRUE(loop.runUntil([&] { return has_ended && is_deserted; }, 60s));
}

TEST_F(LabCommand, EndsWhenItIsAskedTo) {
  auto dir = TempDir::create("lab");
  ASSERT_TRUE(dir);
  Loop loop;
  bool is_up = false, has_ended = false;
  Subprocess::Config lab;
  lab.argv = labWords({"shell", "home", "--", "sh", "-c", "echo up; exec sleep 1000"});
  lab.output = Subprocess::OutputToLines{[&](std::string_view line) { is_up |= line == "up"; }};
  lab.on_exit = [&](const std::string&) { has_ended = true; };
  const auto running = Subprocess::start(loop, std::move(lab));
  ASSERT_TRUE(running);
  ASSERT_TRUE(loop.runUntil([&] { return is_up; }, 60s));
  (*running)->terminate(50s);
  ASSERT_TRUE(loop.runUntil([&] { return has_ended; }, 40s));
  EXPECT_EQ((*running)->exitStatus(), 128 + SIGTERM);
}

TEST(LabWords, AreChecked) {
  const auto mistake = [](std::vector<std::string> words, const std::string& what) {
    const auto end = runToEnd(labWords(std::move(words)));
    EXPECT_EQ(end.status, 2) << end.text();
    EXPECT_THAT(end.text(), HasSubstr(what));
  };
  mistake({}, "the word check, or shell and a site");
  mistake({"shell"}, "one site");
  mistake({"shell", "symetric"}, "did you mean \"symmetric\"");
  mistake({"shell", "home", "--firewall", "noudp"}, "did you mean \"no_udp\"");
  mistake({"shell", "home", "--action", "dropp"}, "did you mean \"drop\"");
  mistake({"shell", "home", "--loss", "7"}, "a share");
  mistake({"check", "--delay-ms", "7"}, "takes no site");
  mistake({"check", "--firewall", "none"}, "takes no site");
  mistake({"check", "--inside"}, "for turnout itself");
}

// Where no namespaces may be made: what is missing, and what to do, with the exit code for it.
TEST_F(LabCommand, SaysWhatTheMachineLacks) {
  const auto end = runToEnd({"unshare", "--user", "--map-root-user", "sh", "-c",
                             "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$0\" lab check",
                             TURNOUT_PROGRAM});
  EXPECT_EQ(end.status, 106) << end.text();
  EXPECT_THAT(end.text(), HasSubstr("this machine allows no network lab"));
  EXPECT_THAT(end.text(), HasSubstr("user.max_user_namespaces"));
}

}  // namespace
}  // namespace turnout
