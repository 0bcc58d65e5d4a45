// What goes wrong in the field: full rooms, vanishing servers and clients, sockets that stall,
// words against the protocol, crowds.
#include "bots/signaling/client/socket_io_client.h"
#include "bots/signaling/server/signaling_server.h"
#include "tests/net/signaling/guest.h"
#include "tests/net/signaling/raw_socket.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Start = EngineStart;

class RoughWeather : public testing::Test {
 protected:
  void serve(SignalingServerOptions options = {}) {
    auto started = SignalingServer::start(loop_, std::move(options));
    ASSERT_TRUE(started) << started.error().what;
    server_ = *std::move(started);
  }
  std::unique_ptr<Guest> guest(const std::string& room, const std::string& user,
                               Start start = Start::kWebSocket) {
    return std::make_unique<Guest>(loop_, server_->url(), room, user, start);
  }
  void turnLoop(int times) {
    loop_.runUntil([times]() mutable { return times-- <= 0; }, 10ms);
  }
  bool waitUntil(const std::function<bool()>& done) {
    // Raw sockets are not on the loop: look at them now and then.
    const Timer tick = loop_.every(2ms, [] {});
    return loop_.runUntil(done, 10s);
  }
  template <class T>
  bool waitFor(const Guest& guest, std::size_t count = 1) {
    return waitUntil([&] { return guest.all<T>().size() >= count; });
  }

  Loop loop_;
  std::unique_ptr<SignalingServer> server_;
};

TEST_F(RoughWeather, EveryoneInARoomKnowsEveryoneAndOneTooManyIsRefused) {
  for (const std::size_t size : {3u, 8u}) {
    SignalingServerOptions options;
    options.app.room_capacity = size;
    serve(options);
    std::vector<std::unique_ptr<Guest>> guests;
    for (std::size_t i = 0; i < size; i++) {
      guests.push_back(guest("r", "user" + std::to_string(i)));
      ASSERT_TRUE(waitFor<SignalJoined>(*guests.back()));
      EXPECT_EQ(guests.back()->all<SignalJoined>()[0].peers.size(), i);
    }
    for (std::size_t i = 0; i < size; i++)
      EXPECT_TRUE(waitFor<SignalPeerJoined>(*guests[i], size - 1 - i));
    const auto late = guest("r", "late");
    ASSERT_TRUE(waitFor<SignalRefused>(*late));
    EXPECT_EQ(late->all<SignalRefused>()[0].error, "room_full");
    guests[0].reset();
    for (std::size_t i = 1; i < size; i++)
      EXPECT_TRUE(waitFor<SignalPeerLeft>(*guests[i]));
  }
}

TEST_F(RoughWeather, AGoodbyeReachesTheServerWhateverItGoesOver) {
  serve();
  for (const Start start : {Start::kWebSocket, Start::kPolling, Start::kPollingThenUpgrade}) {
    const std::string room = "r" + std::to_string(static_cast<int>(start));
    const auto ann = guest(room, "ann" + room), ben = guest(room, "ben" + room, start);
    ASSERT_TRUE(waitFor<SignalPeerJoined>(*ann));
    ben->client->leave();  // and what was said before the goodbye as well
    ben->client->sayGoodbye();
    ASSERT_TRUE(waitFor<SignalDown>(*ben));
    EXPECT_TRUE(waitFor<SignalPeerLeft>(*ann));
    EXPECT_TRUE(waitUntil([&] { return server_->stats().sessions == 1; }));
    EXPECT_EQ(ben->all<SignalDown>().size(), 1u);
    ann->client->sayGoodbye();
    ASSERT_TRUE(waitFor<SignalDown>(*ann));
  }
}

TEST_F(RoughWeather, AClientMayBeDestroyedAtAnyMoment) {
  SignalingServerOptions options;  // between two polls only a ping can tell
  options.engine.session.ping_interval = 100ms;
  options.engine.session.ping_timeout = 100ms;
  serve(options);
  for (const Start start : {Start::kWebSocket, Start::kPollingThenUpgrade}) {
    for (int turns = 0; turns < 60; turns++) {
      auto guest = this->guest("r" + std::to_string(turns), "ann", start);
      turnLoop(turns);
      guest.reset();
    }
  }
  EXPECT_TRUE(waitUntil([&] { return server_->stats().sessions == 0; }));
  EXPECT_EQ(server_->stats().census.rooms, 0u);
}

TEST_F(RoughWeather, AClientMayBeDestroyedInsideItsOwnEvent) {
  serve();
  std::unique_ptr<SignalingClient> client;
  bool connected = false;
  client = SignalingClient::connect(loop_, {.url = server_->url()}, [&](const SignalEvent&) {
    client.reset();
    connected = true;
  });
  EXPECT_TRUE(waitUntil([&] { return connected && server_->stats().sessions == 0; }));
}

TEST_F(RoughWeather, TheServerMayBeDestroyedAtAnyMoment) {
  for (int turns = 0; turns < 40; turns++) {
    serve();
    const auto ann = guest("r", "ann", Start::kWebSocket);
    const auto ben = guest("r", "ben", Start::kPollingThenUpgrade);
    turnLoop(turns);
    server_.reset();
    EXPECT_TRUE(waitFor<SignalDown>(*ann)) << turns;
    EXPECT_TRUE(waitFor<SignalDown>(*ben)) << turns;
  }
}

TEST_F(RoughWeather, NoServerIsDownAtOnce) {
  serve();
  const std::string url = server_->url();
  server_.reset();
  for (const Start start : {Start::kWebSocket, Start::kPollingThenUpgrade}) {
    const Guest ann(loop_, url, "r", "ann", start);
    ASSERT_TRUE(waitFor<SignalDown>(ann));
    EXPECT_FALSE(ann.has<SignalConnected>());
    EXPECT_NE(ann.all<SignalDown>()[0].what, "");
  }
}

TEST_F(RoughWeather, AUrlThatIsNoneIsDownWithAReason) {
  for (const char* url : {"", "nonsense", "ftp://127.0.0.1:1", "http://", "http://127.0.0.1:1/path",
                          "http://127.0.0.1:99999"}) {
    const Guest ann(loop_, url, "r", "ann");
    ASSERT_TRUE(waitFor<SignalDown>(ann)) << url;
    EXPECT_NE(ann.all<SignalDown>()[0].what, "") << url;
  }
}

TEST_F(RoughWeather, AServerThatNeverAnswersIsDownAfterTheTimeout) {
  // Connections wait in the backlog of a listener whose loop does not run.
  Loop asleep;
  auto deaf = SignalingServer::start(asleep);
  ASSERT_TRUE(deaf);
  SocketIoClient::Options options;
  options.engine.url = (*deaf)->url();
  options.timeout = 100ms;
  std::string why;
  const SocketIoClient client(loop_, options, [&](const SocketIoClient::Event& event) {
    why = std::get<SocketIoClient::Disconnected>(event.body).why;
  });
  EXPECT_TRUE(waitUntil([&] { return !why.empty(); }));
  EXPECT_EQ(why, "no connection in time");
}

TEST_F(RoughWeather, AWebSocketThatAnswersNoPingIsTakenOutOfItsRoom) {
  SignalingServerOptions options;
  options.engine.session.ping_interval = 100ms;
  options.engine.session.ping_timeout = 100ms;
  serve(options);
  const auto ann = guest("r", "ann");
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  RawSocket stalled(server_->port());
  stalled.send(
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nUpgrade: "
      "websocket\r\n"
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
  // 40, then an event, masked with zeros.
  stalled.send(std::string("\x81\x82\0\0\0\0", 6) + "40");
  const std::string join = R"(42["join",{"room":"r","user":"ghost"}])";
  stalled.send(std::string("\x81", 1) + static_cast<char>(0x80 | join.size()) +
               std::string(4, '\0') + join);
  ASSERT_TRUE(waitFor<SignalPeerJoined>(*ann)) << stalled.received();
  ASSERT_TRUE(waitFor<SignalPeerLeft>(*ann));
  EXPECT_FALSE(ann->has<SignalDown>());
}

TEST_F(RoughWeather, SocketsThatSayNothingOrHalfAreNobodysTrouble) {
  serve();
  std::vector<RawSocket> idle;
  for (int i = 0; i < 50; i++) {
    idle.emplace_back(server_->port());
    idle.back().send(i % 2 ? "" : "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nContent-");
  }
  const auto ann = guest("r", "ann");
  EXPECT_TRUE(waitFor<SignalJoined>(*ann));
  EXPECT_EQ(server_->stats().sessions, 1u);
}

TEST_F(RoughWeather, RequestsAgainstTheProtocolAreAnsweredInItsWords) {
  SignalingServerOptions options;
  options.engine.session.max_payload = 1000;
  serve(options);
  struct Row {
    const char* request;  // line and headers
    const char* status;
    const char* body;
  };
  for (const Row& row : {
           Row{"GET /socket.io/", "400", R"("code":5)"},
           Row{"GET /socket.io/?EIO=3&transport=polling", "400", R"("code":5)"},
           Row{"GET /socket.io/?EIO=4", "400", R"("code":0)"},
           Row{"GET /socket.io/?EIO=4&transport=pigeon", "400", R"("code":0)"},
           Row{"GET /socket.io/?EIO=4&transport=polling&sid=nobody", "400", R"("code":1)"},
           Row{"GET /socket.io/?EIO=4&transport=websocket&sid=nobody", "400", R"("code":1)"},
           Row{"POST /socket.io/?EIO=4&transport=polling", "400", R"("code":2)"},
           Row{"GET /socket.io/?EIO=4&transport=websocket", "400", ""},
           Row{"GET /elsewhere", "404", ""},
       }) {
    RawSocket raw(server_->port());
    raw.send(std::string(row.request) +
             " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n");
    EXPECT_TRUE(waitUntil([&] {
      const std::string got = raw.received();
      return got.find(std::string("HTTP/1.1 ") + row.status) == 0 &&
             got.find(row.body) != std::string::npos;
    })) << row.request
        << "\n"
        << raw.received();
  }
  for (const char* body :
       {"Content-Length: 1001", "Content-Length: 999999999999", "Transfer-Encoding: chunked"}) {
    RawSocket raw(server_->port());
    raw.send(
        std::string("POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: localhost\r\n"
                    "Expect: 100-continue\r\n") +
        body + "\r\n\r\n");
    EXPECT_TRUE(waitUntil([&] { return raw.received().find("HTTP/1.1 413") == 0; })) << body;
  }
  EXPECT_EQ(server_->stats().sessions, 0u);
}

TEST_F(RoughWeather, MessagesAgainstTheProtocolCloseTheirSenderOnly) {
  serve();
  const auto ann = guest("r", "ann");
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  for (const auto start : {EngineStart::kWebSocket, EngineStart::kPollingThenUpgrade}) {
    for (const EnginePacket& packet :
         {EnginePacket{EnginePacketType::kMessage, "nonsense"},
          EnginePacket{EnginePacketType::kMessage, "2[\"join\"]"},
          EnginePacket{EnginePacketType::kMessage, "0" + std::string(500, '[')},
          EnginePacket{EnginePacketType::kOpen, ""}}) {
      bool closed = false;
      std::shared_ptr<EngineClient> client;
      EngineClient::Handlers handlers;
      handlers.on_open = [&] { loop_.post([&] { client->send(packet); }); };
      handlers.on_message = [](const EnginePacket&) {};
      handlers.on_close = [&](const std::string&) { closed = true; };
      client = EngineClient::open(loop_, {.url = server_->url(), .start = start}, handlers);
      EXPECT_TRUE(waitUntil([&] { return closed; })) << packet.data;
    }
  }
  EXPECT_TRUE(waitUntil([&] { return server_->stats().sessions == 1; }));
  EXPECT_FALSE(ann->has<SignalDown>());
}

TEST_F(RoughWeather, AMessageOverTheLimitClosesItsSenderOnly) {
  serve();
  for (const Start start : {Start::kWebSocket, Start::kPollingThenUpgrade}) {
    const auto ann = guest("r", "ann");
    ASSERT_TRUE(waitFor<SignalJoined>(*ann));
    const auto ben = guest("r", "ben", start);
    ASSERT_TRUE(waitFor<SignalJoined>(*ben));
    ben->client->sendDescription(ann->id(), 1, "offer", std::string(1'500'000, 'x'));
    EXPECT_TRUE(waitFor<SignalDown>(*ben));
    EXPECT_TRUE(waitFor<SignalPeerLeft>(*ann));
    EXPECT_FALSE(ann->has<SignalDown>());
    EXPECT_FALSE(ann->has<SignalDescription>());
  }
}

TEST_F(RoughWeather, AFullServerRefusesTheNext) {
  SignalingServerOptions options;
  options.engine.max_sessions = 2;
  serve(options);
  const auto ann = guest("r", "ann");
  const auto ben = guest("r", "ben", Start::kPollingThenUpgrade);
  ASSERT_TRUE(waitFor<SignalJoined>(*ann));
  ASSERT_TRUE(waitFor<SignalJoined>(*ben));
  for (const Start start : {Start::kWebSocket, Start::kPollingThenUpgrade}) {
    const auto cat = guest("r", "cat", start);
    EXPECT_TRUE(waitFor<SignalDown>(*cat));
  }
}

TEST_F(RoughWeather, ListeningOnATakenPortIsAnErrorThatNamesIt) {
  serve();
  SignalingServerOptions options;
  options.engine.port = server_->port();
  const auto second = SignalingServer::start(loop_, options);
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().what.find(std::to_string(server_->port())), std::string::npos);
  options.engine.address = "not an address";
  EXPECT_FALSE(SignalingServer::start(loop_, options));
}

TEST_F(RoughWeather, FiveHundredClientsJoinAtOnce) {
  constexpr std::size_t kClients = 500;
  serve();
  std::vector<std::unique_ptr<Guest>> guests;
  for (std::size_t i = 0; i < kClients; i++)
    guests.push_back(guest("room" + std::to_string(i / 2), "user" + std::to_string(i),
                           i % 4 < 2 ? Start::kWebSocket : Start::kPollingThenUpgrade));
  const auto all_joined = [&] {
    return std::all_of(guests.begin(), guests.end(),
                       [](const auto& one) { return one->template has<SignalJoined>(); });
  };
  EXPECT_TRUE(loop_.runUntil(all_joined, 60s));  // a sanitizer on a busy machine takes ten
  EXPECT_EQ(server_->stats().census.rooms, kClients / 2);
  guests.clear();
  EXPECT_TRUE(waitUntil([&] { return server_->stats().sessions == 0; }));
}

}  // namespace
}  // namespace turnout
