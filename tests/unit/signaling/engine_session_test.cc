#include "bots/signaling/server/engine_session.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Transport = EngineSession::Transport;
using Type = EnginePacketType;

// One session with time in the test's hands; what it wants done is written down as text.
class Session {
 public:
  explicit Session(Transport start, EngineSession::Options options = {})
      : machine("sid", start, options, at) {
    machine.open(at, actions);
  }

  std::vector<std::string> taken() {
    std::vector<std::string> texts;
    for (const auto& action : std::exchange(actions, {}))
      texts.push_back(std::visit(
          Overloaded{[](const EngineSession::AnswerPoll& a) { return "poll " + a.body; },
                     [](const EngineSession::SendFrame& a) {
                       return "frame " + encodeEnginePacket(a.packet);
                     },
                     [](const EngineSession::Deliver& a) { return "deliver " + a.packet.data; },
                     [](const EngineSession::DropWebSocket&) { return std::string("drop"); },
                     [](const EngineSession::Closed& a) { return "closed " + a.why; }},
          action));
    return texts;
  }
  bool poll() { return machine.poll(at, actions); }
  bool post(const char* body) { return machine.post(body, at, actions); }
  void frame(const char* text) { machine.frame(*decodeEnginePacket(text), at, actions); }
  void send(const char* text) { machine.send({Type::kMessage, text}, actions); }
  void pass(Duration time) {
    const Instant end = at + time;
    for (; machine.deadline() <= end; machine.onTime(at, actions))
      at = machine.deadline();
    at = end;
  }

  Instant at = fromNs(1'000'000'000);
  EngineSession machine;
  EngineSession::Actions actions;
};

using Texts = std::vector<std::string>;
const std::string kHandshake =
    R"(0{"sid":"sid","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})";
const std::string kWebSocketHandshake =
    R"(0{"sid":"sid","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})";

TEST(EngineSession, WebSocketStartSaysTheHandshakeAtOnce) {
  Session session(Transport::kWebSocket);
  EXPECT_EQ(session.taken(), Texts{"frame " + kWebSocketHandshake});
  session.frame("4hi");
  session.send("there");
  EXPECT_EQ(session.taken(), (Texts{"deliver hi", "frame 4there"}));
}

TEST(EngineSession, PollingStartGivesTheHandshakeToTheFirstPoll) {
  Session session(Transport::kPolling);
  EXPECT_EQ(session.taken(), Texts{});
  EXPECT_TRUE(session.poll());
  EXPECT_EQ(session.taken(), Texts{"poll " + kHandshake});
}

TEST(EngineSession, APollWaitsForSomethingToSayAndGetsAllOfIt) {
  Session session(Transport::kPolling);
  session.poll();
  session.taken();
  session.poll();
  EXPECT_EQ(session.taken(), Texts{});
  session.send("a");
  EXPECT_EQ(session.taken(), Texts{"poll 4a"});
  session.send("b");
  session.send("c");
  session.poll();
  EXPECT_EQ(session.taken(), Texts{"poll 4b\x1e"
                                   "4c"});
}

TEST(EngineSession, AnAnswerStaysWithinThePayloadLimitUnlessOneMessageIsLarger) {
  EngineSession::Options options;
  options.max_payload = 10;
  Session session(Transport::kPolling, options);
  session.poll();
  session.taken();
  for (const char* text : {"aaaa", "bbbb", "0123456789abcdef", "c"})
    session.send(text);
  Texts answers;
  while (answers.size() < 4 && session.poll())
    for (const auto& text : session.taken())
      answers.push_back(text);
  EXPECT_EQ(answers, (Texts{"poll 4aaaa", "poll 4bbbb", "poll 40123456789abcdef", "poll 4c"}));
}

TEST(EngineSession, APostIsDeliveredInOrder) {
  Session session(Transport::kPolling);
  EXPECT_TRUE(
      session.post("4a\x1e"
                   "4b"));
  EXPECT_EQ(session.taken(), (Texts{"deliver a", "deliver b"}));
}

TEST(EngineSession, AMalformedPostCloses) {
  Session session(Transport::kPolling);
  EXPECT_FALSE(session.post("4a\x1e"));
  EXPECT_EQ(session.taken(), Texts{"closed engine.io: empty packet"});
}

TEST(EngineSession, TwoPollsAtOnceClose) {
  Session session(Transport::kPolling);
  session.poll();
  session.poll();
  session.taken();
  EXPECT_FALSE(session.poll());
  EXPECT_EQ(session.taken(), (Texts{"poll 1", "closed two polls at once"}));
}

TEST(EngineSession, UpgradeReleasesTheWaitingPollAndMovesWhatIsLeft) {
  Session session(Transport::kPolling);
  session.poll();
  session.poll();
  session.taken();
  EXPECT_TRUE(session.machine.offerWebSocket(session.at));
  session.frame("2probe");
  EXPECT_EQ(session.taken(), (Texts{"frame 3probe", "poll 6"}));
  session.send("between");
  EXPECT_EQ(session.taken(), Texts{}) << "neither transport may take it now";
  session.frame("5");
  session.send("after");
  EXPECT_EQ(session.taken(), (Texts{"frame 4between", "frame 4after"}));
  EXPECT_FALSE(session.poll());
  EXPECT_FALSE(session.post("4x"));
}

TEST(EngineSession, APollThatComesWhileProbingWaitsATenthOfASecond) {
  Session session(Transport::kPolling);
  session.poll();
  session.machine.offerWebSocket(session.at);
  session.frame("2probe");
  session.taken();
  session.poll();
  session.pass(99ms);
  EXPECT_EQ(session.taken(), Texts{});
  session.pass(1ms);
  EXPECT_EQ(session.taken(), Texts{"poll 6"});
}

TEST(EngineSession, AFailedProbeLeavesPollingAsItWas) {
  for (const char* wrong : {"4hello", "2", "5", "1"}) {
    Session session(Transport::kPolling);
    session.poll();
    session.taken();
    session.machine.offerWebSocket(session.at);
    session.frame(wrong);
    EXPECT_EQ(session.taken(), Texts{"drop"}) << wrong;
    session.send("a");
    session.poll();
    EXPECT_EQ(session.taken(), Texts{"poll 4a"}) << wrong;
    EXPECT_TRUE(session.machine.offerWebSocket(session.at)) << "another try is allowed";
  }
}

TEST(EngineSession, AProbeThatStallsIsDroppedInTime) {
  Session session(Transport::kPolling);
  session.poll();
  session.taken();
  session.machine.offerWebSocket(session.at);
  session.pass(10s);
  EXPECT_EQ(session.taken(), Texts{"drop"});
}

TEST(EngineSession, ASecondWebSocketIsRefused) {
  Session session(Transport::kPolling);
  EXPECT_TRUE(session.machine.offerWebSocket(session.at));
  EXPECT_FALSE(session.machine.offerWebSocket(session.at));
  Session other(Transport::kWebSocket);
  EXPECT_FALSE(other.machine.offerWebSocket(other.at));
}

TEST(EngineSession, PingsGoOutAndPongsKeepItAlive) {
  Session session(Transport::kWebSocket);
  session.frame("4hi");
  session.taken();
  for (int i = 0; i < 3; i++) {
    session.pass(25s);
    EXPECT_EQ(session.taken(), Texts{"frame 2"});
    session.pass(19s);
    session.frame("3");
  }
  EXPECT_FALSE(session.machine.isClosed());
}

TEST(EngineSession, APingWithoutPongCloses) {
  Session session(Transport::kWebSocket);
  session.frame("4hi");
  session.taken();
  session.pass(25s);
  session.frame("4still talking");
  session.taken();
  session.pass(20s);
  EXPECT_EQ(session.taken(), (Texts{"drop", "closed ping timeout"}));
  EXPECT_EQ(session.machine.deadline(), Instant::max());
}

TEST(EngineSession, AClientThatNeverSpeaksIsClosed) {
  EngineSession::Options options;
  options.first_message_timeout = 3s;
  Session session(Transport::kWebSocket, options);
  session.taken();
  session.pass(3s);
  EXPECT_EQ(session.taken(), (Texts{"drop", "closed nothing said"}));
}

TEST(EngineSession, AClientThatDoesNotReadIsClosed) {
  EngineSession::Options options;
  options.max_unread = 300;
  Session session(Transport::kWebSocket, options);
  const std::string big(100, 'x');
  session.send(big.c_str());
  session.taken();
  session.send(big.c_str());
  session.send(big.c_str());
  EXPECT_EQ(session.taken().back(), "closed client does not read");
}

TEST(EngineSession, APongProvesThatWhatWasSentBeforeThePingWasRead) {
  EngineSession::Options options;
  options.max_unread = 500;
  Session session(Transport::kWebSocket, options);
  const std::string big(200, 'x');
  session.frame("4hi");
  session.send(big.c_str());
  session.pass(25s);
  session.send(big.c_str());
  session.frame("3");
  session.send(big.c_str());
  EXPECT_FALSE(session.machine.isClosed()) << "only the last two are unread";
  session.send(big.c_str());
  EXPECT_TRUE(session.machine.isClosed());
}

TEST(EngineSession, PacketsOnlyAServerMaySendClose) {
  for (const char* text : {"0{}", "2", "5", "6"}) {
    Session session(Transport::kWebSocket);
    session.taken();
    session.frame(text);
    EXPECT_EQ(session.taken(), (Texts{"drop", "closed packet out of place"})) << text;
  }
}

TEST(EngineSession, NothingComesAfterTheEnd) {
  Session session(Transport::kWebSocket);
  session.frame("1");
  EXPECT_EQ(session.taken().back(), "closed client closed");
  session.frame("4late");
  session.send("late");
  session.machine.webSocketGone(session.actions);
  session.machine.malformedFrame(session.actions);
  session.machine.close("again", session.actions);
  session.machine.onTime(session.at + 1h, session.actions);
  EXPECT_FALSE(session.poll());
  EXPECT_FALSE(session.post("4x"));
  EXPECT_EQ(session.taken(), Texts{});
}

}  // namespace
}  // namespace turnout
