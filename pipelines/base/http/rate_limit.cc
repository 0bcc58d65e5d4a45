#include "pipelines/base/http/rate_limit.h"

#include <algorithm>

namespace turnout {

std::optional<Duration> RateLimit::ask(const std::string& address, Instant at) {
  if (full_at_.size() >= kMostAddresses && at >= forget_at_) {
    std::erase_if(full_at_, [at](const auto& bucket) { return bucket.second <= at; });
    forget_at_ = at + 1s;  // it looks at all of them
  }
  // Still too many: those who come now share a bucket, so that memory has an end.
  const bool shared = full_at_.size() >= kMostAddresses && !full_at_.contains(address);
  Instant& full_at = full_at_[shared ? "" : address];
  const Instant then = std::max(full_at, at) + cost();
  if (then - at > Duration(1min))
    return then - at - Duration(1min);
  full_at = then;
  return std::nullopt;
}

}  // namespace turnout
