#include "pipelines/media/media_watch.h"

namespace turnout {

std::optional<Duration> MediaWatch::packet(Instant at) {
  const std::int64_t last_ns = last_ns_.exchange(toNs(at), std::memory_order_relaxed);
  if (last_ns >= 0)
    return std::nullopt;
  return at - fromNs(-last_ns);
}

MediaWatch::Verdict MediaWatch::check(Instant at) {
  std::int64_t last_ns = last_ns_.load(std::memory_order_relaxed);
  if (last_ns <= 0)  // nothing to be missed yet, or missed already
    return {std::nullopt, at + limit_};
  const Instant due = fromNs(last_ns) + limit_;
  if (at < due)
    return {std::nullopt, due};
  if (!last_ns_.compare_exchange_strong(last_ns, -last_ns, std::memory_order_relaxed))
    return {std::nullopt, at + limit_};  // a packet came this very moment
  return {due - limit_, at + limit_};
}

}  // namespace turnout
