#include "pipelines/media/pacer.h"

#include <algorithm>
#include <utility>

#include <sys/prctl.h>

namespace turnout {

Pacer::Pacer(const std::string& name)
    : thread_([this, name] {
        prctl(PR_SET_NAME, name.c_str());
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

void Pacer::run() {
  while (sleepUntilNext())
    takeTurns();
}

void Pacer::takeTurns() {
  std::vector<Duration> late;
  for (Instant at = now(); !turns_.empty() && turns_.top().due <= at; at = now()) {
    Turn turn = turns_.top();
    turns_.pop();
    late.push_back(at - turn.due);
    if (const auto next = turn.stream->advance(at))
      turns_.push({*next, std::move(turn.stream)});
  }
  const std::lock_guard lock(mutex_);
  for (const Duration each : late)
    lateness_.add(each);
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
