// The machine of calls that ring, row by row of its table.
#include "bots/signaling/app/ring_calls.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr Instant kRingStart{1h};

struct Line {
  Ringing ringing{{.ring_timeout = 30s, .bugs = {}}};
  std::string id = ringing.ring(kRingStart, "ann", "ben").id;

  static AppError errorOf(const Ringing::EndedOr& result) {
    const auto* error = std::get_if<AppError>(&result);
    return error ? *error : AppError::kCount;
  }
  static EndReason reasonOf(const Ringing::EndedOr& result) {
    const auto* ended = std::get_if<Ringing::Ended>(&result);
    return ended ? ended->reason : EndReason::kCount;
  }
  bool isAnswered() { return std::holds_alternative<Ringing::Call>(ringing.answer("ben", id)); }
};

TEST(Ringing, RingsUntilTheTimeout) {
  Line line;
  EXPECT_EQ(line.ringing.deadline(), kRingStart + 30s);
  EXPECT_FALSE(line.ringing.takeExpired(kRingStart + 30s - 1ns));
  const auto ended = line.ringing.takeExpired(kRingStart + 30s);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->reason, EndReason::kRingTimeout);
  EXPECT_EQ(line.ringing.of("ann"), nullptr);
  EXPECT_EQ(line.ringing.of("ben"), nullptr);
}

TEST(Ringing, TheTimeoutCanNeverFireOnceAnswered) {
  Line line;
  ASSERT_TRUE(line.isAnswered());
  EXPECT_EQ(line.ringing.deadline(), Instant::max());
  EXPECT_FALSE(line.ringing.takeExpired(kRingStart + 24h));
  EXPECT_EQ(line.ringing.of("ann")->phase, Ringing::Phase::kActive);
}

TEST(Ringing, OnlyTheCalleeAnswersOrRejects) {
  Line line;
  EXPECT_EQ(std::get<AppError>(line.ringing.answer("ann", line.id)), AppError::kNoSuchCall);
  EXPECT_EQ(Line::errorOf(line.ringing.reject("ann", line.id, EndReason::kRejected)),
            AppError::kNoSuchCall);
  EXPECT_EQ(std::get<AppError>(line.ringing.answer("eve", line.id)), AppError::kNoSuchCall);
  EXPECT_EQ(Line::errorOf(line.ringing.hangUp("eve", line.id)), AppError::kNoSuchCall);
  EXPECT_EQ(line.ringing.of("ben")->phase, Ringing::Phase::kRinging);
}

TEST(Ringing, HangingUpHasAReasonByWhoAndWhen) {
  EXPECT_EQ(Line::reasonOf([](Line l) { return l.ringing.hangUp("ann", l.id); }({})),
            EndReason::kCancelled);
  EXPECT_EQ(Line::reasonOf([](Line l) { return l.ringing.hangUp("ben", l.id); }({})),
            EndReason::kRejected);
  for (const char* who : {"ann", "ben"}) {
    Line line;
    ASSERT_TRUE(line.isAnswered());
    EXPECT_EQ(Line::reasonOf(line.ringing.hangUp(who, line.id)), EndReason::kHungUp);
  }
}

TEST(Ringing, AfterTheEndEverythingIsLate) {
  Line line;
  ASSERT_TRUE(line.isAnswered());
  EXPECT_EQ(std::get<AppError>(line.ringing.answer("ben", line.id)), AppError::kLateMessage);
  EXPECT_EQ(Line::errorOf(line.ringing.reject("ben", line.id, EndReason::kBusy)),
            AppError::kLateMessage);
  ASSERT_EQ(Line::reasonOf(line.ringing.hangUp("ann", line.id)), EndReason::kHungUp);
  EXPECT_EQ(Line::errorOf(line.ringing.hangUp("ben", line.id)), AppError::kLateMessage);
  EXPECT_EQ(Line::errorOf(line.ringing.hangUp("ann", line.id)), AppError::kLateMessage);
  EXPECT_EQ(std::get<AppError>(line.ringing.answer("ben", line.id)), AppError::kLateMessage);
  EXPECT_EQ(line.ringing.count(Ringing::Phase::kActive), 0u);
}

TEST(Ringing, APartyThatDropsOutEndsTheCallWhateverItsPhase) {
  Line line;
  const auto ended = line.ringing.drop("ben", EndReason::kLost);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->call.other("ben"), "ann");
  EXPECT_EQ(ended->reason, EndReason::kLost);
  EXPECT_FALSE(line.ringing.drop("ann", EndReason::kLost));
  EXPECT_EQ(line.ringing.deadline(), Instant::max());
}

}  // namespace
}  // namespace turnout
