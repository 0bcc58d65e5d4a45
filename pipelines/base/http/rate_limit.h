// How often each address may ask: so many times a minute, all at once if it likes (a token bucket).
// Pure.
#pragma once

#include "pipelines/base/clock.h"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

namespace turnout {

class RateLimit {
 public:
  explicit RateLimit(int per_minute) : per_minute_(per_minute) {}

  // nullopt: it may, and did. Else: not before so long.
  std::optional<Duration> ask(const std::string& address, Instant at);
  std::size_t addresses() const { return full_at_.size(); }  // kept; bounded

 private:
  static constexpr std::size_t kMostAddresses = 100'000;
  Duration cost() const { return Duration(1min) / per_minute_; }

  const int per_minute_;
  // A bucket is told by when it will be full again; what is full is as good as unknown.
  std::unordered_map<std::string, Instant> full_at_;
  Instant forget_at_{};  // not before
};

}  // namespace turnout
