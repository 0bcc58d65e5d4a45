// Who is paired with whom.
#include "bots/signaling/app/match_calls.h"

#include <set>

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr Instant kStart{1h};

struct Queue {
  // With whom `who`, who waits, is paired; "" for with nobody.
  std::string pair(const std::string& who) {
    const auto match =
        maker.pair(kStart, who, [&](const std::string& other) { return absent.count(other) == 0; });
    return match ? match->other(who) : "";
  }
  void wait(std::initializer_list<const char*> people) {
    for (const char* who : people)
      maker.wait(kStart, who);
  }

  Matchmaker maker{60s};
  std::set<std::string> absent;
};

TEST(Matchmaker, WhoWaitedLongestComesFirst) {
  Queue queue;
  queue.wait({"ann", "ben", "cid"});
  EXPECT_EQ(queue.pair("cid"), "ann");
  EXPECT_TRUE(queue.maker.isWaiting("ben"));
}

TEST(Matchmaker, NobodyIsPairedWithHimselfOrWithOneWhoIsAway) {
  Queue queue;
  queue.wait({"ann"});
  EXPECT_EQ(queue.pair("ann"), "");
  queue.absent = {"ann"};
  queue.wait({"ben"});
  EXPECT_EQ(queue.pair("ben"), "");
}

TEST(Matchmaker, TheLastPartnerComesAfterEverybodyElse) {
  Queue queue;
  queue.wait({"ann", "ben"});
  EXPECT_EQ(queue.pair("ben"), "ann");
  queue.maker.leave(kStart, "ben");
  queue.wait({"ann", "cid", "ben"});
  EXPECT_EQ(queue.pair("ben"), "cid") << "though ann came first";
}

TEST(Matchmaker, TheLastPartnerIsBetterThanNone) {
  Queue queue;
  queue.wait({"ann", "ben"});
  EXPECT_EQ(queue.pair("ben"), "ann");
  queue.maker.leave(kStart, "ann");
  queue.wait({"ann", "ben"});
  EXPECT_EQ(queue.pair("ben"), "ann");
}

TEST(Matchmaker, WaitsAreMeasuredFromTheFirstAsking) {
  Matchmaker maker(60s);
  maker.wait(kStart, "ann");
  maker.wait(kStart + 5s, "ann");
  maker.wait(kStart + 7s, "ben");
  const auto match = maker.pair(kStart + 8s, "ann", [](const auto&) { return true; });
  ASSERT_TRUE(match);
  EXPECT_EQ(match->first, "ann");
  EXPECT_EQ(match->first_waited, 8s);
  EXPECT_EQ(match->second_waited, 1s);
  EXPECT_EQ(maker.deadline(), Instant::max());
}

TEST(Matchmaker, TheTimeoutTakesOneOutOfTheQueue) {
  Matchmaker maker(10s);
  maker.wait(kStart, "ann");
  EXPECT_FALSE(maker.takeExpired(kStart + 10s - 1ns));
  const auto expired = maker.takeExpired(kStart + 10s);
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->who, "ann");
  EXPECT_EQ(expired->waited, 10s);
  EXPECT_FALSE(maker.isWaiting("ann"));
}

TEST(Matchmaker, LeavingAMatchFreesBoth) {
  Queue queue;
  queue.wait({"ann", "ben"});
  queue.pair("ann");
  const auto left = queue.maker.leave(kStart, "ann");
  ASSERT_TRUE(left && left->ended);
  EXPECT_EQ(left->ended->other("ann"), "ben");
  EXPECT_EQ(queue.maker.matchOf("ben"), nullptr);
  EXPECT_FALSE(queue.maker.leave(kStart, "ben"));
}

}  // namespace
}  // namespace turnout
