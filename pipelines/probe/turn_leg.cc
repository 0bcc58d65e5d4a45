#include "pipelines/probe/turn_leg.h"

#include "pipelines/stun/socket_address.h"

#include <utility>

namespace turnout {
namespace {

constexpr int kBadRequest = 400;          // RFC 8489 14.8
constexpr int kAllocationMismatch = 437;  // RFC 8656 19: there is none (any more)

}  // namespace

TurnLeg::TurnLeg(ServerLink::Setup setup, OnDone on_started)
    : loop_(setup.loop),
      server_(setup.server),
      deadline_(now() + setup.limit),
      on_started_(std::move(on_started)),
      link_(std::move(setup), [this](auto transport) { onLinked(std::move(transport)); }) {}

IceServerOutcome TurnLeg::faultOf(ServerStage stage, ServerFault fault) const {
  IceServerOutcome outcome = noStunAnswer(stage, fault);
  outcome.url = server_.url;
  outcome.username = server_.username;
  return outcome;
}

// TLS 1.3 lets a client speak before the server has looked at it: a refusal comes with the answer.
IceServerOutcome TurnLeg::faultOf(ServerStage stage, const StunOutcome& outcome) const {
  const bool is_of_tls =
      outcome.fault == ServerFault::kClientCertificate || outcome.fault == ServerFault::kNoTls;
  IceServerOutcome fault = faultOf(is_of_tls ? ServerStage::kTls : stage, outcome.fault);
  fault.error_code = outcome.code;
  fault.error_text = outcome.text;
  if (outcome.fault == ServerFault::kClosed && outcome.first_answer > Duration::zero())
    fault.rtt_ms = toMs(outcome.first_answer);  // it had spoken
  return fault;
}

void TurnLeg::start() {
  link_.start();
}

// Binding and Allocate go together: some TURN servers leave the first without an answer.
void TurnLeg::onLinked(std::unique_ptr<ProbeTransport> transport) {
  if (!transport) {
    fault_ = link_.fault();
    fault_->url = server_.url;
    fault_->username = server_.username;
    return started();
  }
  client_ = std::make_unique<StunClient>(loop_, std::move(transport), server_);
  const Duration left = deadline_ - now();
  client_->ask({.method = TurnMethod::kBinding}, left,
               [this](const StunOutcome& outcome) { onBound(outcome); });
  if (server_.scheme != IceScheme::kTurn)
    return;
  has_asked_ = true;
  StunRequest allocate{.method = TurnMethod::kAllocate};
  if (server_.relay_family != RelayFamily::kServers)
    allocate.relay_family = server_.relay_family == RelayFamily::kIpv6 ? AF_INET6 : AF_INET;
  client_->ask(allocate, left, [this](const StunOutcome& outcome) { onAllocated(outcome); });
}

void TurnLeg::onBound(const StunOutcome& outcome) {
  binding_ = outcome;
  if (server_.scheme == IceScheme::kTurn)
    return;
  if (!outcome.succeeded())
    fault_ = faultOf(ServerStage::kStun, outcome);
  else if (!outcome.answer->mapped)
    fault_ = faultOf(ServerStage::kStun, ServerFault::kMalformed);
  started();
}

void TurnLeg::onAllocated(const StunOutcome& outcome) {
  allocation_ = outcome;
  const bool nothing_came = !(binding_ && binding_->answer) && !outcome.answer &&
                            outcome.first_answer == Duration::zero();
  // To a login, which answers a challenge, 400 says something else than to a first request.
  const bool is_first = outcome.code == kBadRequest && !outcome.was_signed;
  if (!outcome.succeeded())
    fault_ =
        faultOf(nothing_came || is_first ? ServerStage::kStun : ServerStage::kAllocate, outcome);
  else if (!outcome.answer->relayed || !outcome.answer->mapped || !outcome.answer->lifetime_s ||
           portOf(*outcome.answer->relayed) == 0)
    fault_ = faultOf(ServerStage::kAllocate, ServerFault::kMalformed);
  else if (!outcome.was_signed && !server_.username.empty())
    fault_ = faultOf(ServerStage::kAllocate, ServerFault::kUnsigned);
  started();
}

void TurnLeg::started() {
  const OnDone on_started = std::exchange(on_started_, nullptr);
  on_started();
}

void TurnLeg::permit(const sockaddr_storage& peer, Duration limit, OnPermitted on_permitted) {
  client_->ask({.method = TurnMethod::kCreatePermission, .peer = peer}, limit,
               [this, on_permitted = std::move(on_permitted)](const StunOutcome& outcome) {
                 on_permitted(outcome.succeeded()
                                  ? std::nullopt
                                  : std::optional(faultOf(ServerStage::kPermission, outcome)));
               });
}

void TurnLeg::bindChannel(const sockaddr_storage& peer, Duration limit, OnPermitted on_bound) {
  constexpr std::uint16_t kChannel = 0x4000;  // RFC 8656 12: the first
  client_->ask({.method = TurnMethod::kChannelBind, .peer = peer, .channel = kChannel}, limit,
               [this, peer, on_bound = std::move(on_bound)](const StunOutcome& outcome) {
                 if (!outcome.succeeded())
                   return on_bound(faultOf(ServerStage::kChannel, outcome));
                 client_->addChannel(kChannel, peer);
                 on_bound(std::nullopt);
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
