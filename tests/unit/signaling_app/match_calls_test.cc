// Random partners: who is matched with whom, and how one gets to the next.
#include "tests/unit/signaling_app/stage.h"

namespace turnout {
namespace {

struct Strangers : Stage {
  explicit Strangers(SignalingAppOptions options = {}) : Stage(std::move(options)) {
    for (const char* id : {"A", "B", "C"})
      connect(id);
  }
  std::string seek(const char* id) { return outcome(id, "find-partner"); }
  // With whom the last "matched" put him; "" when he heard of none since the last question.
  std::string partnerOf(const char* id) {
    std::string partner;
    for (const auto& line : heard(id))
      if (line.starts_with("matched "))
        partner = JsonValue::parse(line.substr(8))->get("peer").stringOr("id", "");
    return partner;
  }
};

TEST(MatchCalls, TwoWhoLookAreMatchedAndTheLaterOneOffers) {
  Strangers strangers;
  EXPECT_EQ(strangers.say("A", "find-partner"), R"({"ok":true,"cleaned":false})");
  strangers.pass(1500ms);
  strangers.seek("B");
  EXPECT_EQ(
      strangers.heard("A"),
      Heard{
          R"(matched {"call":"match-1","peer":{"id":"B","user":""},"initiator":false,"waited_ms":1500})"});
  EXPECT_EQ(
      strangers.heard("B"),
      Heard{
          R"(matched {"call":"match-1","peer":{"id":"A","user":""},"initiator":true,"waited_ms":0})"});
  EXPECT_EQ(strangers.outcome("B", "signal", R"({"to":"A","data":{}})"), "ok");
}

TEST(MatchCalls, AskingAgainKeepsThePlaceInTheQueue) {
  Strangers strangers;
  strangers.seek("A");
  strangers.pass(3s);
  EXPECT_EQ(strangers.say("A", "find-partner"), R"({"ok":true,"cleaned":false})");
  EXPECT_EQ(strangers.app.census().waiting, 1u);
  strangers.seek("B");
  EXPECT_NE(strangers.heard("A").at(0).find(R"("waited_ms":3000)"), std::string::npos);
}

TEST(MatchCalls, NobodyComesInTime) {
  Strangers strangers({.match_timeout = 10s});
  strangers.seek("A");
  strangers.pass(10s);
  EXPECT_EQ(strangers.heard("A"),
            Heard{R"(no-partner {"error":"match_timeout","waited_ms":10000})"});
  EXPECT_EQ(strangers.errors(AppError::kMatchTimeout), 1u);
  EXPECT_EQ(strangers.app.census().waiting, 0u);
}

TEST(MatchCalls, APartnerWhoComesExactlyAtTheTimeoutIsInTime) {
  Strangers strangers({.match_timeout = 10s});
  strangers.seek("A");
  strangers.passUnnoticed(10s);
  strangers.seek("B");
  strangers.pass(0s);
  EXPECT_EQ(strangers.partnerOf("A"), "B");
  EXPECT_EQ(strangers.errors(AppError::kMatchTimeout), 0u);
}

TEST(MatchCalls, NextPartnerFreesTheOldOneAndFindsSomebodyNew) {
  Strangers strangers;
  strangers.seek("A");
  strangers.seek("B");
  strangers.heard("A"), strangers.heard("B");
  EXPECT_EQ(strangers.say("A", "next-partner"), R"({"ok":true,"cleaned":true})");
  EXPECT_EQ(strangers.heard("B"),
            Heard{R"(call-ended {"call":"match-1","reason":"next_partner"})"});
  EXPECT_EQ(strangers.heard("A"), Heard{});
  strangers.seek("C");
  EXPECT_EQ(strangers.partnerOf("A"), "C");
}

TEST(MatchCalls, TheLastPartnerIsBetterThanNone) {
  Strangers strangers;
  strangers.seek("A");
  strangers.seek("B");
  strangers.say("B", "leave");
  strangers.seek("B");
  strangers.seek("A");
  EXPECT_EQ(strangers.app.census().matches, 1u);
}

TEST(MatchCalls, NextPartnerWhileBeingMatchedLeavesThatMatch) {
  Strangers strangers;
  strangers.seek("A");
  strangers.seek("B");  // A is matched and does not know it yet
  EXPECT_EQ(strangers.outcome("A", "next-partner"), "ok");
  EXPECT_EQ(strangers.app.census().matches, 0u);
  EXPECT_EQ(strangers.heard("B").back(),
            R"(call-ended {"call":"match-1","reason":"next_partner"})");
  EXPECT_EQ(strangers.outcome("A", "signal", R"({"to":"B","data":{}})"), "late_message");
}

TEST(MatchCalls, NextPartnerFromNothingOrFromTheQueueLooksForOne) {
  Strangers strangers;
  EXPECT_EQ(strangers.outcome("A", "next-partner"), "ok");
  EXPECT_EQ(strangers.outcome("A", "next-partner"), "ok");
  EXPECT_EQ(strangers.app.census().waiting, 1u);
}

TEST(MatchCalls, BothAskForTheNextAtOnce) {
  Strangers strangers;
  strangers.seek("C");
  strangers.seek("A");  // C with A
  strangers.heard("A"), strangers.heard("C");
  strangers.say("A", "next-partner");
  strangers.say("C", "next-partner");  // nobody else is there
  EXPECT_EQ(strangers.partnerOf("A"), "C");
  EXPECT_EQ(strangers.app.census().matches, 1u);
}

TEST(MatchCalls, LeavingTheQueueOrTheMatch) {
  Strangers strangers;
  strangers.seek("A");
  strangers.say("A", "leave");
  strangers.seek("B");
  EXPECT_EQ(strangers.partnerOf("B"), "");
  strangers.seek("C");
  strangers.heard("B");
  strangers.say("C", "leave");
  EXPECT_EQ(strangers.heard("B"), Heard{R"(call-ended {"call":"match-1","reason":"left"})"});
}

TEST(MatchCalls, WhoLooksForAPartnerInARoomIsCleanedOutFirst) {
  Strangers strangers;
  for (const char* id : {"A", "B"})
    strangers.say(id, "join", R"({"room":"r","user":"u"})");
  EXPECT_EQ(strangers.say("B", "find-partner"), R"({"ok":true,"cleaned":true})");
  EXPECT_EQ(strangers.heard("A").back(), R"(peer-left {"id":"B"})");
  EXPECT_EQ(strangers.app.census().members, 1u);
  EXPECT_EQ(strangers.app.stats().cleanups, 1u);
}

TEST(MatchCalls, TheWaitOfThoseMatchedIsKeptApartFromTheOthers) {
  Strangers strangers({.match_timeout = 20s});
  strangers.seek("A");
  strangers.pass(400ms);
  strangers.seek("B");
  strangers.seek("C");
  strangers.pass(20s);
  const auto& stats = strangers.app.stats();
  EXPECT_EQ(stats.matched_waits.sum, 400ms);
  EXPECT_EQ(stats.matched_waits.counts[0], 1u) << "B, at once";
  EXPECT_EQ(stats.matched_waits.counts[2], 1u) << "A, up to 500 ms";
  EXPECT_EQ(stats.abandoned_waits.sum, 20s);
}

TEST(MatchCalls, AHeldUserKeepsHisPlaceButIsNotHandedOut) {
  Strangers strangers({.grace = 5s});
  strangers.enter("held");
  strangers.seek("held");
  strangers.gone("held", Gone::kLost);
  strangers.seek("A");
  EXPECT_EQ(strangers.partnerOf("A"), "");
  strangers.connect("again");
  EXPECT_EQ(strangers.outcome("again", "register", R"({"user":"held"})"), "ok");
  EXPECT_EQ(strangers.partnerOf("A"), "again");
  EXPECT_EQ(strangers.partnerOf("again"), "A");
}

}  // namespace
}  // namespace turnout
