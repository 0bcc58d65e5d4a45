#include "orchestrator/services/coturn_process.h"

#include "orchestrator/ice_servers/supply/turn_servers.h"

#include <csignal>
#include <filesystem>
#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;

struct Coturn : testing::Test {
  Loop loop;
  std::optional<TempDir> dir;
  std::optional<bool> up;
  std::string how;
  std::unique_ptr<CoturnProcess> server;

  void SetUp() override {
    auto made = TempDir::create("test");
    ASSERT_TRUE(made);
    dir = std::move(*made);
  }
  void start(Placeholder::Kind kind) {
    auto started =
        CoturnProcess::start(loop, {.kind = kind,
                                    .log_file = dir->file("coturn.log"),
                                    .on_started =
                                        [this](Result<Done> result) {
                                          EXPECT_TRUE(result) << result.error().what;
                                          up = result.hasValue();
                                        },
                                    .on_exit = [this](const auto& text) { how = text; }});
    ASSERT_TRUE(started) << started.error().what;
    server = std::move(*started);
    ASSERT_TRUE(loop.runUntil([this] { return up.has_value(); }, 10s));
  }
  // Debian's own client allocates, and relays one message to itself. True when all could, at once.
  bool allAllocate(const std::vector<std::vector<std::string>>& options) {
    std::vector<std::unique_ptr<Subprocess>> clients;
    std::vector<std::string> ends;
    for (const auto& more : options) {
      Subprocess::Config config;
      config.argv = {"turnutils_uclient", "-y", "-s", "-c", "-n", "1", "-m", "1"};
      config.argv.insert(config.argv.end(), more.begin(), more.end());
      config.argv.push_back("127.0.0.1");
      config.output = Subprocess::DiscardOutput{};
      config.on_exit = [&ends](const std::string& end) { ends.push_back(end); };
      auto client = Subprocess::start(loop, std::move(config));
      EXPECT_TRUE(client) << client.error().what;
      clients.push_back(std::move(*client));
    }
    loop.runUntil([&] { return ends.size() == options.size(); }, 30s);
    return ends == std::vector<std::string>(options.size(), "exit 0");
  }
  std::string port() const { return std::to_string(server->service().port); }
};

TEST_F(Coturn, ServesItsStaticUserOverUdpTcpAndTls) {
  start(Placeholder::Kind::kCoturn);
  const auto user = std::get<CoturnUser>(server->service().access);
  const std::string password = user.password.reveal();
  const std::string tls_port = std::to_string(server->service().tls_port);
  EXPECT_TRUE(allAllocate({{"-p", port(), "-u", user.name, "-w", password},
                           {"-t", "-p", port(), "-u", user.name, "-w", password},
                           {"-t", "-S", "-p", tls_port, "-u", user.name, "-w", password}}));
}

TEST_F(Coturn, AcceptsCredentialsMadeFromItsRestSecretAndNoOthers) {
  start(Placeholder::Kind::kCoturnRest);
  const auto& secret = std::get<CoturnRestSecret>(server->service().access).secret;
  const auto expiry = unixTime() + std::chrono::seconds(600);
  const auto good = turnRestCredential(secret, "bot", expiry);
  const auto forged = turnRestCredential(Secret("guess"), "bot", expiry);
  EXPECT_TRUE(allAllocate({{"-p", port(), "-u", good.username, "-w", good.password.reveal()}}));
  EXPECT_FALSE(
      allAllocate({{"-p", port(), "-u", forged.username, "-w", forged.password.reveal()}}));
}

TEST_F(Coturn, ItsDeathIsNoticed) {
  start(Placeholder::Kind::kCoturn);
  ::kill(server->pid(), SIGKILL);
  EXPECT_TRUE(loop.runUntil([this] { return !how.empty(); }, 5s));
  EXPECT_EQ(how, "signal 9");
}

TEST_F(Coturn, ThatWasKilledComesBackAsTheSameServer) {
  start(Placeholder::Kind::kCoturn);
  const TurnService before = server->service();
  const auto user = std::get<CoturnUser>(before.access);
  const std::vector<std::string> client = {"-p",      port(), "-u",
                                           user.name, "-w",   user.password.reveal()};
  ASSERT_TRUE(allAllocate({client}));
  server->kill();
  ASSERT_TRUE(loop.runUntil([this] { return !how.empty(); }, 5s));
  EXPECT_EQ(how, "signal 9");
  up.reset();
  ASSERT_TRUE(server->restart());
  ASSERT_TRUE(loop.runUntil([this] { return up.has_value(); }, 10s));
  EXPECT_EQ(server->service().port, before.port);
  EXPECT_EQ(server->service().tls_port, before.tls_port);
  EXPECT_TRUE(allAllocate({client}));
}

TEST_F(Coturn, StopsWithinAMomentAndLeavesOnlyItsLog) {
  start(Placeholder::Kind::kCoturn);
  const std::string private_dir =
      std::filesystem::path(server->service().ca_file).parent_path().string();
  server->stop();
  EXPECT_TRUE(loop.runUntil([this] { return !how.empty(); }, 5s));
  server.reset();
  EXPECT_FALSE(std::filesystem::exists(private_dir));
  EXPECT_TRUE(std::filesystem::exists(dir->file("coturn.log")));
}

TEST_F(Coturn, SeveralRunSideBySide) {
  std::vector<std::unique_ptr<CoturnProcess>> servers;
  int ready = 0;
  for (int i = 0; i < 4; ++i) {
    auto started = CoturnProcess::start(
        loop, {.log_file = dir->file(std::to_string(i) + ".log"),
               .on_started = [&ready](Result<Done> result) { ready += result.hasValue(); },
               .on_exit = [](const std::string&) {}});
    ASSERT_TRUE(started) << started.error().what;
    servers.push_back(std::move(*started));
  }
  EXPECT_TRUE(loop.runUntil([&] { return ready == 4; }, 10s));
}

TEST_F(Coturn, ThatIsNotInstalledNamesThePackage) {
  const std::string path = g_getenv("PATH");
  g_setenv("PATH", dir->path().c_str(), TRUE);
  const auto started = CoturnProcess::start(loop, {});
  g_setenv("PATH", path.c_str(), TRUE);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, ErrorCode::kEnvironment);
  EXPECT_THAT(started.error().what, HasSubstr("apt-get install coturn"));
}

}  // namespace
}  // namespace turnout
