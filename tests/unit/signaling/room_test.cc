#include "bots/signaling/room.h"

#include "bots/signaling/room_app.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Peers = std::vector<RoomPeer>;

TEST(Rooms, ThoseBeforeAreNamedInOrderOfJoining) {
  Rooms rooms(8);
  EXPECT_EQ(std::get<Peers>(rooms.join("1", "r", "ann")), Peers{});
  EXPECT_EQ(std::get<Peers>(rooms.join("2", "r", "ben")), (Peers{{"1", "ann"}}));
  EXPECT_EQ(std::get<Peers>(rooms.join("3", "r", "cat")), (Peers{{"1", "ann"}, {"2", "ben"}}));
  EXPECT_EQ(std::get<Peers>(rooms.join("4", "other", "dan")), Peers{});
  EXPECT_EQ(rooms.roomCount(), 2u);
}

TEST(Rooms, RefusalsNameTheirReason) {
  Rooms rooms(2);
  rooms.join("1", "r", "ann");
  const auto refusal = [&](const char* id, const std::string& room, const std::string& user) {
    return std::string(Rooms::toString(std::get<Rooms::Refusal>(rooms.join(id, room, user))));
  };
  EXPECT_EQ(refusal("1", "r", "ann"), "double_join");
  EXPECT_EQ(refusal("2", "", "ben"), "bad_room");
  EXPECT_EQ(refusal("2", std::string(129, 'r'), "ben"), "bad_room");
  EXPECT_EQ(refusal("2", "r", ""), "bad_user");
  rooms.join("2", "r", "ben");
  EXPECT_EQ(refusal("3", "r", "cat"), "room_full");
}

TEST(Rooms, LeavingFreesTheSeatAndTheLastOneTheRoom) {
  Rooms rooms(2);
  rooms.join("1", "r", "ann");
  rooms.join("2", "r", "ben");
  EXPECT_EQ(rooms.leave("1"), (Peers{{"2", "ben"}}));
  EXPECT_EQ(rooms.leave("1"), Peers{}) << "twice is once";
  EXPECT_EQ(std::get<Peers>(rooms.join("3", "r", "cat")), (Peers{{"2", "ben"}}));
  rooms.leave("2");
  rooms.leave("3");
  EXPECT_EQ(rooms.roomCount(), 0u);
  EXPECT_EQ(rooms.memberCount(), 0u);
}

TEST(Rooms, OnlyOthersInTheSameRoomAreTogether) {
  Rooms rooms(8);
  rooms.join("1", "r", "ann");
  rooms.join("2", "r", "ben");
  rooms.join("3", "s", "cat");
  EXPECT_TRUE(rooms.areTogether("1", "2"));
  EXPECT_FALSE(rooms.areTogether("1", "3"));
  EXPECT_FALSE(rooms.areTogether("1", "1"));
  EXPECT_FALSE(rooms.areTogether("1", "nobody"));
}

// What an event does, as text: "ack | to event argument | ...".
std::string tell(RoomApp& app, const char* id, const char* event, const char* argument) {
  const auto outcome = app.onEvent(id, event, {*JsonValue::parse(argument)});
  std::string text = outcome.ack;
  for (const auto& emit : outcome.emits)
    text += " | " + emit.to + " " + emit.event + " " + emit.argument;
  return text;
}

TEST(RoomApp, SpeaksTheRoomProtocol) {
  RoomApp app(8);
  EXPECT_EQ(tell(app, "1", "join", R"({"room":"r","user":"ann"})"),
            R"({"ok":true,"id":"1","peers":[]})");
  EXPECT_EQ(tell(app, "2", "join", R"({"room":"r","user":"ben"})"),
            R"({"ok":true,"id":"2","peers":[{"id":"1","user":"ann"}]})"
            R"( | 1 peer-joined {"id":"2","user":"ben"})");
  EXPECT_EQ(tell(app, "2", "signal", R"({"to":"1","data":{"type":"offer","sdp":"v=0\r\n"}})"),
            R"({"ok":true} | 1 signal {"from":"2","data":{"type":"offer","sdp":"v=0\r\n"}})");
  EXPECT_EQ(tell(app, "1", "signal", R"({"to":"2","data":{"candidate":null}})"),
            R"({"ok":true} | 2 signal {"from":"1","data":{"candidate":null}})");
  EXPECT_EQ(tell(app, "2", "leave", "{}"), R"({"ok":true} | 1 peer-left {"id":"2"})");
  EXPECT_EQ(tell(app, "2", "leave", "{}"), R"({"ok":true})");
}

TEST(RoomApp, RefusesInWordsAndCounts) {
  RoomApp app(1);
  EXPECT_EQ(tell(app, "1", "signal", R"({"to":"2","data":{}})"),
            R"({"ok":false,"error":"not_joined"})");
  tell(app, "1", "join", R"({"room":"r","user":"ann"})");
  EXPECT_EQ(tell(app, "1", "signal", R"({"to":"2","data":{}})"),
            R"({"ok":false,"error":"no_such_peer"})");
  EXPECT_EQ(tell(app, "2", "join", R"({"room":"r","user":"ben"})"),
            R"({"ok":false,"error":"room_full"})");
  EXPECT_EQ(tell(app, "2", "join", R"("r")"), R"({"ok":false,"error":"bad_room"})");
  EXPECT_EQ(tell(app, "2", "dance", "1"), R"({"ok":false,"error":"unknown_event"})");
  EXPECT_EQ(app.onEvent("2", "join", {}).ack, R"({"ok":false,"error":"bad_room"})");
  EXPECT_EQ(app.stats().joins, 1u);
  EXPECT_EQ(app.stats().refused_joins, 3u);
  EXPECT_EQ(app.stats().refused_signals, 2u);
  EXPECT_EQ(app.stats().unknown_events, 1u);
}

TEST(RoomApp, SignalsMustBeObjects) {
  RoomApp app(8);
  tell(app, "1", "join", R"({"room":"r","user":"ann"})");
  tell(app, "2", "join", R"({"room":"r","user":"ben"})");
  for (const char* request : {R"({"to":"2"})", R"({"to":"2","data":null})",
                              R"({"to":"2","data":"offer"})", R"({"to":"2","data":[]})"})
    EXPECT_EQ(tell(app, "1", "signal", request), R"({"ok":false,"error":"bad_signal"})") << request;
}

TEST(RoomApp, AMemberThatVanishesLeaves) {
  RoomApp app(8);
  tell(app, "1", "join", R"({"room":"r","user":"ann"})");
  tell(app, "2", "join", R"({"room":"r","user":"ben"})");
  const auto emits = app.onGone("1");
  ASSERT_EQ(emits.size(), 1u);
  EXPECT_EQ(emits[0].to, "2");
  EXPECT_EQ(emits[0].argument, R"({"id":"1"})");
  EXPECT_TRUE(app.onGone("1").empty());
  EXPECT_EQ(app.stats().leaves, 1u);
}

}  // namespace
}  // namespace turnout
