// A whole bot host in this process, driven by the lines the orchestrator would send, with a real
// signaling server on a thread of its own and real peer connections on loopback.
#pragma once

#include "bots/host/bot_host.h"
#include "bots/signaling/server/signaling_server.h"
#include "bots/timeline/media_loss.h"
#include "orchestrator/run/running_call.h"
#include "scenarios/load.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {

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
      if (const auto* bot = std::get_if<BotReport>(&*report))
        onBotReport(*bot);
      if (const auto* failed = std::get_if<HostFailed>(&*report))
        failure_ = failed->error;
      ready_ = ready_ || std::holds_alternative<HostIsReady>(*report);
      done_ = done_ || std::holds_alternative<HostIsDone>(*report);
      return;
    }
    auto event = parseEventLine(line);
    ASSERT_TRUE(event) << line;
    events_.push_back(std::move(*event));
  }

  // As the orchestrator does for the bots of a call.
  void onBotReport(const BotReport& report) {
    RunningCall& call = running_.at(report.call);
    call.onReport(report);
    for (const HostCommand& command : call.takeCommands())
      loop_.post([this, line = commandLine(command)] { host_->onCommandLine(line); });
    if (call.isOver())
      ended_.push_back(report.call);
  }

  // `sections`: of a scenario, each with a comma behind it.
  void begin(const std::string& sections = R"("calls": {"hold_ms": 300},)") {
    const std::string text = "{" + sections + R"("name": "t", "deadlines": {"connect_ms": 8000}})";
    const ScenarioLoad load = parseScenario(text);
    ASSERT_TRUE(std::holds_alternative<LoadedScenario>(load)) << text;
    scenario_ = std::get<LoadedScenario>(load).scenario;
    host_->onCommandLine(commandLine(
        HostSetup{.signaling_url = url_, .local_addresses = {"127.0.0.1"}, .scenario = text}));
    ASSERT_TRUE(ready_);
  }
  void order(int call, std::vector<IceServer> relays = {}) {
    const int bots = scenario_.shape.bots;
    running_.emplace(call, RunningCall(call, bots, scenario_.hold));
    BotOrder order{.call = call,
                   .room = "room-" + std::to_string(call),
                   .pool = {},
                   .start = now() + 50ms,
                   .seed = static_cast<std::uint64_t>(call) + 1,
                   .relay_only = !relays.empty(),
                   .servers = std::move(relays)};
    for (order.bot = 0; order.bot < bots; order.bot++)
      host_->onCommandLine(commandLine(order));
  }
  // Of the way from bot `from` to the other of two, in call 0.
  MediaLoss lossFrom(int from, MediaKind kind) const {
    MediaReport sender, receiver;
    Instant receiver_end;
    for (const auto& [event, report] : all<MediaReport>()) {
      if (report.kind != kind)
        continue;
      if (event.bot == from) {
        sender = report;
      } else {
        receiver = report;
        receiver_end = event.at;
      }
    }
    const auto loss = mediaLossOf(sender, receiver, receiver_end);
    EXPECT_TRUE(loss) << toString(kind) << " from bot " << from;
    return loss.value_or(MediaLoss{});
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
  Error failure_;
  bool ready_ = false, done_ = false, finished_ = false;
  Scenario scenario_;
  std::map<int, RunningCall> running_;
  std::vector<int> ended_;
  std::deque<Event> events_;
};

}  // namespace turnout
