// The three kinds of call over real sockets, all at one server.
#include "tests/net/signaling_app/server_test.h"

namespace turnout {
namespace {

using Calls = ServerTest;

std::string callIs(const std::string& id) {
  return R"({"call":")" + id + R"("})";
}

TEST_F(Calls, RingAnswerSignalHangUp) {
  serve();
  const auto ann = named("ann"), ben = named("ben");
  const auto call = ann->ask("call", R"({"to":"ben"})").stringOr("call", "");
  const auto incoming = ben->hear("incoming-call");
  EXPECT_EQ(incoming.stringOr("call", ""), call);
  EXPECT_EQ(incoming.get("from").stringOr("user", ""), "ann");
  EXPECT_EQ(ben->ask("answer", callIs(call)).boolOr("initiator", true), false);
  const auto accepted = ann->hear("call-accepted");
  EXPECT_TRUE(accepted.boolOr("initiator", false));
  EXPECT_EQ(accepted.get("peer").stringOr("id", ""), ben->id);

  ann->client().emit("signal", {R"({"to":")" + ben->id + R"(","data":{"type":"offer"}})"});
  EXPECT_EQ(ben->hear("signal").stringOr("from", ""), ann->id);
  EXPECT_TRUE(ben->ask("hang-up", callIs(call)).boolOr("ok", false));
  EXPECT_EQ(ann->hear("call-ended").stringOr("reason", ""), "hung_up");
  EXPECT_EQ(server_->stats().census.active, 0u);
}

TEST_F(Calls, ARingTimesOutByTheServersClock) {
  SignalingServerOptions options;
  options.app.ring_timeout = 50ms;
  serve(options);
  const auto ann = named("ann"), ben = named("ben");
  ann->ask("call", R"({"to":"ben"})");
  EXPECT_EQ(ann->hear("call-ended").stringOr("reason", ""), "ring_timeout");
  EXPECT_EQ(ben->hear("call-ended").stringOr("reason", ""), "ring_timeout");
}

TEST_F(Calls, StrangersAreMatchedAndGetTheNextOne) {
  serve();
  const auto ann = caller(), ben = caller(), cid = caller();
  ann->ask("find-partner");
  ben->ask("find-partner");
  EXPECT_EQ(ann->hear("matched").get("peer").stringOr("id", ""), ben->id);
  const auto match = ben->hear("matched");
  EXPECT_TRUE(match.boolOr("initiator", false));
  EXPECT_TRUE(ben->ask("next-partner").boolOr("cleaned", false));
  EXPECT_EQ(ann->hear("call-ended").stringOr("reason", ""), "next_partner");
  cid->ask("find-partner");
  EXPECT_EQ(ben->hear("matched").get("peer").stringOr("id", ""), cid->id);
}

TEST_F(Calls, AllKindsAreServedAtOnce) {
  serve();
  const auto ann = named("ann"), ben = named("ben"), cid = caller(), dan = caller(), eve = caller(),
             fay = caller();
  ann->ask("call", R"({"to":"ben"})");
  cid->ask("join", R"({"room":"r","user":"cid"})");
  dan->ask("join", R"({"room":"r","user":"dan"})");
  eve->ask("find-partner");
  fay->ask("find-partner");
  const auto now = server_->stats().census;
  EXPECT_EQ(now.ringing, 1u);
  EXPECT_EQ(now.members, 2u);
  EXPECT_EQ(now.matches, 1u);
}

}  // namespace
}  // namespace turnout
