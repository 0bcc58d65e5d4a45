#include "bots/signaling/server/socket_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

std::string say(SocketSession& session, const char* text) {
  std::string said;
  for (const auto& action : session.take({EnginePacketType::kMessage, text}))
    said += std::visit(
        Overloaded{[](const SocketSession::Reply& a) { return "reply " + a.text; },
                   [](const SocketSession::Entered&) { return std::string(" entered"); },
                   [](const SocketSession::Refused&) { return std::string(" refused"); },
                   [](const SocketSession::Event& a) { return "event " + a.packet.eventName(); },
                   [](const SocketSession::Left&) { return std::string("left"); },
                   [](const SocketSession::Broken& a) { return "broken " + a.why; }},
        action);
  return said;
}

TEST(SocketSession, EntersTheMainNamespaceAndLeavesIt) {
  SocketSession session("id1");
  EXPECT_EQ(say(session, "0"), R"(reply 0{"sid":"id1"} entered)");
  EXPECT_EQ(say(session, R"(2["join",{}])"), "event join");
  EXPECT_EQ(say(session, "1"), "left");
  EXPECT_EQ(say(session, R"(0{"token":"x"})"), R"(reply 0{"sid":"id1"} entered)") << "again";
}

TEST(SocketSession, AServerWithATokenLetsInOnlyWhoSendsIt) {
  SocketSession session("id1", Secret("open sesame"));
  const std::string refused = R"(reply 4{"message":"bad_token"} refused)";
  EXPECT_EQ(say(session, "0"), refused);
  EXPECT_EQ(say(session, R"(0{"token":"open"})"), refused);
  EXPECT_EQ(say(session, R"(0{"token":"open sesame"})"), R"(reply 0{"sid":"id1"} entered)");
}

TEST(SocketSession, OneConnectionHasThreeGuesses) {
  SocketSession session("id1", Secret("open sesame"));
  say(session, "0");
  say(session, R"(0{"token":7})");
  EXPECT_THAT(say(session, R"(0{"token":"open"})"), testing::HasSubstr("refusedbroken"));
}

TEST(SocketSession, WhoWasRefusedIsNotInside) {
  SocketSession session("id1", Secret("open sesame"));
  say(session, "0");
  EXPECT_EQ(say(session, R"(2["join",{}])").substr(0, 6), "broken");
}

TEST(SocketSession, OtherNamespacesDoNotExist) {
  SocketSession session("id1");
  EXPECT_EQ(say(session, "0/chat,"), R"(reply 4/chat,{"message":"Invalid namespace"})");
  EXPECT_EQ(say(session, R"(2/chat,["join"])").substr(0, 6), "broken");
}

TEST(SocketSession, SpeakingOutOfTurnBreaksTheConnection) {
  struct Row {
    const char* first;  // "" for none
    const char* then;
  };
  for (const Row& row : {
           Row{"", R"(2["join"])"},          // before entering
           Row{"", "1"},                     // leaving before entering
           Row{"0", "0"},                    // entering twice
           Row{"0", R"(4{"message":"x"})"},  // a server's word
           Row{"0", "nonsense"},             //
           Row{"0", "2[1]"},                 // an event without a name
       }) {
    SocketSession session("id1");
    if (*row.first)
      say(session, row.first);
    EXPECT_EQ(say(session, row.then).substr(0, 6), "broken") << row.then;
  }
}

TEST(SocketSession, AnAckNobodyAskedForBreaksTheConnection) {
  SocketSession session("id1");
  say(session, "0");
  EXPECT_EQ(say(session, "37[1]").substr(0, 6), "broken");
}

}  // namespace
}  // namespace turnout
