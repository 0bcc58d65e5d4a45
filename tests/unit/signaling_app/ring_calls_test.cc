// Calls that ring, as caller and callee see them, with their races.
#include "tests/unit/signaling_app/stage.h"

namespace turnout {
namespace {

// Ann, Ben and Cid are registered.
struct Phones : Stage {
  explicit Phones(SignalingAppOptions options = {}) : Stage(std::move(options)) {
    for (const char* id : {"ann", "ben", "cid"})
      enter(id);
  }
  void annCallsBen() {
    EXPECT_EQ(say("ann", "call", R"({"to":"ben"})"), R"({"ok":true,"call":"call-1"})");
    EXPECT_EQ(heard("ben"),
              Heard{R"(incoming-call {"call":"call-1","from":{"id":"ann","user":"ann"}})"});
  }
  void benAnswers() {
    EXPECT_EQ(say("ben", "answer", R"({"call":"call-1"})"),
              R"({"ok":true,"call":"call-1","peer":{"id":"ann","user":"ann"},"initiator":false})");
    EXPECT_EQ(
        heard("ann"),
        Heard{
            R"(call-accepted {"call":"call-1","peer":{"id":"ben","user":"ben"},"initiator":true})"});
  }
};

TEST(RingCalls, RingAnswerSignalHangUp) {
  Phones phones;
  phones.annCallsBen();
  EXPECT_EQ(phones.outcome("ann", "signal", R"({"to":"ben","data":{}})"), "not_answered");
  phones.benAnswers();
  EXPECT_EQ(phones.outcome("ann", "signal", R"({"to":"ben","data":{"type":"offer"}})"), "ok");
  EXPECT_EQ(phones.heard("ben"), Heard{R"(signal {"from":"ann","data":{"type":"offer"}})"});
  EXPECT_EQ(phones.outcome("ben", "hang-up", R"({"call":"call-1"})"), "ok");
  EXPECT_EQ(phones.heard("ann"), Heard{R"(call-ended {"call":"call-1","reason":"hung_up"})"});
  EXPECT_EQ(phones.app.census().active, 0u);
  EXPECT_EQ(phones.outcome("ann", "call", R"({"to":"ben"})"), "ok") << "both are free again";
}

TEST(RingCalls, TheEndOfACallIsToldWithItsReason) {
  struct Row {
    const char* who;
    const char* event;
    const char* argument;
    const char* told;
    const char* reason;
  };
  const Row rows[] = {
      {"ben", "reject", R"({"call":"call-1"})", "ann", "rejected"},
      {"ben", "reject", R"({"call":"call-1","reason":"busy"})", "ann", "busy"},
      {"ben", "reject", R"({"call":"call-1","reason":"<script>"})", "ann", "rejected"},
      {"ben", "hang-up", R"({"call":"call-1"})", "ann", "rejected"},
      {"ann", "hang-up", R"({"call":"call-1"})", "ben", "cancelled"},
      {"ann", "leave", "{}", "ben", "left"},
  };
  for (const auto& row : rows) {
    Phones phones;
    phones.annCallsBen();
    EXPECT_EQ(phones.outcome(row.who, row.event, row.argument), "ok");
    EXPECT_EQ(phones.heard(row.told), Heard{R"(call-ended {"call":"call-1","reason":")" +
                                            std::string(row.reason) + R"("})"});
    EXPECT_EQ(phones.heard(row.who), Heard{});
  }
}

TEST(RingCalls, NobodyAnswers) {
  Phones phones({.ring_timeout = 20s});
  phones.annCallsBen();
  EXPECT_EQ(phones.app.deadline(), phones.at + 20s);
  phones.pass(20s);
  const Heard ended{R"(call-ended {"call":"call-1","reason":"ring_timeout"})"};
  EXPECT_EQ(phones.heard("ann"), ended);
  EXPECT_EQ(phones.heard("ben"), ended);
  EXPECT_EQ(phones.outcome("ben", "answer", R"({"call":"call-1"})"), "late_message");
}

TEST(RingCalls, AnAnswerExactlyAtTheRingTimeoutIsInTime) {
  Phones phones({.ring_timeout = 20s});
  phones.annCallsBen();
  phones.passUnnoticed(20s);
  phones.benAnswers();
  phones.pass(0s);
  phones.pass(1h);
  EXPECT_EQ(phones.heard("ann"), Heard{});
  EXPECT_EQ(phones.heard("ben"), Heard{});
  EXPECT_EQ(phones.app.census().active, 1u);
}

TEST(RingCalls, AnAnswerAfterTheRingTimeoutIsLateHoweverSlowTheServer) {
  Phones phones({.ring_timeout = 20s});
  phones.annCallsBen();
  phones.passUnnoticed(20s + 1ns);
  EXPECT_EQ(phones.outcome("ben", "answer", R"({"call":"call-1"})"), "late_message");
  EXPECT_EQ(phones.heard("ann"), Heard{R"(call-ended {"call":"call-1","reason":"ring_timeout"})"});
}

TEST(RingCalls, BothHangUpAtOnceAndNeitherIsInTheWrong) {
  Phones phones;
  phones.annCallsBen();
  phones.benAnswers();
  EXPECT_EQ(phones.outcome("ann", "hang-up", R"({"call":"call-1"})"), "ok");
  EXPECT_EQ(phones.outcome("ben", "hang-up", R"({"call":"call-1"})"), "ok");
  EXPECT_EQ(phones.heard("ann"), Heard{});
  EXPECT_EQ(phones.heard("ben"), Heard{R"(call-ended {"call":"call-1","reason":"hung_up"})"});
  EXPECT_EQ(phones.errors(AppError::kLateMessage), 0u);
}

TEST(RingCalls, BenCallsAnnWhileAnnCallsBen) {
  Phones phones;
  phones.annCallsBen();
  EXPECT_EQ(phones.outcome("ben", "call", R"({"to":"ann"})"), "busy");
  EXPECT_EQ(phones.heard("ann"), Heard{});
  phones.benAnswers();  // the first call stands
}

TEST(RingCalls, WhoIsInSomethingIsBusy) {
  Phones phones;
  phones.annCallsBen();
  EXPECT_EQ(phones.outcome("cid", "call", R"({"to":"ben"})"), "busy");
  EXPECT_EQ(phones.outcome("cid", "call", R"({"to":"ann"})"), "busy");
  EXPECT_EQ(phones.errors(AppError::kBusy), 2u);
  EXPECT_EQ(phones.heard("ben"), Heard{});
  EXPECT_EQ(phones.outcome("cid", "join", R"({"room":"r"})"), "ok");
  phones.say("ann", "leave");
  EXPECT_EQ(phones.outcome("ann", "call", R"({"to":"cid"})"), "busy") << "in a room";
  EXPECT_EQ(phones.outcome("cid", "call", R"({"to":"ann"})"), "busy");
}

TEST(RingCalls, CallsThatMakeNoSense) {
  Phones phones;
  phones.connect("anonymous");
  EXPECT_EQ(phones.outcome("ann", "call", R"({"to":"ann"})"), "self_call");
  EXPECT_EQ(phones.outcome("ann", "call", R"({"to":"nobody"})"), "no_such_user");
  EXPECT_EQ(phones.outcome("ann", "call", R"({"to":""})"), "bad_user");
  EXPECT_EQ(phones.outcome("anonymous", "call", R"({"to":"ann"})"), "not_registered");
  for (const char* event : {"answer", "reject", "hang-up"})
    EXPECT_EQ(phones.outcome("ann", event, R"({"call":"call-7"})"), "no_such_call");
  phones.annCallsBen();
  EXPECT_EQ(phones.outcome("cid", "answer", R"({"call":"call-1"})"), "no_such_call");
  EXPECT_EQ(phones.outcome("ann", "answer", R"({"call":"call-1"})"), "no_such_call");
  EXPECT_EQ(phones.app.census().ringing, 1u);
}

TEST(RingCalls, ASignalAfterTheEndIsLate) {
  Phones phones;
  phones.annCallsBen();
  phones.benAnswers();
  phones.say("ann", "hang-up", R"({"call":"call-1"})");
  EXPECT_EQ(phones.outcome("ben", "signal", R"({"to":"ann","data":{}})"), "late_message");
  EXPECT_EQ(phones.errors(AppError::kLateMessage), 1u);
}

TEST(RingCalls, ACalleeWhoIsLostRingsOnUntilTheGraceIsOver) {
  Phones phones({.grace = 5s});
  phones.annCallsBen();
  phones.gone("ben", Gone::kLost);
  EXPECT_EQ(phones.outcome("cid", "call", R"({"to":"ben"})"), "busy");
  phones.pass(5s);
  EXPECT_EQ(phones.heard("ann"), Heard{R"(call-ended {"call":"call-1","reason":"lost"})"});
  EXPECT_EQ(phones.outcome("ann", "call", R"({"to":"ben"})"), "no_such_user");
}

}  // namespace
}  // namespace turnout
