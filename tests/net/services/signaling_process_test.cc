// The server is a shell script here; the real one is in tests/net/run.
#include "orchestrator/services/signaling_process.h"

#include "pipelines/base/files.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;

struct SignalingServer : testing::Test {
  Loop loop;
  std::optional<TempDir> dir;
  std::optional<Result<std::string>> started;
  std::string how;
  std::unique_ptr<SignalingProcess> server;

  void start(const std::string& script) {
    auto made = TempDir::create("test");
    ASSERT_TRUE(made);
    dir = std::move(*made);
    const std::string program = dir->file("server");
    std::ofstream(program) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    auto result = SignalingProcess::start(
        loop, {.program = program,
               .address = "127.0.0.1:0",
               .on_started = [this](Result<std::string> url) { started = std::move(url); },
               .on_exit = [this](const std::string& text) { how = text; }});
    ASSERT_TRUE(result) << result.error().what;
    server = std::move(*result);
    ASSERT_TRUE(loop.runUntil([this] { return started.has_value(); }, 10s));
  }
};

TEST_F(SignalingServer, IsUpOnceItAnnouncedItsUrl) {
  start("echo \"{\\\"url\\\":\\\"http://127.0.0.1:81/$*\\\"}\" >&3; exec sleep 60");
  ASSERT_TRUE(*started) << started->error().what;
  EXPECT_EQ(**started,
            "http://127.0.0.1:81/serve --listen 127.0.0.1:0 --announce-fd 3 --grace 5 "
            "--ring-timeout 30 --match-timeout 60");
}

TEST_F(SignalingServer, ThatEndsBeforeItIsUpIsAnError) {
  start("exit 3");
  ASSERT_FALSE(*started);
  EXPECT_THAT(started->error().what, HasSubstr("exit 3"));
}

TEST_F(SignalingServer, ThatAnnouncesNonsenseIsAnError) {
  start("echo hello >&3; exec sleep 60");
  EXPECT_FALSE(*started);
}

TEST_F(SignalingServer, ItsDeathIsNoticed) {
  start("echo '{\"url\":\"http://x\"}' >&3; exec sleep 60");
  ::kill(server->pid(), SIGKILL);
  EXPECT_TRUE(loop.runUntil([this] { return !how.empty(); }, 5s));
  EXPECT_EQ(how, "signal 9");
}

TEST_F(SignalingServer, StopsWhenTold) {
  start("echo '{\"url\":\"http://x\"}' >&3; exec sleep 60");
  server->stop();
  EXPECT_TRUE(loop.runUntil([this] { return !how.empty(); }, 5s));
}

}  // namespace
}  // namespace turnout
