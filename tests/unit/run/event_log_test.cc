#include "orchestrator/run/run_directory.h"
#include "pipelines/base/files.h"

#include <csignal>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

namespace turnout {
namespace {

using testing::HasSubstr;

struct EventLogs : testing::Test {
  Loop loop;
  std::optional<TempDir> dir;

  void SetUp() override {
    auto made = TempDir::create("test");
    ASSERT_TRUE(made);
    dir = std::move(*made);
  }
  std::unique_ptr<EventLog> open(const std::string& path) {
    auto log = EventLog::open(loop, path);
    EXPECT_TRUE(log) << log.error().what;
    return std::move(*log);
  }
  std::string textOf(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
};

TEST_F(EventLogs, ReachTheDiskWithinMomentsWhileTheRunGoesOn) {
  const std::string path = dir->file("events.jsonl");
  const auto log = open(path);
  log->append("{\"a\":1}");
  log->append("{\"a\":2}");
  EXPECT_EQ(textOf(path), "");
  EXPECT_TRUE(loop.runUntil([&] { return !textOf(path).empty(); }, 5s));
  EXPECT_EQ(textOf(path), "{\"a\":1}\n{\"a\":2}\n");
}

TEST_F(EventLogs, AreCompleteWhenTheyEnd) {
  const std::string path = dir->file("events.jsonl");
  open(path)->append("last");
  EXPECT_EQ(textOf(path), "last\n");
}

TEST_F(EventLogs, AFullDiskIsToldOnceAndStopsOnlyTheLog) {
  const auto log = open("/dev/full");
  log->append("{}");
  log->flush();
  ASSERT_TRUE(log->failure());
  EXPECT_THAT(log->failure()->what, HasSubstr("/dev/full: No space left on device"));
  log->append("{}");
  log->flush();
}

TEST_F(EventLogs, ADiskThatFillsUpKeepsWhatFitted) {
  const std::string path = dir->file("events.jsonl");
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  const rlimit small{100, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  const auto log = open(path);
  for (int i = 0; i < 20; ++i)
    log->append("0123456789");
  log->flush();
  ::setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_TRUE(log->failure());
  EXPECT_EQ(textOf(path).size(), 100u);
}

TEST_F(EventLogs, APathThatCannotBeOpenedIsAnError) {
  const auto log = EventLog::open(loop, dir->file("no/such/events.jsonl"));
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace turnout
