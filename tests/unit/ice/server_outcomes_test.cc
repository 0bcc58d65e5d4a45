#include "pipelines/ice/servers/server_outcomes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using Failures = ServerOutcomes::Failures;

Instant at(int ms) {
  return Instant(milliseconds(ms));
}

IceServerOutcome failure(int code, const char* text) {
  IceServerOutcome outcome;
  outcome.error_code = code;
  outcome.error_text = text;
  return outcome;
}

IceServerOutcome success(const char* address) {
  IceServerOutcome outcome;
  outcome.address = address;
  return outcome;
}

class Outcomes : public testing::Test {
 protected:
  ServerOutcomes ledger(Failures failures, std::size_t servers = 2) {
    std::vector<IceServer> list(servers);
    for (std::size_t i = 0; i < servers; ++i)
      list[i].url = "turn:" + std::to_string(i), list[i].username = "user " + std::to_string(i);
    return {list, failures, [this](Instant when, const IceServerOutcome& outcome) {
              told_.push_back(outcome);
              when_.push_back(when);
            }};
  }
  std::vector<IceServerOutcome> told_;
  std::vector<Instant> when_;
};

TEST_F(Outcomes, AreToldOncePerServer) {
  auto outcomes = ledger(Failures::kAtOnce);
  outcomes.begin(at(0));
  outcomes.succeed(1, success("192.0.2.1:5"), at(7));
  outcomes.succeed(1, success("192.0.2.1:6"), at(8));
  outcomes.fail(1, failure(401, "late"), at(9));
  outcomes.fail(0, failure(401, "Unauthorized"), at(10));
  outcomes.finish(at(20));
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[0].url, "turn:1");
  EXPECT_EQ(told_[0].username, "user 1");
  EXPECT_EQ(told_[0].address, "192.0.2.1:5");
  EXPECT_EQ(told_[0].elapsed_ms, 7);
  EXPECT_EQ(told_[1].error_code, 401);
  EXPECT_EQ(told_[1].error_text, "Unauthorized");
}

TEST_F(Outcomes, OfServersThatNeverAnsweredAre701AtTheEnd) {
  auto outcomes = ledger(Failures::kAtOnce);
  outcomes.begin(at(5));
  outcomes.finish(at(2005));
  outcomes.finish(at(3000));
  ASSERT_EQ(told_.size(), 2u);
  for (const auto& outcome : told_) {
    EXPECT_EQ(outcome.error_code, 701);
    EXPECT_EQ(outcome.fault, ServerFault::kTimeout);
    EXPECT_EQ(outcome.elapsed_ms, 2000);
  }
}

TEST_F(Outcomes, KnownBeforeGatheringAreToldWhenItBegins) {
  auto outcomes = ledger(Failures::kAtOnce);
  outcomes.fail(0, failure(701, "name not resolved"), at(3));
  EXPECT_TRUE(told_.empty());
  outcomes.begin(at(50));
  outcomes.begin(at(60));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].elapsed_ms, 0);
  EXPECT_EQ(when_[0], at(50));
}

TEST_F(Outcomes, OfSeveralLocalAddressesAreASuccessIfOneIs) {
  auto outcomes = ledger(Failures::kAtEnd);
  outcomes.begin(at(0));
  outcomes.fail(0, failure(486, "Allocation Quota Reached"), at(4));
  EXPECT_TRUE(told_.empty());
  outcomes.succeed(0, success("192.0.2.1:5"), at(6));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].error_code, 0);
}

TEST_F(Outcomes, OfSeveralLocalAddressesKeepTheTimeOfTheFirstFailure) {
  auto outcomes = ledger(Failures::kAtEnd, 1);
  outcomes.begin(at(0));
  outcomes.fail(0, failure(486, "first"), at(4));
  outcomes.fail(0, failure(437, "second"), at(5));
  EXPECT_FALSE(outcomes.isComplete());
  outcomes.finish(at(2000));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].error_text, "first");
  EXPECT_EQ(told_[0].elapsed_ms, 4);
  EXPECT_TRUE(outcomes.isComplete());
}

TEST_F(Outcomes, AreCompleteWithTheLastAnswer) {
  auto outcomes = ledger(Failures::kAtOnce);
  outcomes.begin(at(0));
  outcomes.succeed(0, success("192.0.2.1:5"), at(1));
  EXPECT_FALSE(outcomes.isComplete());
  outcomes.fail(1, failure(401, "Unauthorized"), at(2));
  EXPECT_TRUE(outcomes.isComplete());
}

// A name with an IPv6 and an IPv4 address, of which one is dead.
TEST_F(Outcomes, OfSeveralAddressesAreAFailureWithTheLastOfThem) {
  auto outcomes = ledger(Failures::kAtOnce, 1);
  outcomes.expect(0, 2);
  outcomes.begin(at(0));
  outcomes.fail(0, failure(401, "Unauthorized"), at(2));
  EXPECT_TRUE(told_.empty());
  outcomes.fail(0, noStunAnswer(ServerStage::kStun, ServerFault::kTimeout), at(9));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].error_code, 401);
}

TEST_F(Outcomes, OfSeveralAddressesAreASuccessWithTheFirstThatIs) {
  auto outcomes = ledger(Failures::kAtOnce, 1);
  outcomes.expect(0, 2);
  outcomes.begin(at(0));
  outcomes.fail(0, failure(508, ""), at(2));
  outcomes.succeed(0, success("192.0.2.1:5"), at(3));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].error_code, 0);
}

TEST_F(Outcomes, OfAServerThatAnsweredOnceSayHowFarItIs) {
  auto outcomes = ledger(Failures::kAtOnce, 1);
  outcomes.begin(at(0));
  outcomes.hear(0, 1400);
  outcomes.finish(at(2000));
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].stage, ServerStage::kAllocate);
  EXPECT_EQ(told_[0].fault, ServerFault::kTimeout);
  EXPECT_EQ(told_[0].rtt_ms, 1400);
}

TEST_F(Outcomes, OfAServerThatWeWereSentToAreItsOwn) {
  auto outcomes = ledger(Failures::kAtOnce, 1);
  outcomes.begin(at(0));
  const std::size_t other = outcomes.add("turn:192.0.2.9:3478", "user");
  outcomes.succeed(0, success("192.0.2.9:3478"), at(1));
  EXPECT_FALSE(outcomes.isComplete());
  outcomes.fail(other, failure(401, "Unauthorized"), at(2));
  EXPECT_TRUE(outcomes.isComplete());
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1].url, "turn:192.0.2.9:3478");
}

}  // namespace
}  // namespace turnout
