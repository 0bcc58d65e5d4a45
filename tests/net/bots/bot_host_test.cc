// A whole bot host in this process, driven by the lines the orchestrator would send, with a real
// signaling server on a thread of its own and real peer connections on loopback.
#include "bots/bot_host.h"

#include "bots/signaling/signaling_server.h"

#include <deque>

#include <gtest/gtest.h>

namespace turnout {
namespace {

class BotHostTest : public testing::Test {
 protected:
  BotHostTest() {
    server_thread_.sync([this] {
      auto started = SignalingServer::start(server_thread_.loop(), {});
      ASSERT_TRUE(started) << started.error().what;
      server_ = std::move(*started);
      url_ = server_->url();
    });
    host_ = std::make_unique<BotHost>(
        loop_, BotHost::Ports{.tell = [this](const std::string& line) { onLine(line); },
                              .on_finished = [this] { finished_ = true; },
                              .crash = [] { FAIL() << "nobody asked for it"; }});
  }
  ~BotHostTest() override {
    host_.reset();
    stopServer();
  }

  void stopServer() {
    server_thread_.sync([this] { server_.reset(); });
  }

  void onLine(const std::string& line) {
    if (isReportLine(line)) {
      auto report = parseReport(line);
      ASSERT_TRUE(report);
      if (const auto* ended = std::get_if<CallEnded>(&*report))
        ended_.push_back(ended->call);
      ready_ = ready_ || std::holds_alternative<HostIsReady>(*report);
      done_ = done_ || std::holds_alternative<HostIsDone>(*report);
      return;
    }
    auto event = parseEventLine(line);
    ASSERT_TRUE(event) << line;
    events_.push_back(std::move(*event));
  }

  HostSetup setup() const {
    HostSetup setup;
    setup.signaling_url = url_;
    setup.profile = "fast";
    setup.hold = 300ms;
    setup.deadlines.connect = 8000ms;
    setup.local_addresses = {"127.0.0.1"};
    return setup;
  }
  void begin(const HostSetup& setup) {
    host_->onCommandLine(commandLine(setup));
    ASSERT_TRUE(ready_);
  }
  void order(int call) {
    CallOrder order;
    order.call = call;
    order.room = "room-" + std::to_string(call);
    order.start = now() + 50ms;
    order.seed = static_cast<std::uint64_t>(call) + 1;
    host_->onCommandLine(commandLine(order));
  }
  bool waitFor(std::size_t calls, Duration limit) {
    return loop_.runUntil([&] { return ended_.size() >= calls; }, limit);
  }

  template <class T>
  std::vector<std::pair<Event, T>> all(int call = -2) const {
    std::vector<std::pair<Event, T>> found;
    for (const Event& event : events_) {
      if (const T* body = std::get_if<T>(&event.body); body && (call == -2 || call == event.call))
        found.emplace_back(event, *body);
    }
    return found;
  }

  LoopThread server_thread_{"server"};
  std::unique_ptr<SignalingServer> server_;
  std::string url_;
  Loop loop_;
  std::unique_ptr<BotHost> host_;
  bool ready_ = false, done_ = false, finished_ = false;
  std::vector<int> ended_;
  std::deque<Event> events_;
};

TEST_F(BotHostTest, APairConnectsExchangesMediaAndLeavesCleanly) {
  begin(setup());
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_EQ(all<LinkConnected>().size(), 2u);
  EXPECT_EQ(all<MediaStarted>().size(), 4u);  // audio and video, both ends
  EXPECT_EQ(all<BotLeft>().size(), 2u);
  for (const auto& [event, left] : all<BotLeft>())
    EXPECT_TRUE(left.clean);
  ASSERT_EQ(all<MediaReport>().size(), 4u);
  for (const auto& [event, report] : all<MediaReport>()) {
    EXPECT_GT(report.sent_packets, 0);
    EXPECT_GT(report.received_packets, 0);
    EXPECT_EQ(report.lost_packets, 0);
  }
  for (const auto& [event, pair] : all<PairSelected>()) {
    EXPECT_EQ(pair.local.type, CandidateType::kHost);
    EXPECT_EQ(pair.local.address.rfind("127.0.0.1:", 0), 0u);
  }
}

TEST_F(BotHostTest, AMeshOfFourConnectsEveryPairAtBothEnds) {
  HostSetup mesh = setup();
  mesh.shape.bots = 4;
  begin(mesh);
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_EQ(all<LinkConnected>().size(), 12u);  // 6 pairs, 2 ends
  EXPECT_TRUE(all<LinkFailed>().empty());
  EXPECT_TRUE(all<BotFailed>().empty());
}

TEST_F(BotHostTest, CallsRunSideBySide) {
  begin(setup());
  for (int call = 0; call < 10; call++)
    order(call);
  ASSERT_TRUE(waitFor(10, 30s));
  EXPECT_EQ(all<LinkConnected>().size(), 20u);
}

TEST_F(BotHostTest, ACallWithoutMediaConnectsOverADataChannel) {
  HostSetup quiet = setup();
  quiet.media = MediaProfile{std::nullopt, std::nullopt};
  begin(quiet);
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_EQ(all<LinkConnected>().size(), 2u);
  EXPECT_TRUE(all<MediaStarted>().empty());
}

TEST_F(BotHostTest, WithoutASignalingServerEveryBotSaysSoAndTheCallEnds) {
  begin(setup());
  stopServer();
  order(0);
  ASSERT_TRUE(waitFor(1, 20s));
  ASSERT_EQ(all<BotFailed>().size(), 2u);
  for (const auto& [event, failed] : all<BotFailed>())
    EXPECT_EQ(failed.cause, FailureCause::kSignalingUnreachable);
}

TEST_F(BotHostTest, ASignalingServerThatGoesDoesNotEndAConnectedCall) {
  HostSetup longer = setup();
  longer.hold = 1500ms;
  begin(longer);
  order(0);
  ASSERT_TRUE(loop_.runUntil([&] { return all<MediaStarted>().size() == 4; }, 20s));
  stopServer();
  ASSERT_TRUE(waitFor(1, 20s));
  EXPECT_TRUE(all<LinkFailed>().empty());
  EXPECT_TRUE(all<BotFailed>().empty());
  for (const auto& [event, report] : all<MediaReport>())
    EXPECT_GT(report.received_packets, 10);
}

TEST_F(BotHostTest, StopInterruptsCallsSaysSoAndFinishes) {
  HostSetup longer = setup();
  longer.hold = 60'000ms;
  begin(longer);
  order(0);
  ASSERT_TRUE(loop_.runUntil([&] { return all<LinkConnected>().size() == 2; }, 20s));
  host_->onCommandLine(commandLine(HostStop{3000ms}));
  ASSERT_TRUE(loop_.runUntil([&] { return finished_; }, 10s));
  EXPECT_TRUE(done_);
  EXPECT_EQ(all<BotLeft>().size(), 2u);
}

TEST_F(BotHostTest, TellsItsOwnHealth) {
  begin(setup());
  order(0);
  ASSERT_TRUE(loop_.runUntil([&] { return !all<HostHealth>().empty(); }, 10s));
  EXPECT_GT(all<HostHealth>()[0].second.rss_mb, 1);
  EXPECT_GT(all<HostHealth>()[0].second.cpu_cores, 0);
}

TEST_F(BotHostTest, AnUnknownProfileIsRefusedByName) {
  HostSetup odd = setup();
  odd.profile = "warp";
  host_->onCommandLine(commandLine(odd));
  EXPECT_FALSE(ready_);
}

}  // namespace
}  // namespace turnout
