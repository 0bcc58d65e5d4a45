#include "bots/attempt/message_link.h"

#include "tests/unit/attempt/actions.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

const Instant kMessagesStart = fromNs(1'000'000'000);

MessageLink started() {
  MessageLink link({.rate_per_s = 10, .size_bytes = 100}, kMessagesStart + 15s, std::nullopt);
  link.start(kMessagesStart, LinkAttempt::Role::kOfferer);
  return link;
}

TEST(MessageLink, SendsAtItsRateWhateverBecameOfEarlierMessages) {
  MessageLink link = started();
  EXPECT_EQ(all<SendPing>(link.takeActions()).size(), 1u);
  EXPECT_EQ(link.due(), kMessagesStart + 100ms);
  link.onTime(kMessagesStart + 310ms);
  EXPECT_EQ(all<SendPing>(link.takeActions()).size(), 3u);
  EXPECT_EQ(link.due(), kMessagesStart + 400ms);
}

TEST(MessageLink, IsUpWithTheFirstAnswer) {
  MessageLink link = started();
  link.takeActions();
  link.onAnswer(kMessagesStart + 3ms, 1);
  const auto actions = link.takeActions();
  EXPECT_EQ(recorded<LinkConnected>(actions).size(), 1u);
  EXPECT_TRUE(all<Settled>(actions).at(0).up);
}

TEST(MessageLink, AnswersTheOtherAtOnce) {
  MessageLink link = started();
  link.takeActions();
  link.onPing(kMessagesStart + 1ms, 42);
  EXPECT_EQ(all<AnswerPing>(link.takeActions()).at(0).number, 42);
}

TEST(MessageLink, RoundTripsCountFromWhenTheMessageWasDue) {
  MessageLink link = started();
  link.onAnswer(kMessagesStart + 2ms, 1);
  link.onTime(kMessagesStart + 150ms);  // 50 ms late
  link.onAnswer(kMessagesStart + 153ms, 2);
  link.onTime(kMessagesStart + 200ms);
  link.takeActions();
  link.end(kMessagesStart + 1300ms);
  const auto report = recorded<MessageReport>(link.takeActions()).at(0);
  EXPECT_EQ(report.sent, 3);
  EXPECT_EQ(report.answered, 2);
  EXPECT_EQ(report.round_trips_us_json, "[2000,53000]");
}

TEST(MessageLink, WhatIsOnItsWayWhenTheLinkEndsIsNotTold) {
  MessageLink link = started();
  link.onAnswer(kMessagesStart + 2ms, 1);
  link.onTime(kMessagesStart + 100ms);
  link.takeActions();
  link.end(kMessagesStart + 110ms);
  const auto report = recorded<MessageReport>(link.takeActions()).at(0);
  EXPECT_EQ(report.sent, 1);
  EXPECT_EQ(report.answered, 1);
}

TEST(MessageLink, WithoutAnyAnswerItFailsAtTheDeadline) {
  MessageLink link({.rate_per_s = 0.01, .size_bytes = 100}, kMessagesStart + 15s, std::nullopt);
  link.start(kMessagesStart, LinkAttempt::Role::kAnswerer);
  link.takeActions();
  EXPECT_EQ(link.due(), kMessagesStart + 15s);
  link.onTime(kMessagesStart + 15s);
  EXPECT_FALSE(all<Settled>(link.takeActions()).at(0).up);
}

}  // namespace
}  // namespace turnout
