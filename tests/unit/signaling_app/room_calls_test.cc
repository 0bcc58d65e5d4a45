// Conferences as their members see them.
#include "tests/unit/signaling_app/stage.h"

namespace turnout {
namespace {

TEST(RoomCalls, WhoJoinsIsToldOfTheOthersAndTheyOfHim) {
  Stage stage;
  stage.connect("A");
  stage.connect("B");
  EXPECT_EQ(stage.say("A", "join", R"({"room":"r","user":"ann"})"),
            R"({"ok":true,"id":"A","peers":[]})");
  EXPECT_EQ(stage.say("B", "join", R"({"room":"r","user":"ben"})"),
            R"({"ok":true,"id":"B","peers":[{"id":"A","user":"ann"}]})");
  EXPECT_EQ(stage.heard("A"), Heard{R"(peer-joined {"id":"B","user":"ben"})"});
  EXPECT_EQ(stage.heard("B"), Heard{});
}

TEST(RoomCalls, SignalsGoToMembersOfTheSameRoomOnly) {
  Stage stage;
  for (const char* id : {"A", "B", "C"})
    stage.connect(id);
  stage.say("A", "join", R"({"room":"r","user":"a"})");
  stage.say("B", "join", R"({"room":"r","user":"b"})");
  stage.say("C", "join", R"({"room":"q","user":"c"})");
  stage.heard("A");
  EXPECT_EQ(stage.say("B", "signal", R"({"to":"A","data":{"type":"offer","sdp":"v=0"}})"),
            R"({"ok":true})");
  EXPECT_EQ(stage.heard("A"), Heard{R"(signal {"from":"B","data":{"type":"offer","sdp":"v=0"}})"});
  EXPECT_EQ(stage.outcome("C", "signal", R"({"to":"A","data":{}})"), "stale_peer");
  EXPECT_EQ(stage.outcome("A", "signal", R"({"to":"A","data":{}})"), "stale_peer");
  EXPECT_EQ(stage.heard("A"), Heard{});
}

TEST(RoomCalls, LeavingTellsTheOthersAndTwiceIsNoError) {
  Stage stage;
  for (const char* id : {"A", "B"}) {
    stage.connect(id);
    stage.say(id, "join", R"({"room":"r","user":"u"})");
  }
  EXPECT_EQ(stage.say("B", "leave"), R"({"ok":true})");
  EXPECT_EQ(stage.say("B", "leave"), R"({"ok":true})");
  EXPECT_EQ(stage.heard("A").back(), R"(peer-left {"id":"B"})");
  EXPECT_EQ(stage.outcome("B", "join", R"({"room":"r","user":"u"})"), "ok");
}

TEST(RoomCalls, ALateSignalAfterLeavingIsRefusedByName) {
  Stage stage;
  for (const char* id : {"A", "B"}) {
    stage.connect(id);
    EXPECT_EQ(stage.outcome(id, "signal", R"({"to":"A","data":{}})"), "not_joined");
    stage.say(id, "join", R"({"room":"r","user":"u"})");
  }
  stage.say("B", "leave");
  EXPECT_EQ(stage.outcome("B", "signal", R"({"to":"A","data":{}})"), "late_message");
  EXPECT_EQ(stage.outcome("A", "signal", R"({"to":"B","data":{}})"), "stale_peer");
  EXPECT_EQ(stage.errors(AppError::kLateMessage), 1u);
  EXPECT_EQ(stage.errors(AppError::kStalePeer), 1u);
}

TEST(RoomCalls, AnAnonymousMemberThatVanishesLeavesAtOnce) {
  for (const Gone how : {Gone::kLeft, Gone::kClosed, Gone::kLost}) {
    Stage stage;
    for (const char* id : {"A", "B"}) {
      stage.connect(id);
      stage.say(id, "join", R"({"room":"r","user":"u"})");
    }
    stage.gone("B", how);
    EXPECT_EQ(stage.heard("A").back(), R"(peer-left {"id":"B"})");
  }
}

TEST(RoomCalls, EveryRefusalHasItsName) {
  struct Row {
    const char* event;
    const char* argument;
    const char* error;
  };
  const Row rows[] = {
      {"join", R"({"user":"u"})", "bad_room"},
      {"join", R"({"room":"","user":"u"})", "bad_room"},
      {"join", R"({"room":"a\nb","user":"u"})", "bad_room"},
      {"join", R"({"room":7,"user":"u"})", "bad_room"},
      {"join", R"({"room":"r"})", "bad_user"},
      {"join", R"({"room":"r","user":"\u0007"})", "bad_user"},
      {"join", R"({"room":"full","user":"u"})", "room_full"},
      {"join", R"([])", "bad_user"},
      {"dance", R"({})", "unknown_event"},
      {"signal", R"({"to":"A","data":{}})", "not_joined"},
  };
  Stage stage({.room_capacity = 1});
  for (const char* id : {"A", "B"})
    stage.connect(id);
  stage.say("A", "join", R"({"room":"full","user":"u"})");
  for (const auto& row : rows)
    EXPECT_EQ(stage.outcome("B", row.event, row.argument), row.error) << row.argument;
  EXPECT_EQ(stage.outcome("A", "join", R"({"room":"r","user":"u"})"), "double_join");
  EXPECT_EQ(stage.errors(AppError::kRoomFull), 1u);
  EXPECT_EQ(stage.errors(AppError::kDoubleJoin), 1u);
}

TEST(RoomCalls, SignalsMustBeObjects) {
  Stage stage;
  for (const char* id : {"A", "B"}) {
    stage.connect(id);
    stage.say(id, "join", R"({"room":"r","user":"u"})");
  }
  for (const char* data : {"null", "[]", "\"x\"", "7"})
    EXPECT_EQ(stage.outcome("A", "signal", R"({"to":"B","data":)" + std::string(data) + "}"),
              "bad_signal");
  EXPECT_EQ(stage.outcome("A", "signal", R"({"to":"B"})"), "bad_signal");
}

TEST(RoomCalls, AnEventWithoutArgumentsIsRefusedNotFatal) {
  Stage stage;
  stage.connect("A");
  const std::vector<JsonValue> none;
  for (const char* event : {"join", "signal", "register", "call", "answer", "reject", "hang-up"})
    EXPECT_FALSE(
        JsonValue::parse(stage.app.onEvent(stage.at, "A", {event, none}).ack)->boolOr("ok", true))
        << event;
}

}  // namespace
}  // namespace turnout
