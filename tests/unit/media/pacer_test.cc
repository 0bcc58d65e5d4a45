#include "pipelines/media/pacer.h"

#include <future>

#include <gtest/gtest.h>

namespace turnout {
namespace {

// Takes `turns` turns, `step` apart, and then is done.
class Metronome final : public PacedStream {
 public:
  Metronome(Instant first, Duration step, int turns) : due_(first), step_(step), left_(turns) {}
  std::optional<Instant> advance(Instant at) override {
    early_ |= at < due_;
    due_ += step_;
    if (--left_ > 0)
      return due_;
    done_.set_value();
    return std::nullopt;
  }
  bool waitUntilDone() {
    return done_.get_future().wait_for(std::chrono::seconds(10)) == std::future_status::ready;
  }
  bool wasEarly() const { return early_; }

 private:
  Instant due_;
  Duration step_;
  int left_;
  bool early_ = false;
  std::promise<void> done_;
};

TEST(Pacer, EveryStreamGetsItsTurnsAndNoneTooEarly) {
  Pacer pacer("test-pacer");
  std::vector<std::shared_ptr<Metronome>> streams;
  const Instant start = now();
  for (int i = 0; i < 20; i++) {
    streams.push_back(std::make_shared<Metronome>(start + milliseconds(i), 5ms, 10));
    pacer.add(streams.back(), start + milliseconds(i));
  }
  for (const auto& stream : streams) {
    ASSERT_TRUE(stream->waitUntilDone());
    EXPECT_FALSE(stream->wasEarly());
  }
  EXPECT_GE(now() - start, 45ms);
}

TEST(Pacer, MeasuresItsOwnLatenessOnce) {
  Pacer pacer("test-pacer");
  auto stream = std::make_shared<Metronome>(now() - 40ms, 1ms, 3);
  pacer.add(stream, now() - 40ms);
  ASSERT_TRUE(stream->waitUntilDone());
  // The last turn is written down after it was taken: ask until it is there.
  Lateness late;
  while (late.count() < 3)
    late.add(pacer.takeLateness());
  EXPECT_EQ(late.count(), 3u);
  EXPECT_GE(late.max_ms(), 40);
  EXPECT_GE(late.percentile_ms(0.99), 38);
  EXPECT_EQ(pacer.takeLateness().count(), 0u);
}

TEST(Pacer, AnIdlePacerTakesANewStreamAtOnce) {
  Pacer pacer("test-pacer");
  auto first = std::make_shared<Metronome>(now(), 1ms, 1);
  pacer.add(first, now());
  ASSERT_TRUE(first->waitUntilDone());
  auto second = std::make_shared<Metronome>(now(), 1ms, 1);
  pacer.add(second, now());
  EXPECT_TRUE(second->waitUntilDone());
}

TEST(Pacer, StopsWithStreamsStillWaiting) {
  auto stream = std::make_shared<Metronome>(now() + 1h, 1ms, 1);
  {
    Pacer pacer("test-pacer");
    pacer.add(stream, now() + 1h);
  }
  EXPECT_EQ(stream.use_count(), 1);
}

}  // namespace
}  // namespace turnout
