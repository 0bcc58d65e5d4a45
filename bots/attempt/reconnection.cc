#include "bots/attempt/reconnection.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr Duration kFirstDelay = 1s, kLongestDelay = 5s;
constexpr double kVariation = 0.5;

}  // namespace

void Reconnection::lost(Instant at) {
  lost_at_ = at;
  attempts_ = 0;
  plan(at);
}

void Reconnection::failed(Instant at) {
  if (isOngoing())
    plan(at);
}

void Reconnection::plan(Instant at) {
  const Duration doubled = kFirstDelay * (1 << std::min(attempts_, 10));
  const double factor = 1 + kVariation * (2 * random_.uniform() - 1);
  const auto varied = std::chrono::duration<double>(doubled) * factor;
  due_ = at + std::min(std::chrono::duration_cast<Duration>(varied), Duration(kLongestDelay));
}

Reconnection::Back Reconnection::back(Instant at) {
  const Back back{attempts_, at - lost_at_.value_or(at)};
  giveUp();
  return back;
}

}  // namespace turnout
