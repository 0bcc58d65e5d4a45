#include "pipelines/media/pacer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <sys/prctl.h>

namespace turnout {

void Lateness::add(Duration late) {
  late = std::max(late, Duration::zero());
  steps_[std::min(static_cast<std::size_t>(late / kStep), kSteps - 1)]++;
  count_++;
  max_ = std::max(max_, late);
}

void Lateness::add(const Lateness& other) {
  for (std::size_t i = 0; i < kSteps; i++)
    steps_[i] += other.steps_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

double Lateness::percentile_ms(double fraction) const {
  const auto wanted = static_cast<std::uint64_t>(std::ceil(fraction * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kSteps && count_ > 0; i++)
    if ((seen += steps_[i]) >= wanted)
      return std::min(toMs(kStep * static_cast<std::int64_t>(i + 1)), max_ms());
  return 0;
}

Pacer::Pacer(const std::string& name)
    : name_(name), thread_([this] {
        prctl(PR_SET_NAME, name_.c_str());
        run();
      }) {}

Pacer::~Pacer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Pacer::add(std::shared_ptr<PacedStream> stream, Instant first_due) {
  {
    const std::lock_guard lock(mutex_);
    arrivals_.push_back({first_due, std::move(stream)});
  }
  wake_.notify_one();
}

Lateness Pacer::takeLateness() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lateness_, Lateness());
}

std::vector<Stall> Pacer::takeStalls() {
  const std::lock_guard lock(mutex_);
  return std::exchange(stalls_, {});
}

void Pacer::run() {
  while (sleepUntilNext())
    takeTurns();
}

void Pacer::takeTurns() {
  std::vector<Duration> late;
  Stall worst{.thread = name_, .began = {}};
  for (Instant at = now(); !turns_.empty() && turns_.top().due <= at; at = now()) {
    Turn turn = turns_.top();
    turns_.pop();
    late.push_back(at - turn.due);
    if (late.back() > worst.length) {
      worst.began = turn.due;
      worst.length = late.back();
    }
    if (const auto next = turn.stream->advance(at))
      turns_.push({*next, std::move(turn.stream)});
  }
  const std::lock_guard lock(mutex_);
  for (const Duration each : late)
    lateness_.add(each);
  if (worst.length >= kLeastStall)
    stalls_.push_back(std::move(worst));
}

// Sleeps at least a tick while there is work, so that streams due close together share a wake-up.
bool Pacer::sleepUntilNext() {
  const Instant earliest = now() + kTick;
  std::unique_lock lock(mutex_);
  const auto disturbed = [this] { return stopping_ || !arrivals_.empty(); };
  if (turns_.empty())
    wake_.wait(lock, disturbed);
  else
    wake_.wait_until(lock, std::max(earliest, turns_.top().due), disturbed);
  for (Turn& arrival : std::exchange(arrivals_, {}))
    turns_.push(std::move(arrival));
  return !stopping_;
}

}  // namespace turnout
