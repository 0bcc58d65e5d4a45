// What strangers do to a server: each attack costs its sender the connection and us next to
// nothing; somebody else notices nothing of it.
#include "tests/net/signaling_app/server_test.h"

#include <gmock/gmock.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

// A frame as a client sends it, masked with zeros (RFC 6455, 5.2).
std::string frame(int first_byte, const std::string& payload) {
  std::string out(1, static_cast<char>(first_byte));
  if (payload.size() < 126) {
    out += static_cast<char>(0x80 | payload.size());
  } else if (payload.size() < 65536) {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size() & 0xff);
  } else {
    out += static_cast<char>(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8)
      out += static_cast<char>(payload.size() >> shift & 0xff);
  }
  return out + std::string(4, '\0') + payload;
}
constexpr int kLast = 0x80, kText = 1, kContinuation = 0, kPing = 9;

class Attacks : public ServerTest {
 protected:
  void serveWithToken() {
    SignalingServerOptions options;
    options.token = Secret("open sesame");
    serve(options);
  }
  std::unique_ptr<RawSocket> webSocket() {
    auto socket = std::make_unique<RawSocket>(server_->port());
    socket->send(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    EXPECT_TRUE(hears(*socket, "\"sid\""));
    return socket;
  }
  // One that is inside.
  std::unique_ptr<RawSocket> guest() {
    auto socket = webSocket();
    socket->send(frame(kLast | kText, "40"));
    EXPECT_TRUE(hears(*socket, "40{\"sid\""));
    return socket;
  }
  bool hears(RawSocket& socket, const std::string& words) {
    return eventually(
        [&] { return socket.isClosed() || socket.received().find(words) != std::string::npos; });
  }
  // Sends until the server has had enough; how many bytes that took.
  std::size_t sendUntilClosed(RawSocket& socket, const std::string& bytes, std::size_t most) {
    std::size_t sent = 0;
    while (sent < most && !socket.isClosed()) {
      socket.send(bytes);
      sent += bytes.size();
      loop_.runUntil([&] { return socket.isClosed(); }, 5ms);
    }
    EXPECT_TRUE(eventually([&] { return socket.isClosed(); }));
    return sent;
  }
  std::string polled(const std::string& headers = "") {
    return get("/socket.io/?EIO=4&transport=polling", headers);
  }
};

TEST_F(Attacks, FragmentsWithoutEndAreCutAtTheSizeOfAMessage) {
  serve();
  const auto other = caller();
  auto loud = guest();
  loud->send(frame(kText, "4"));
  EXPECT_LT(sendUntilClosed(*loud, frame(kContinuation, std::string(100'000, 'a')), 40'000'000),
            4'000'000u);
  EXPECT_TRUE(other->ask("leave").boolOr("ok", false));
  EXPECT_EQ(server_->stats().engine.too_large, 1u);
}

TEST_F(Attacks, WhoHasNotComeInYetMaySayLittle) {
  serveWithToken();
  auto stranger = webSocket();
  stranger->send(frame(kText, "4"));
  EXPECT_LT(sendUntilClosed(*stranger, frame(kContinuation, std::string(4'000, 'a')), 4'000'000),
            200'000u);
  const auto post = polled();
  const auto sid = post.substr(post.find("\"sid\":\"") + 7, 36);
  RawSocket big(server_->port());
  big.send("POST /socket.io/?EIO=4&transport=polling&sid=" + sid +
           " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 100000\r\n\r\n" +
           std::string(100'000, 'x'));
  ASSERT_TRUE(eventually([&] { return big.isClosed(); }));
  EXPECT_THAT(big.received(), StartsWith("HTTP/1.1 413"));
}

TEST_F(Attacks, PingsThatNobodyReadsTheAnswersOfAreFew) {
  serve();
  const auto other = caller();
  auto loud = guest();
  std::string pings;
  for (int i = 0; i < 100; i++)
    pings += frame(kLast | kPing, std::string(125, 'a'));
  EXPECT_LT(sendUntilClosed(*loud, pings, 40'000'000), 4'000'000u);
  EXPECT_TRUE(other->ask("leave").boolOr("ok", false));
  EXPECT_EQ(server_->stats().engine.floods, 1u);
}

TEST_F(Attacks, AnAcknowledgementThatNobodyAskedForEndsTheConnection) {
  serve();
  auto odd = guest();
  odd->send(frame(kLast | kText, "430[]"));
  EXPECT_TRUE(eventually([&] { return server_->stats().broken_connections == 1; }));
  EXPECT_EQ(server_->stats().sessions, 0u);
}

TEST_F(Attacks, BytesAreBoundedForEachConnection) {
  SignalingServerOptions options;
  options.engine.burst_bytes = 100'000;
  options.engine.bytes_per_s = 1'000;
  serve(options);
  const auto other = caller();
  auto loud = guest();
  EXPECT_LT(sendUntilClosed(
                *loud, frame(kLast | kText, "42[\"leave\",\"" + std::string(5'000, 'x') + "\"]"),
                4'000'000),
            1'000'000u);
  EXPECT_TRUE(other->ask("leave").boolOr("ok", false));
}

TEST_F(Attacks, BodiesThatNeverEndHaveACommonBound) {
  SignalingServerOptions options;
  options.engine.http.bodies = 50'000;
  serve(options);
  std::vector<std::unique_ptr<RawSocket>> half;
  for (int i = 0; i < 4; i++) {
    half.push_back(std::make_unique<RawSocket>(server_->port()));
    half.back()->send(
        "POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16000\r\n\r\nx");
  }
  ASSERT_TRUE(eventually([&] { return server_->stats().engine.http.bodies_refused == 1; }));
  half.clear();
  caller();
}

TEST_F(Attacks, WhoSendsNoRequestIsNotKept) {
  SignalingServerOptions options;
  options.engine.http = {.first_request = 100ms, .next_request = 100ms};
  serve(options);
  const auto inside = guest();
  RawSocket silent(server_->port()), slow(server_->port()), idle(server_->port());
  slow.send("GET / HTTP/1.1\r\nHost: loc");
  idle.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return silent.isClosed() && slow.isClosed() && idle.isClosed(); }))
      << silent.isClosed() << slow.isClosed() << idle.isClosed();
  EXPECT_THAT(idle.received(), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(server_->stats().engine.http.slow_requests, 3u);
  EXPECT_FALSE(inside->isClosed()) << "a WebSocket is no request that is late";
}

TEST_F(Attacks, GuessedTokensCloseTheConnectionAndBarTheAddress) {
  serveWithToken();
  for (int i = 0; i < 7; i++) {
    auto guesser = std::make_unique<RawSocket>(server_->port());
    guesser->send(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\n"
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    hears(*guesser, "\"sid\"");
    for (int guess = 0; guess < 4; guess++)
      guesser->send(frame(kLast | kText, "40{\"token\":\"guess\"}"));
    const auto three_more = static_cast<std::uint64_t>(3 * (i + 1));
    EXPECT_TRUE(eventually([&] { return server_->stats().bad_tokens == three_more; }));
  }
  EXPECT_EQ(server_->stats().bad_tokens, 21u);
  EXPECT_THAT(polled(), StartsWith("HTTP/1.1 429"));
}

TEST_F(Attacks, SessionsWithoutATokenAreFew) {
  serveWithToken();
  std::size_t in = 0;
  for (int i = 0; i < 70; i++)
    in += polled().starts_with("HTTP/1.1 200") ? 1 : 0;
  EXPECT_EQ(in, 64u);
  EXPECT_GE(server_->stats().engine.unconfirmed, 6u);
}

TEST_F(Attacks, ALoopbackServerIsForThisMachineOnly) {
  SignalingServerOptions options;
  options.engine.admission.origins = {"https://app.example"};
  serve(options);
  const auto answerTo = [&](const std::string& path, const std::string& host) {
    RawSocket socket(server_->port());
    socket.send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(eventually([&] { return socket.isClosed(); }));
    return socket.received().substr(0, 12);
  };
  for (const char* path :
       {"/", "/metrics", "/page/main.js", "/socket.io/?EIO=4&transport=polling"}) {
    EXPECT_EQ(answerTo(path, "evil.example"), "HTTP/1.1 421") << path;
    EXPECT_EQ(answerTo(path, "localhost:80"), "HTTP/1.1 200") << path;
    EXPECT_EQ(answerTo(path, "[::1]"), "HTTP/1.1 200") << path;
    EXPECT_EQ(answerTo(path, "app.example"), "HTTP/1.1 200") << path << " through its proxy";
  }
}

TEST_F(Attacks, PagesOfListedOriginsMayPoll) {
  SignalingServerOptions options;
  options.engine.admission.origins = {"https://app.example"};
  serve(options);
  const auto answer = polled("Origin: https://app.example\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Origin: https://app.example\r\n"));
  EXPECT_THAT(answer, HasSubstr("Access-Control-Allow-Credentials: true\r\n"));
  EXPECT_THAT(polled("Origin: https://evil.example\r\n"), Not(HasSubstr("Access-Control")));
}

}  // namespace
}  // namespace turnout
