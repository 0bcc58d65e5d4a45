#include "pipelines/probe/turn_leg.h"

#include "pipelines/ice/servers/server_outcomes.h"
#include "pipelines/stun/socket_address.h"

#include <utility>

namespace turnout {
namespace {

constexpr int kAllocationMismatch = 437;  // RFC 8656 19: there is none (any more)

ProbeFault faultOf(ProbeStage stage, const StunOutcome& outcome) {
  ProbeFault fault{stage, outcome.code, outcome.text};
  if (outcome.answer && outcome.answer->alternate)
    fault.text += " (" + socketAddressText(*outcome.answer->alternate) + ")";
  return fault;
}

}  // namespace

TurnLeg::TurnLeg(ServerLink::Setup setup, OnDone on_started)
    : loop_(setup.loop),
      server_(setup.server),
      deadline_(now() + setup.limit),
      on_started_(std::move(on_started)),
      link_(std::move(setup), [this](auto transport) { onLinked(std::move(transport)); }) {}

void TurnLeg::start() {
  link_.start();
}

// Binding and Allocate go together: some TURN servers leave the first without an answer.
void TurnLeg::onLinked(std::unique_ptr<ProbeTransport> transport) {
  if (!transport) {
    fault_ = link_.fault();
    return started();
  }
  client_ = std::make_unique<StunClient>(loop_, std::move(transport), server_);
  const Duration left = deadline_ - now();
  client_->ask({.method = TurnMethod::kBinding}, left,
               [this](const StunOutcome& outcome) { onBound(outcome); });
  if (server_.scheme != IceScheme::kTurn)
    return;
  has_asked_ = true;
  client_->ask({.method = TurnMethod::kAllocate}, left,
               [this](const StunOutcome& outcome) { onAllocated(outcome); });
}

void TurnLeg::onBound(const StunOutcome& outcome) {
  binding_ = outcome;
  if (server_.scheme == IceScheme::kTurn)
    return;
  if (!outcome.succeeded())
    fault_ = faultOf(ProbeStage::kStun, outcome);
  else if (!outcome.answer->mapped)
    fault_ = ProbeFault{ProbeStage::kStun, kNoAnswer, "an answer without a mapped address"};
  started();
}

void TurnLeg::onAllocated(const StunOutcome& outcome) {
  allocation_ = outcome;
  const bool nothing_came = !(binding_ && binding_->answer) && !outcome.answer &&
                            outcome.first_answer == Duration::zero();
  if (!outcome.succeeded())
    fault_ = faultOf(nothing_came ? ProbeStage::kStun : ProbeStage::kAllocate, outcome);
  else if (!outcome.answer->relayed)
    fault_ = ProbeFault{ProbeStage::kAllocate, kNoAnswer, "an answer without a relayed address"};
  started();
}

void TurnLeg::started() {
  const OnDone on_started = std::exchange(on_started_, nullptr);
  on_started();
}

void TurnLeg::permit(const sockaddr_storage& peer, Duration limit, OnDone on_done) {
  client_->ask({.method = TurnMethod::kCreatePermission, .peer = peer}, limit,
               [this, on_done = std::move(on_done)](const StunOutcome& outcome) {
                 if (!outcome.succeeded())
                   fault_ = faultOf(ProbeStage::kPermission, outcome);
                 on_done();
               });
}

// Also when the answer to the signed request is missing: it may be the answer that got lost.
bool TurnLeg::mayHoldAllocation() const {
  if (!has_asked_)
    return false;
  return !allocation_ || allocation_->succeeded() ||
         (!allocation_->answer && allocation_->first_answer > Duration::zero());
}

void TurnLeg::release(Duration limit, OnDone on_done) {
  if (!mayHoldAllocation())
    return on_done();
  const bool is_known = allocation_ && allocation_->succeeded();
  client_->ask({.method = TurnMethod::kRefresh, .lifetime_s = 0}, limit,
               [this, is_known, on_done = std::move(on_done)](const StunOutcome& outcome) {
                 if (is_known)
                   is_released_ = outcome.succeeded() || outcome.code == kAllocationMismatch;
                 on_done();
               });
}

}  // namespace turnout
