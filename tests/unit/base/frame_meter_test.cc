#include "pipelines/base/http/web_socket.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Verdict = FrameMeter::Verdict;

constexpr std::uint8_t kLast = 0x80, kText = 0x1, kContinuation = 0x0, kPing = 0x9;
const Instant kBegin = fromNs(1'000'000'000);

TEST(FrameMeter, CountsAMessageNotItsFrames) {
  FrameMeter meter({.message = 1000});
  EXPECT_EQ(meter.take(kText, 600, kBegin), Verdict::kWithin);
  EXPECT_EQ(meter.take(kContinuation, 300, kBegin), Verdict::kWithin);
  EXPECT_EQ(meter.take(kLast | kContinuation, 100, kBegin), Verdict::kWithin);
  EXPECT_EQ(meter.take(kText, 600, kBegin), Verdict::kWithin) << "another message";
  EXPECT_EQ(meter.take(kContinuation, 401, kBegin), Verdict::kTooLarge);
  EXPECT_EQ(meter.take(kLast | kText, 1, kBegin), Verdict::kTooLarge) << "for good";
}

TEST(FrameMeter, EmptyFragmentsHaveAnEnd) {
  FrameMeter meter({.message = 1000});
  int taken = 0;
  while (meter.take(kContinuation, 0, kBegin) == Verdict::kWithin)
    ASSERT_LT(taken++, 100);
}

TEST(FrameMeter, ControlFramesMayInterruptAMessageAndAreFew) {
  FrameMeter meter({.message = 1000, .control_per_second = 2, .control_burst = 3});
  EXPECT_EQ(meter.take(kText, 900, kBegin), Verdict::kWithin);
  for (int i = 0; i < 3; i++)
    EXPECT_EQ(meter.take(kLast | kPing, 125, kBegin), Verdict::kWithin);
  EXPECT_EQ(meter.take(kLast | kPing, 0, kBegin + 500ms), Verdict::kWithin) << "half a second: one";
  EXPECT_EQ(meter.take(kLast | kContinuation, 100, kBegin + 500ms), Verdict::kWithin);
  EXPECT_EQ(meter.take(kLast | kPing, 0, kBegin + 600ms), Verdict::kFlood);
}

TEST(FrameMeter, ItsLimitMayGrow) {
  FrameMeter meter({.message = 10});
  meter.setMessageLimit(1000);
  EXPECT_EQ(meter.take(kLast | kText, 1000, kBegin), Verdict::kWithin);
}

}  // namespace
}  // namespace turnout
