#include "pipelines/lab/line.h"

namespace turnout {
namespace {

constexpr Instant kStart{};

std::vector<bool> losses(std::uint64_t seed, double loss, std::size_t packets) {
  Line line({.loss = loss}, seed, 0);
  std::vector<bool> lost;
  for (std::size_t i = 0; i < packets; ++i)
    lost.push_back(!line.arrivalOf(100, kStart + i * 1ms));
  return lost;
}

TEST(LineTest, APlainLineChangesNothing) {
  Line line({}, 1, 0);
  EXPECT_EQ(line.arrivalOf(1500, kStart + 3ms), kStart + 3ms);
}

TEST(LineTest, TheSameSeedLosesTheSamePackets) {
  EXPECT_EQ(losses(1, 0.1, 1000), losses(1, 0.1, 1000));
  EXPECT_NE(losses(1, 0.1, 1000), losses(2, 0.1, 1000));
  const auto lost = losses(1, 0.1, 10'000);
  EXPECT_NEAR(static_cast<double>(std::count(lost.begin(), lost.end(), true)), 1000, 100);
}

TEST(LineTest, JitterIsAroundTheDelayAndKeepsTheOrder) {
  Line line({.delay = 50ms, .jitter = 10ms}, 1, 0);
  Instant last{};
  for (int i = 0; i < 1000; ++i) {
    const Instant at = kStart + i * 40ms;
    const auto arrival = line.arrivalOf(100, at);
    ASSERT_TRUE(arrival);
    EXPECT_GE(*arrival - at, 40ms);
    EXPECT_LE(*arrival - at, 60ms);
    EXPECT_GE(*arrival, last);
    last = *arrival;
  }
}

TEST(LineTest, ARateSpacesPacketsAndDropsWhatWouldWaitTooLong) {
  Line line({.rate_kbps = 1000, .queue = 100ms}, 1, 0);  // 1250 bytes take 10 ms
  std::vector<Instant> arrivals;
  int dropped = 0;
  for (int i = 0; i < 20; ++i)
    if (const auto arrival = line.arrivalOf(1250, kStart))
      arrivals.push_back(*arrival);
    else
      ++dropped;
  ASSERT_EQ(arrivals.size(), 11U);  // one that goes at once, and those that wait up to 100 ms
  EXPECT_EQ(dropped, 9);
  for (std::size_t i = 0; i < arrivals.size(); ++i)
    EXPECT_EQ(arrivals[i], kStart + (i + 1) * 10ms);
  EXPECT_TRUE(line.arrivalOf(1250, kStart + 110ms)) << "the queue is empty again";
}

TEST(LineTest, AChangeIsOfPacketsThatComeLater) {
  Line line({.delay = 10ms}, 1, 0);
  EXPECT_EQ(line.arrivalOf(100, kStart), kStart + 10ms);
  line.change({.delay = 80ms});
  EXPECT_EQ(line.arrivalOf(100, kStart + 1ms), kStart + 81ms);
  line.change({.loss = 1});
  EXPECT_EQ(line.arrivalOf(100, kStart + 2ms), std::nullopt);
}

}  // namespace
}  // namespace turnout
