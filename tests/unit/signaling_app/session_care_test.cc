// What happens to a user whose connection is lost, who comes back, or who is here twice.
#include "tests/unit/signaling_app/stage.h"

namespace turnout {
namespace {

std::string registerAs(const char* user) {
  return R"({"user":")" + std::string(user) + R"("})";
}
std::string registerWith(const char* user, const char* key) {
  return R"({"user":")" + std::string(user) + R"(","key":")" + key + R"("})";
}

// Ann and Ben are registered and in one room.
struct Pair : Stage {
  explicit Pair(SignalingAppOptions options = {}) : Stage(std::move(options)) {
    for (const char* id : {"ann", "ben"}) {
      enter(id);
      say(id, "join", R"({"room":"r"})");
    }
    heard("ann"), heard("ben");
  }
};

TEST(SessionCare, RegisteringGivesANameAndAKey) {
  Stage stage({.grace = 4s});
  stage.connect("A");
  EXPECT_EQ(
      stage.say("A", "register", registerAs("ann")),
      R"({"ok":true,"id":"A","user":"ann","key":"key of A","resumed":false,"grace_ms":4000})");
  EXPECT_EQ(stage.outcome("A", "register", registerAs("ann")), "already_registered");
  EXPECT_EQ(stage.outcome("A", "register", registerAs("")), "bad_user");
}

TEST(SessionCare, WhoComesBackWithinTheGraceIsInTheSameRoomAgain) {
  Pair pair({.grace = 5s});
  pair.gone("ben", Gone::kLost);
  pair.pass(4s);
  EXPECT_EQ(pair.heard("ann"), Heard{}) << "nobody is told yet";
  pair.connect("ben2");
  EXPECT_EQ(
      pair.say("ben2", "register", registerAs("ben")),
      R"({"ok":true,"id":"ben2","user":"ben","key":"key of ben2","resumed":true,"grace_ms":5000})");
  EXPECT_EQ(pair.heard("ben2"),
            Heard{R"(reconnected {"kind":"room","room":"r","peers":[{"id":"ann","user":"ann"}]})"});
  EXPECT_EQ(pair.heard("ann"), Heard{R"(peer-reconnected {"id":"ben2","was":"ben","user":"ben"})"});
  EXPECT_EQ(pair.outcome("ann", "signal", R"({"to":"ben2","data":{}})"), "ok");
  EXPECT_EQ(pair.outcome("ann", "signal", R"({"to":"ben","data":{}})"), "stale_peer");
  pair.pass(1h);
  EXPECT_EQ(pair.app.census().members, 2u) << "the grace timer is gone";
}

TEST(SessionCare, AKeyIsGoodForOneReturn) {
  Pair pair;
  pair.connect("ben2");
  EXPECT_EQ(pair.outcome("ben2", "register", registerWith("ben", "key of ben")), "ok");
  pair.connect("ben3");
  EXPECT_EQ(pair.outcome("ben3", "register", registerWith("ben", "key of ben")), "ok")
      << "the answer with the new key may have been lost";
  EXPECT_EQ(pair.outcome("ben3", "signal", R"({"to":"ann","data":{}})"), "ok");
  pair.connect("thief");
  EXPECT_EQ(pair.outcome("thief", "register", registerWith("ben", "key of ben")), "session_active");
  EXPECT_EQ(pair.outcome("thief", "register", registerWith("ben", "key of ben3")), "ok");
}

TEST(SessionCare, WithATokenTheKeyIsNeededAlsoWhileTheSessionIsHeld) {
  Pair pair({.resume = SignalingAppOptions::Resume::kByKey});
  pair.gone("ben", Gone::kLost);
  pair.connect("ben2");
  EXPECT_EQ(pair.outcome("ben2", "register", registerAs("ben")), "session_active");
  EXPECT_EQ(pair.outcome("ben2", "register", registerWith("ben", "key of ben")), "ok");
}

TEST(SessionCare, OthersAreToldWhichPageOfAUserItIs) {
  Pair pair;
  pair.gone("ben", Gone::kLost);
  pair.connect("ben2");
  pair.say("ben2", "register", R"({"user":"ben","page":"7"})");
  EXPECT_EQ(pair.heard("ann"),
            Heard{R"(peer-reconnected {"id":"ben2","was":"ben","user":"ben","page":"7"})"});
  pair.gone("ann", Gone::kLost);
  pair.connect("ann2");
  pair.heard("ann2");
  pair.say("ann2", "register", registerAs("ann"));
  EXPECT_EQ(pair.heard("ann2"), Heard{R"(reconnected {"kind":"room","room":"r",)"
                                      R"("peers":[{"id":"ben2","user":"ben","page":"7"}]})"});
}

TEST(SessionCare, AfterTheGraceThePartnerIsToldAndFreed) {
  Pair pair({.grace = 5s});
  pair.gone("ben", Gone::kLost);
  EXPECT_EQ(pair.app.deadline(), pair.at + 5s);
  pair.pass(5s);
  EXPECT_EQ(pair.heard("ann"), Heard{R"(peer-left {"id":"ben"})"});
  EXPECT_EQ(pair.app.stats().graces_expired, 1u);
  pair.connect("ben2");
  EXPECT_EQ(
      JsonValue::parse(pair.say("ben2", "register", registerAs("ben")))->boolOr("resumed", true),
      false);
}

TEST(SessionCare, AResumeExactlyWhenTheGraceTimerFiresIsInTime) {
  Pair pair({.grace = 5s});
  pair.gone("ben", Gone::kLost);
  pair.connect("ben2");
  pair.passUnnoticed(5s);
  EXPECT_EQ(pair.outcome("ben2", "register", registerAs("ben")), "ok");
  pair.pass(0s);
  EXPECT_EQ(pair.app.stats().resumptions, 1u);
  EXPECT_EQ(pair.app.stats().graces_expired, 0u);
}

TEST(SessionCare, AResumeAfterTheGraceIsANewSessionHoweverSlowTheServer) {
  Pair pair({.grace = 5s});
  pair.gone("ben", Gone::kLost);
  pair.passUnnoticed(5s + 1ns);
  pair.connect("ben2");
  EXPECT_EQ(pair.outcome("ben2", "register", registerAs("ben")), "ok");
  EXPECT_EQ(pair.app.stats().resumptions, 0u);
  EXPECT_EQ(pair.heard("ann"), Heard{R"(peer-left {"id":"ben"})"});
}

TEST(SessionCare, AGoodbyeCleansUpAtOnce) {
  for (const Gone how : {Gone::kLeft, Gone::kClosed}) {
    Pair pair;
    pair.gone("ben", how);
    EXPECT_EQ(pair.heard("ann"), Heard{R"(peer-left {"id":"ben"})"});
    EXPECT_EQ(pair.app.census().held, 0u);
  }
}

TEST(SessionCare, SignalsToAHeldUserAreRefusedAsGhost) {
  Pair pair;
  pair.gone("ben", Gone::kLost);
  EXPECT_EQ(pair.outcome("ann", "signal", R"({"to":"ben","data":{}})"), "ghost_session");
  EXPECT_EQ(pair.errors(AppError::kGhostSession), 1u);
}

TEST(SessionCare, AHeldUserWhoIsInNothingCannotBeCalled) {
  Stage stage;
  stage.enter("ann");
  stage.enter("ben");
  stage.gone("ben", Gone::kLost);
  EXPECT_EQ(stage.outcome("ann", "call", R"({"to":"ben"})"), "ghost_session");
}

TEST(SessionCare, TheSameUserInTwoTabsIsRefusedInTheSecond) {
  Pair pair;
  pair.connect("tab");
  EXPECT_EQ(pair.outcome("tab", "register", registerAs("ben")), "session_active");
  EXPECT_EQ(pair.errors(AppError::kSessionActive), 1u);
  EXPECT_EQ(pair.outcome("ann", "signal", R"({"to":"ben","data":{}})"), "ok") << "the first lives";
  EXPECT_EQ(pair.outcome("tab", "register", registerAs("bea")), "ok");
}

TEST(SessionCare, ARefreshThatTheServerDidNotNoticeTakesOverWithTheKey) {
  Pair pair;
  pair.connect("ben2");
  EXPECT_EQ(pair.outcome("ben2", "register", registerWith("ben", "guess")), "session_active");
  EXPECT_EQ(pair.outcome("ben2", "register", registerWith("ben", "key of ben")), "ok");
  EXPECT_EQ(pair.heard("ben"), Heard{"replaced {}"});
  EXPECT_EQ(pair.closed, std::vector<std::string>{"ben"});
  EXPECT_EQ(pair.outcome("ben", "leave"), "late_message") << "the old socket has no say any more";
  pair.gone("ben", Gone::kClosed);
  EXPECT_EQ(pair.app.census().members, 2u);
  EXPECT_EQ(pair.heard("ann"), Heard{R"(peer-reconnected {"id":"ben2","was":"ben","user":"ben"})"});
}

TEST(SessionCare, AWrongKeyDoesNotResumeAHeldSession) {
  Pair pair;
  pair.gone("ben", Gone::kLost);
  pair.connect("eve");
  EXPECT_EQ(pair.outcome("eve", "register", registerWith("ben", "guess")), "session_active");
  EXPECT_EQ(pair.app.census().held, 1u);
}

TEST(SessionCare, OneMustRegisterBeforeAnythingElse) {
  Stage stage;
  stage.connect("A");
  stage.say("A", "join", R"({"room":"r","user":"ann"})");
  EXPECT_EQ(stage.outcome("A", "register", registerAs("ann")), "double_join");
}

TEST(SessionCare, AReconnectedUserLearnsOfTheCallOrTheQueueHeIsIn) {
  Stage stage;
  for (const char* id : {"ann", "ben"})
    stage.enter(id);
  const auto comeBack = [&](const char* user, const char* connection) {
    stage.connect(connection);
    EXPECT_EQ(stage.outcome(connection, "register", registerAs(user)), "ok");
    return stage.heard(connection).at(0);
  };
  stage.gone("ben", Gone::kLost);
  EXPECT_EQ(comeBack("ben", "ben2"), R"(reconnected {"kind":"none"})");
  stage.say("ann", "call", R"({"to":"ben"})");
  stage.gone("ben2", Gone::kLost);
  EXPECT_EQ(
      comeBack("ben", "ben3"),
      R"(reconnected {"kind":"call","phase":"ringing","call":"call-1","peer":{"id":"ann","user":"ann"},"initiator":false})");
  EXPECT_EQ(stage.outcome("ben3", "answer", R"({"call":"call-1"})"), "ok");
  stage.gone("ann", Gone::kLost);
  EXPECT_EQ(
      comeBack("ann", "ann2"),
      R"(reconnected {"kind":"call","phase":"active","call":"call-1","peer":{"id":"ben3","user":"ben"},"initiator":true})");
  stage.say("ann2", "find-partner");
  stage.gone("ann2", Gone::kLost);
  EXPECT_EQ(comeBack("ann", "ann3"), R"(reconnected {"kind":"match","phase":"waiting"})");
  stage.say("ben3", "find-partner");
  stage.gone("ann3", Gone::kLost);
  EXPECT_EQ(
      comeBack("ann", "ann4"),
      R"(reconnected {"kind":"match","phase":"matched","call":"match-1","peer":{"id":"ben3","user":"ben"},"initiator":false})");
}

TEST(SessionCare, BothAreLostAndOneComesBack) {
  Pair pair({.grace = 5s});
  pair.gone("ann", Gone::kLost);
  pair.pass(2s);
  pair.gone("ben", Gone::kLost);
  pair.pass(2s);
  pair.connect("ann2");
  EXPECT_EQ(pair.outcome("ann2", "register", registerAs("ann")), "ok");
  pair.pass(3s);
  EXPECT_EQ(pair.heard("ann2").back(), R"(peer-left {"id":"ben"})");
}

TEST(SessionCare, OnlySoManySessionsAreHeld) {
  Stage stage({.max_held = 1});
  for (const char* id : {"ann", "ben"}) {
    stage.enter(id);
    stage.gone(id, Gone::kLost);
  }
  EXPECT_EQ(stage.app.census().held, 1u);
  EXPECT_EQ(stage.app.census().sessions, 1u);
}

TEST(SessionCare, TheNameIsFreeAfterAGoodbyeAndNothingIsKept) {
  Stage stage;
  for (int i = 0; i < 3; ++i) {
    stage.enter("ann");
    stage.gone("ann", Gone::kLeft);
  }
  EXPECT_EQ(stage.app.census(), AppCensus{});
}

}  // namespace
}  // namespace turnout
