#include "pipelines/base/subprocess.h"

#include "pipelines/base/files.h"

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Subprocesses : testing::Test {
  Loop loop;
  std::vector<std::string> lines;
  std::string how;

  Subprocess::Config shell(const std::string& script) {
    Subprocess::Config config;
    config.argv = {"sh", "-c", script};
    config.on_exit = [this](const std::string& text) { how = text; };
    return config;
  }
  LineChannel::OnLine keepLines() {
    return [this](std::string_view line) { lines.emplace_back(line); };
  }
  std::unique_ptr<Subprocess> start(Subprocess::Config config) {
    auto child = Subprocess::start(loop, std::move(config));
    EXPECT_TRUE(child) << child.error().what;
    return child ? std::move(*child) : nullptr;
  }
  bool ends() {
    return loop.runUntil([this] { return !how.empty(); }, 10s);
  }
};

TEST_F(Subprocesses, TellHowTheyExited) {
  const auto child = start(shell("exit 7"));
  EXPECT_TRUE(ends());
  EXPECT_EQ(how, "exit 7");
  EXPECT_EQ(child->exitStatus(), 7);
}

TEST_F(Subprocesses, TellTheSignalThatKilledThem) {
  const auto child = start(shell("kill -9 $$"));
  EXPECT_TRUE(ends());
  EXPECT_EQ(how, "signal 9");
  EXPECT_EQ(child->exitStatus(), 128 + 9);
}

// A shell that a person works with: what is set there is set here.
TEST_F(Subprocesses, HaveTheWholeEnvironmentOnOurTerminal) {
  ::setenv("TURNOUT_TEST_VARIABLE", "kept", 1);
  auto config = shell("echo $TURNOUT_TEST_VARIABLE");
  config.terminal = Subprocess::Terminal::kOurs;
  config.output = Subprocess::OutputToLines{keepLines()};
  const auto child = start(std::move(config));
  EXPECT_TRUE(ends());
  ::unsetenv("TURNOUT_TEST_VARIABLE");
  EXPECT_THAT(lines, ElementsAre("kept"));
}

TEST_F(Subprocesses, GiveBothOutputsAsLinesBeforeTheExit) {
  auto config = shell("echo one; echo two >&2; echo unfinished | tr -d '\\n'");
  config.output = Subprocess::OutputToLines{keepLines()};
  const auto child = start(std::move(config));
  EXPECT_TRUE(ends());
  EXPECT_THAT(lines, ElementsAre("one", "two"));
}

TEST_F(Subprocesses, AppendTheirOutputToAFile) {
  const auto dir = TempDir::create("test");
  ASSERT_TRUE(dir);
  for (const char* word : {"first", "second"}) {
    how.clear();
    auto config = shell("echo " + std::string(word));
    config.output = Subprocess::OutputToFile{dir->file("log")};
    const auto child = start(std::move(config));
    EXPECT_TRUE(ends());
  }
  std::ostringstream text;
  text << std::ifstream(dir->file("log")).rdbuf();
  EXPECT_EQ(text.str(), "first\nsecond\n");
}

TEST_F(Subprocesses, TalkOverDescriptorThree) {
  auto config = shell("read -r line <&3; echo \"got $line\" >&3");
  config.on_channel_line = keepLines();
  const auto child = start(std::move(config));
  EXPECT_TRUE(child->send("hello"));
  EXPECT_TRUE(ends());
  EXPECT_THAT(lines, ElementsAre("got hello"));
  EXPECT_FALSE(child->send("to nobody"));
}

TEST_F(Subprocesses, GetVariablesOnTopOfOurs) {
  auto config = shell("test \"$TURNOUT_TEST_WORD\" = yes && test -n \"$PATH\"");
  config.environment = {{"TURNOUT_TEST_WORD", "yes"}};
  const auto child = start(std::move(config));
  EXPECT_TRUE(ends());
  EXPECT_EQ(how, "exit 0");
}

TEST_F(Subprocesses, GoOnSigterm) {
  const auto child = start(shell("exec sleep 60"));
  child->terminate(10s);
  EXPECT_TRUE(ends());
  EXPECT_EQ(how, "signal 15");
}

TEST_F(Subprocesses, AreKilledWhenTheyIgnoreSigterm) {
  auto config = shell("trap '' TERM; echo deaf; while :; do sleep 0.01; done");
  config.output = Subprocess::OutputToLines{keepLines()};
  const auto child = start(std::move(config));
  ASSERT_TRUE(loop.runUntil([&] { return !lines.empty(); }, 10s));
  child->terminate(20ms);
  EXPECT_TRUE(ends());
  EXPECT_EQ(how, "signal 9");
}

TEST_F(Subprocesses, DieWithTheirOwnerAndLeaveNoZombie) {
  auto child = start(shell("exec sleep 60"));
  const pid_t pid = child->pid();
  child.reset();
  EXPECT_EQ(::kill(pid, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_TRUE(how.empty());
}

TEST_F(Subprocesses, MayBeDestroyedByTheirExitHandler) {
  std::unique_ptr<Subprocess> child;
  bool gone = false;
  auto config = shell("true");
  config.on_exit = [&](const std::string&) {
    child.reset();
    gone = true;
  };
  child = start(std::move(config));
  EXPECT_TRUE(loop.runUntil([&] { return gone; }, 10s));
}

TEST_F(Subprocesses, RunManyAtOnce) {
  std::vector<std::unique_ptr<Subprocess>> children;
  int ended = 0;
  for (int i = 0; i < 50; ++i) {
    auto config = shell("exit 0");
    config.on_exit = [&](const std::string&) { ++ended; };
    children.push_back(start(std::move(config)));
  }
  EXPECT_TRUE(loop.runUntil([&] { return ended == 50; }, 20s));
}

TEST_F(Subprocesses, SayWhichProgramIsMissing) {
  Subprocess::Config config;
  config.argv = {"no-such-program-of-turnout"};
  const auto child = Subprocess::start(loop, std::move(config));
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, ErrorCode::kEnvironment);
  EXPECT_THAT(child.error().what, HasSubstr("no-such-program-of-turnout"));
}

TEST(SubprocessRun, GivesTheOutputOrTheComplaint) {
  const auto good = Subprocess::run({"sh", "-c", "echo fine"});
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, "fine\n");
  const auto bad = Subprocess::run({"sh", "-c", "echo why >&2; exit 3"});
  ASSERT_FALSE(bad);
  EXPECT_THAT(bad.error().what, HasSubstr("exit 3: why"));
}

TEST(SubprocessRun, HandsOverWhatItIsToRead) {
  const std::string text(200'000, 'x');  // more than a pipe holds
  const auto copy = Subprocess::run({"cat"}, text);
  ASSERT_TRUE(copy) << copy.error().what;
  EXPECT_EQ(*copy, text);
  const auto nothing = Subprocess::run({"cat"});
  ASSERT_TRUE(nothing);
  EXPECT_EQ(*nothing, "");
}

TEST(InheritedVariables, AreThoseThatProgramsNeedAndNoSecrets) {
  for (const char* name : {"PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "GST_PLUGIN_PATH", "G_DEBUG",
                           "SSL_CERT_FILE", "ASAN_OPTIONS"})
    EXPECT_TRUE(isInheritedVariable(name)) << name;
  for (const char* name : {"TURN_CREDENTIAL", "TURNOUT_SERVE_TOKEN", "AWS_SECRET_ACCESS_KEY",
                           "PATHS", "http_proxy", "GITHUB_TOKEN", ""})
    EXPECT_FALSE(isInheritedVariable(name)) << name;
}

}  // namespace
}  // namespace turnout
