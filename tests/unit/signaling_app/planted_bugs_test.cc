// Each planted bug does what its name says, where a healthy server would not.
#include "tests/unit/signaling_app/stage.h"

namespace turnout {
namespace {

const std::string kJoin = R"({"room":"r","user":"u"})";

SignalingAppOptions with(PlantedBug bug) {
  return {.bugs = {bug}};
}

TEST(PlantedBugs, AreNamedAsOnTheCommandLine) {
  for (const PlantedBug bug : kPlantedBugs)
    EXPECT_EQ(plantedBugNamed(toString(bug)), bug);
  EXPECT_EQ(plantedBugNamed("no-such-bug"), std::nullopt);
}

TEST(PlantedBugs, NoCleanupLeavesAGhostForEver) {
  Stage stage(with(PlantedBug::kNoCleanup));
  for (const char* id : {"ann", "ben"}) {
    stage.enter(id);
    stage.say(id, "join", kJoin);
  }
  stage.heard("ann");
  stage.gone("ben", Gone::kLost);
  stage.pass(24h);
  EXPECT_EQ(stage.heard("ann"), Heard{});
  EXPECT_EQ(stage.outcome("ann", "signal", R"({"to":"ben","data":{}})"), "ghost_session");
  stage.connect("ben2");
  EXPECT_EQ(stage.outcome("ben2", "register", R"({"user":"ben","key":"key of ben"})"),
            "session_active");
}

TEST(PlantedBugs, NoCleanupHandsOutPartnersWhoAreGone) {
  Stage stage(with(PlantedBug::kNoCleanup));
  for (const char* id : {"A", "B"})
    stage.connect(id);
  stage.say("A", "find-partner");
  stage.gone("A", Gone::kLost);
  stage.say("B", "find-partner");
  EXPECT_EQ(stage.heard("B").size(), 1u);
  EXPECT_EQ(stage.outcome("B", "signal", R"({"to":"A","data":{}})"), "ghost_session");
}

TEST(PlantedBugs, NoGraceTellsThePartnerAtOnce) {
  Stage stage(with(PlantedBug::kNoGrace));
  for (const char* id : {"ann", "ben"}) {
    stage.enter(id);
    stage.say(id, "join", kJoin);
  }
  stage.gone("ben", Gone::kLost);
  EXPECT_EQ(stage.heard("ann").back(), R"(peer-left {"id":"ben"})");
  stage.enter("ben");
  EXPECT_EQ(stage.app.stats().resumptions, 0u);
}

TEST(PlantedBugs, RingTimeoutRaceEndsAnAnsweredCall) {
  Stage stage(with(PlantedBug::kRingTimeoutRace));
  for (const char* id : {"ann", "ben"})
    stage.enter(id);
  stage.say("ann", "call", R"({"to":"ben"})");
  stage.say("ben", "answer", R"({"call":"call-1"})");
  stage.pass(30s);
  EXPECT_EQ(stage.heard("ann").back(), R"(call-ended {"call":"call-1","reason":"ring_timeout"})");
}

TEST(PlantedBugs, KeepRoomRefusesWhoLeft) {
  Stage stage(with(PlantedBug::kKeepRoom));
  for (const char* id : {"A", "B"}) {
    stage.connect(id);
    stage.say(id, "join", kJoin);
  }
  stage.heard("A");
  EXPECT_EQ(stage.outcome("B", "leave"), "ok");
  EXPECT_EQ(stage.heard("A"), Heard{});
  EXPECT_EQ(stage.outcome("B", "join", kJoin), "double_join");
  EXPECT_EQ(stage.outcome("B", "find-partner"), "double_join");
  stage.gone("B", Gone::kLost);
  EXPECT_EQ(stage.app.census().members, 1u) << "the end of a session still frees everything";
}

TEST(PlantedBugs, StaleIdSendsToTheConnectionThatIsGone) {
  Stage stage(with(PlantedBug::kStaleId));
  for (const char* id : {"ann", "ben"}) {
    stage.enter(id);
    stage.say(id, "join", kJoin);
  }
  stage.heard("ann");
  stage.gone("ben", Gone::kLost);
  stage.connect("ben2");
  EXPECT_EQ(stage.outcome("ben2", "register", R"({"user":"ben"})"), "ok");
  EXPECT_EQ(stage.heard("ann"), Heard{R"(peer-reconnected {"id":"ben","was":"ben","user":"ben"})"});
  EXPECT_EQ(stage.outcome("ann", "signal", R"({"to":"ben","data":{}})"), "ghost_session");
  EXPECT_EQ(stage.outcome("ann", "signal", R"({"to":"ben2","data":{}})"), "stale_peer");
}

TEST(PlantedBugs, DuplicateCandidatesAreSentTwiceAndDescriptionsOnce) {
  Stage stage(with(PlantedBug::kDuplicateCandidates));
  for (const char* id : {"A", "B"}) {
    stage.connect(id);
    stage.say(id, "join", kJoin);
  }
  stage.say("A", "signal", R"({"to":"B","data":{"candidate":{"candidate":"c"}}})");
  EXPECT_EQ(stage.heard("B").size(), 2u);
  stage.say("A", "signal", R"({"to":"B","data":{"type":"offer","sdp":""}})");
  EXPECT_EQ(stage.heard("B").size(), 1u);
}

}  // namespace
}  // namespace turnout
