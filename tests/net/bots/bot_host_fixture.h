// A whole bot host in this process, driven by the lines the orchestrator would send, with a real
// signaling server on a thread of its own and real peer connections on loopback.
#pragma once

#include "bots/host/bot_host.h"
#include "bots/signaling/server/signaling_server.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

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
  void order(int call, std::vector<IceServer> relays = {}) {
    CallOrder order;
    order.call = call;
    order.room = "room-" + std::to_string(call);
    order.start = now() + 50ms;
    order.seed = static_cast<std::uint64_t>(call) + 1;
    order.relay_only = !relays.empty();
    order.servers = std::move(relays);
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

}  // namespace turnout
