// A thousand refreshed pages: what is left of them here, at the server and at the TURN server.
#include "pipelines/base/loop_group.h"
#include "pipelines/ice/agent/ice_agent.h"
#include "tests/net/bots/bot_host_fixture.h"
#include "tests/support/coturn.h"

#include <filesystem>
#include <map>

namespace turnout {
namespace {

constexpr int kCalls = 20, kRefreshes = 50;

std::ptrdiff_t entriesOf(const char* directory) {
  return std::distance(std::filesystem::directory_iterator(directory), {});
}
std::ptrdiff_t threads() {
  return entriesOf("/proc/self/task");
}
std::ptrdiff_t openFiles() {
  return entriesOf("/proc/self/fd");
}

// "3 socket, 1 anon_inode, ..." for a message.
std::string kindsOfOpenFiles() {
  std::map<std::string, int> kinds;
  for (const auto& file : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const std::string target = std::filesystem::read_symlink(file, gone).string();
    kinds[target.substr(0, target.find(":["))]++;
  }
  std::string text;
  for (const auto& [kind, files] : kinds)
    text += std::to_string(files) + " " + kind + ", ";
  return text;
}

int count(const std::string& text, const std::string& word) {
  int times = 0;
  for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1))
    times++;
  return times;
}

class RefreshLeaks : public BotHostTest {
 protected:
  SignalingServer::Stats serverStats() {
    SignalingServer::Stats stats;
    server_thread_.sync([&] { stats = server_->stats(); });
    return stats;
  }
  // The server keeps a loop for each of its first connections, up to this many (LoopGroup).
  void fillTheServersLoops() {
    const auto client = Ref<GSocketClient>::adopt(g_socket_client_new());
    for (std::size_t i = 0; i < LoopGroup::kUsualSize; i++) {
      Owned<GError> error;
      const auto connection = Ref<GSocketConnection>::adopt(
          g_socket_client_connect_to_uri(client.get(), url_.c_str(), 80, nullptr, error.out()));
      ASSERT_FALSE(error) << error->message;
    }
  }
  bool eventually(const std::function<bool()>& holds) { return loop_.runUntil(holds, 30s); }
};

TEST_F(RefreshLeaks, AThousandRefreshesLeaveNothingBehind) {
  const Coturn coturn;
  ASSERT_TRUE(coturn.isRunning());
  begin(R"("calls": {"kind": "call", "hold_ms": 300}, "media": {"video": null},
            "steps": [{"do": "rapid_retries", "times": )" +
        std::to_string(kRefreshes) + R"(, "every_ms": 300, "bot": 0}],)");

  fillTheServersLoops();
  const auto relays = std::vector{coturn.server(TurnTransport::kUdp)};
  order(0, relays);  // what is made once is made now
  ASSERT_TRUE(waitFor(1, 60s));
  ASSERT_TRUE(eventually([] { return IceAgent::liveCount() == 0; }));
  const auto threads_before = threads(), files_before = openFiles();

  for (int call = 1; call <= kCalls; call++)
    order(call, relays);
  ASSERT_TRUE(waitFor(1 + kCalls, 120s));
  EXPECT_GE(all<SessionResumed>().size(), std::size_t{kCalls * kRefreshes});
  EXPECT_TRUE(all<BotFailed>().empty());
  EXPECT_TRUE(all<LinkFailed>().empty());

  EXPECT_TRUE(eventually([] { return IceAgent::liveCount() == 0; })) << IceAgent::liveCount();
  EXPECT_TRUE(eventually([&] { return threads() <= threads_before; }))
      << threads() << " threads, were " << threads_before;
  EXPECT_TRUE(eventually([&] { return openFiles() <= files_before; }))
      << openFiles() << " open files, were " << files_before << ": " << kindsOfOpenFiles();
  EXPECT_TRUE(eventually([&] { return serverStats().census.sessions == 0; }));
  EXPECT_EQ(serverStats().census.held, 0u);
  // A session of coturn's that had an allocation, and its release.
  EXPECT_TRUE(eventually([&] {
    const std::string log = coturn.log();
    return count(log, ": new, realm") > 0 && count(log, ": new, realm") == count(log, "lifetime=0");
  })) << count(coturn.log(), ": new, realm")
      << " allocations, " << count(coturn.log(), "lifetime=0") << " released";
}

}  // namespace
}  // namespace turnout
