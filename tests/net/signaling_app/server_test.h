// A signaling server on a free port and its clients, all on one loop.
#pragma once

#include "bots/signaling/server/signaling_server.h"
#include "tests/net/signaling/raw_socket.h"
#include "tests/net/signaling_app/caller.h"

namespace turnout {

class ServerTest : public testing::Test {
 protected:
  void serve(SignalingServerOptions options = {}) {
    server_.reset();
    auto started = SignalingServer::start(loop_, std::move(options));
    ASSERT_TRUE(started) << started.error().what;
    server_ = *std::move(started);
  }
  std::unique_ptr<Caller> caller(const std::string& auth = "") {
    auto caller = std::make_unique<Caller>(loop_, server_->url(), auth);
    EXPECT_TRUE(caller->isIn());
    return caller;
  }
  std::unique_ptr<Caller> named(const std::string& user) {
    auto one = caller();
    EXPECT_TRUE(one->ask("register", R"({"user":")" + user + R"("})").boolOr("ok", false));
    return one;
  }
  // One HTTP request: status line, headers and body of the answer.
  std::string get(const std::string& path, const std::string& header = "") {
    RawSocket socket(server_->port());
    socket.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + header +
                "\r\n");
    EXPECT_TRUE(loop_.runUntil([&] { return socket.isClosed(); }, 5s));
    return socket.received();
  }
  bool eventually(const std::function<bool()>& holds) { return loop_.runUntil(holds, 5s); }

  Loop loop_;
  std::unique_ptr<SignalingServer> server_;
};

}  // namespace turnout
