#include "orchestrator/run/progress.h"

#include <algorithm>

namespace turnout {
namespace {

// From the start of a call to its end when all goes well, without the queue.
Duration lengthOfCall(const Scenario& scenario) {
  Duration length = scenario.shape.answer_after + scenario.hold;
  for (const Step& step : scenario.steps)
    length += step.delay + step.away;
  return length;
}

}  // namespace

Progress::Progress(const Scenario& scenario, const Plan& plan)
    : name_(scenario.name),
      bots_per_call_(scenario.shape.bots),
      link_ends_(scenario.shape.bots * (scenario.shape.participants() - 1)),
      length_of_call_(lengthOfCall(scenario)) {
  for (const TurnArm& arm : scenario.turn)
    arms_.push_back({.name = arm.name});
  for (const PlannedCall& planned : plan.calls) {
    Call call;
    call.arm = static_cast<std::size_t>(planned.arm);
    calls_.push_back(call);
    starts_.push_back(planned.start);
  }
  planUpTo(static_cast<std::size_t>(scenario.firstCallsPerArm()) * scenario.turn.size());
}

void Progress::planUpTo(std::size_t calls) {
  for (; planned_ < std::min(calls, calls_.size()); planned_++)
    arms_.at(calls_[planned_].arm).planned++;
  if (planned_ > 0)
    planned_length_ = starts_[planned_ - 1] + length_of_call_;
}

void Progress::enter(Call& call, CallState state) {
  ProgressCounts& arm = arms_[call.arm];
  const auto count = [&arm](CallState which, int by) {
    if (which == CallState::kConnected)
      arm.connected += by;
    else if (which == CallState::kFailed)
      arm.failed += by;
    else if (which == CallState::kAborted)
      arm.aborted += by;
  };
  if (call.state == CallState::kPlanned)
    arm.started++;
  count(call.state, -1);
  call.state = state;
  count(state, +1);
}

void Progress::add(const Event& event) {
  if (const auto* started = std::get_if<RunStarted>(&event.body)) {
    phase_ = Phase::kRunning;
    epoch_ = fromNs(started->epoch_ns);
  } else if (std::holds_alternative<RunFinished>(event.body)) {
    phase_ = Phase::kFinished;
  } else if (const auto* look = std::get_if<SampleJudged>(&event.body)) {
    planUpTo(static_cast<std::size_t>(std::max(0, look->planned)));
    planned_length_ += Duration(look->delay_ns);
  } else if (const auto* exited = std::get_if<HostExited>(&event.body)) {
    if (!exited->expected)
      loseCallsOf(exited->host);
  } else if (event.call >= 0 && static_cast<std::size_t>(event.call) < calls_.size()) {
    addToCall(calls_[static_cast<std::size_t>(event.call)], event);
  }
}

void Progress::addToCall(Call& call, const Event& event) {
  const bool first_round = event.round == 1;  // later ones are after steps
  std::visit(Overloaded{[&](const CallAssigned& assigned) { call.host = assigned.host; },
                        [&](const BotStarted& started) {
                          call.scheduled = fromNs(started.scheduled_ns);
                          if (call.state == CallState::kPlanned)
                            enter(call, CallState::kStarted);
                        },
                        [&](const LinkConnected&) {
                          if (first_round && ++call.link_ends_connected == link_ends_ &&
                              call.state == CallState::kStarted) {
                            enter(call, CallState::kConnected);
                            arms_[call.arm].connect_ms.push_back(toMs(event.at - call.scheduled));
                          }
                        },
                        [&](const BotFailed& failed) { fail(call, event.call, failed.cause); },
                        [&](const LinkFailed& failed) {
                          if (first_round)
                            fail(call, event.call, failed.cause);
                        },
                        [&](const BotLeft&) { call.bots_left++; }, [](const auto&) {}},
             event.body);
}

void Progress::fail(Call& call, int id, FailureCause cause) {
  if (call.state == CallState::kFailed || call.state == CallState::kAborted)
    return;
  last_failure_ = "call " + std::to_string(id) + " of " + arms_[call.arm].name + ": " +
                  std::string(toString(cause));
  enter(call, cause == FailureCause::kInterrupted ? CallState::kAborted : CallState::kFailed);
}

void Progress::loseCallsOf(int host) {
  for (Call& call : calls_) {
    const bool ended = call.bots_left == bots_per_call_ || call.state == CallState::kFailed;
    if (call.host == host && !ended && call.state != CallState::kAborted)
      enter(call, CallState::kAborted);
  }
}

ProgressCounts Progress::total() const {
  ProgressCounts sum{.name = name_};
  for (const ProgressCounts& arm : arms_) {
    sum.planned += arm.planned;
    sum.started += arm.started;
    sum.connected += arm.connected;
    sum.failed += arm.failed;
    sum.aborted += arm.aborted;
  }
  return sum;
}

Duration Progress::elapsed(Instant at) const {
  return epoch_ ? at - *epoch_ : Duration::zero();
}

Duration Progress::left(Instant at) const {
  return std::max(Duration::zero(), planned_length_ - elapsed(at));
}

}  // namespace turnout
