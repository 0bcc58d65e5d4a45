#include "bots/attempt/message_link.h"

#include "pipelines/base/log.h"

#include <algorithm>
#include <array>

namespace turnout {
namespace {

// A message that has been on its way for less when the link ends may still arrive: it is not told.
constexpr Duration kMayStillArrive = 1s;

constexpr std::array kMessagePhases{"idle", "connecting", "up", "failed", "ended"};

}  // namespace

MessageLink::MessageLink(MessageLoad load, Instant connect_by, std::optional<Instant> lost_at)
    : period_(
          std::chrono::duration_cast<Duration>(std::chrono::duration<double>(1 / load.rate_per_s))),
      connect_by_(connect_by),
      lost_at_(lost_at) {}

void MessageLink::enter(Phase phase, Instant, const char* why) {
  logPhase("message link", kMessagePhases.at(static_cast<std::size_t>(phase_)),
           kMessagePhases.at(static_cast<std::size_t>(phase)), why);
  phase_ = phase;
  TURNOUT_DCHECK(isConsistent(), why);
}

bool MessageLink::isConsistent() const {
  const auto answered = static_cast<std::int64_t>(round_trips_us_.size());
  if (phase_ == Phase::kIdle || phase_ == Phase::kConnecting)
    return answered == 0;
  return answered + static_cast<std::int64_t>(awaited_.size()) == sent_;
}

void MessageLink::start(Instant at, LinkAttempt::Role role) {
  TURNOUT_CHECK(phase_ == Phase::kIdle, "a link starts once");
  enter(Phase::kConnecting, at, "begins to ask");
  record(at, LinkStarted{role == LinkAttempt::Role::kOfferer});
  next_due_ = at;
  onTime(at);
}

void MessageLink::onTime(Instant at) {
  if (phase_ != Phase::kConnecting && phase_ != Phase::kUp)
    return;
  if (phase_ == Phase::kConnecting && at >= connect_by_)
    return fail(at, FailureCause::kPeerMissing, "no message was answered");
  for (; next_due_ <= at; next_due_ += period_) {
    awaited_[++sent_] = next_due_;
    actions_.push_back(SendPing{sent_});
  }
}

std::optional<Instant> MessageLink::due() const {
  switch (phase_) {
    case Phase::kConnecting:
      return std::min(next_due_, connect_by_);
    case Phase::kUp:
      return next_due_;
    case Phase::kIdle:
    case Phase::kFailed:
    case Phase::kEnded:
      break;
  }
  return std::nullopt;
}

void MessageLink::onPing(Instant at, std::int64_t number) {
  last_heard_ = at;
  if (phase_ == Phase::kConnecting || phase_ == Phase::kUp)
    actions_.push_back(AnswerPing{number});
}

void MessageLink::onAnswer(Instant at, std::int64_t number) {
  last_heard_ = at;
  const auto awaited = awaited_.find(number);
  if (awaited == awaited_.end() || phase_ == Phase::kEnded)
    return;
  round_trips_us_.push_back(
      std::chrono::duration_cast<std::chrono::microseconds>(at - awaited->second).count());
  awaited_.erase(awaited);
  if (phase_ != Phase::kConnecting)
    return;
  enter(Phase::kUp, at, "the first answer");
  record(at, LinkConnected{});
  actions_.push_back(Connected{});
  if (lost_at_)
    record(at, LinkRecovered{"rejoin", toMs(at - *lost_at_)});
  actions_.push_back(Settled{.up = true});
}

void MessageLink::onSignalingLost(Instant at, const std::string& what) {
  if (phase_ == Phase::kConnecting || phase_ == Phase::kUp)
    fail(at, FailureCause::kSignalingLost, what);
}

void MessageLink::fail(Instant at, FailureCause cause, const std::string& detail) {
  const bool was_settled = phase_ == Phase::kUp;
  record(at, LinkFailed{cause, "signaling", detail});
  enter(Phase::kFailed, at, detail.c_str());
  if (!was_settled)
    actions_.push_back(Settled{.up = false, .cause = cause});
}

void MessageLink::end(Instant at) {
  if (phase_ == Phase::kEnded)
    return;
  enter(Phase::kEnded, at, "the bot closes it");
  const auto in_flight = std::ranges::count_if(
      awaited_, [&](const auto& one) { return at - one.second < kMayStillArrive; });
  std::string times = "[";
  for (const std::int64_t time : round_trips_us_)
    times += (times.size() > 1 ? "," : "") + std::to_string(time);
  record(at, MessageReport{sent_ - in_flight, static_cast<std::int64_t>(round_trips_us_.size()),
                           times + "]"});
}

}  // namespace turnout
