#include "pipelines/probe/server_probe.h"

#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

// Data that has not come back by then is lost; what is left is for the other steps.
constexpr Duration kEchoLimit = 1500ms;

ServerReport blankReport(const ServerProbe::Setup& setup) {
  const IceServer& server = setup.server;
  ServerReport report;
  report.url = server.url;
  report.scheme = server.scheme;
  report.host = server.host;
  report.port = server.port;
  report.transport = server.transport;
  report.username = server.username;
  report.expectation = setup.expectation;
  return report;
}

ServerLink::Setup linkSetup(Loop& loop, const ServerProbe::Setup& setup,
                            const ProbeOptions& options) {
  return {loop, setup.server, setup.address, options.local_address, options.limit};
}

std::string textOf(const std::optional<sockaddr_storage>& address) {
  return address ? socketAddressText(*address) : std::string();
}

}  // namespace

ServerProbe::ServerProbe(Loop& loop, const Setup& setup, const ProbeOptions& options,
                         std::function<void()> on_done)
    : loop_(loop),
      server_(setup.server),
      options_(options),
      began_(now()),
      on_done_(std::move(on_done)),
      report_(blankReport(setup)),
      near_(linkSetup(loop, setup, options), [this] { onNearStarted(); }) {
  near_.start();
}

Duration ServerProbe::left() const {
  return std::max<Duration>(began_ + options_.limit - now(), Duration::zero());
}

void ServerProbe::onNearStarted() {
  if (is_over_)
    return;
  if (near_.allocation() && near_.allocation()->answer)
    alternate_ = near_.allocation()->answer->alternate;
  if (near_.fault())
    return fail(*near_.fault());
  if (server_.scheme != IceScheme::kTurn || !options_.with_echo)
    return release();
  startFar();
}

void ServerProbe::startFar() {
  ServerLink::Setup setup = linkSetup(loop_, {server_}, options_);
  setup.address = near_.link().address();
  setup.limit = left();
  far_.emplace(std::move(setup), [this] { onFarStarted(); });
  far_->start();
}

void ServerProbe::onFarStarted() {
  if (is_over_)
    return;
  if (far_->fault()) {
    IceServerOutcome fault = *far_->fault();
    fault.stage = ServerStage::kSecondAllocate;
    return fail(fault);
  }
  permitBoth();
}

void ServerProbe::permitBoth() {
  pending_ = 2;
  near_.permit(far_->relayed(), left(), [this](const auto& fault) { onPermitted(fault); });
  far_->permit(near_.relayed(), left(), [this](const auto& fault) { onPermitted(fault); });
}

void ServerProbe::onPermitted(const std::optional<IceServerOutcome>& fault) {
  if (is_over_)
    return;
  if (fault)
    return fail(*fault);
  if (--pending_ > 0)
    return;
  echo_.emplace(loop_, near_, *far_, std::min(left(), kEchoLimit),
                [this](std::optional<double> echo_ms) { onEcho(echo_ms); });
}

// A failure waits for what comes from outside, which tells more of its reason.
void ServerProbe::onEcho(std::optional<double> echo_ms) {
  if (is_over_)
    return;
  report_.echo_ms = echo_ms;
  next_ = loop_.after(0s, [this] { testFromOutside(); });
}

void ServerProbe::testFromOutside() {
  if (is_over_)
    return;
  outside_.emplace(loop_, near_, server_, options_.local_address, left(),
                   [this](const OutsideEcho::Result& result) { onOutside(result); });
}

void ServerProbe::onOutside(const OutsideEcho::Result& result) {
  if (is_over_)
    return;
  compareRelay(near_.relayed());
  report_.outside_ms = result.echo_ms;
  if (!report_.echo_ms && result.echo_ms)
    return fail(faultOf(ServerStage::kEcho, ServerFault::kLost));
  if (result.echo_ms)
    return bindChannel();
  if (result.fault && !isPrivate(result.peer)) {
    IceServerOutcome fault = *result.fault;
    fault.stage = ServerStage::kOutside;
    return fail(fault);
  }
  if (result.fault)
    report_.notices.push_back(ProbeNotice::kOutsideForbidden);
  const bool is_known =
      result.was_sent && (result.is_udp_open || report_.has(ProbeNotice::kRelayPrivate));
  if (is_known) {
    IceServerOutcome fault = faultOf(ServerStage::kOutside, ServerFault::kLost);
    fault.error_text = result.error_text;
    return fail(fault);
  }
  if (!report_.echo_ms)
    return fail(faultOf(ServerStage::kEcho, ServerFault::kLost));
  if (!result.fault)
    report_.notices.push_back(ProbeNotice::kOutsideNotTested);
  bindChannel();
}

// What calls do once they have a path: most of their data goes in a channel.
void ServerProbe::bindChannel() {
  if (!report_.echo_ms)
    return burstOrRelease();
  near_.bindChannel(far_->relayed(), left(), [this](const auto& fault) { onBound(fault); });
}

void ServerProbe::onBound(const std::optional<IceServerOutcome>& fault) {
  if (is_over_)
    return;
  if (fault)
    return fail(*fault);
  echo_.emplace(loop_, near_, *far_, std::min(left(), kEchoLimit),
                [this](std::optional<double> echo_ms) { onChannelEcho(echo_ms); });
}

void ServerProbe::onChannelEcho(std::optional<double> echo_ms) {
  if (is_over_)
    return;
  report_.channel_ms = echo_ms;
  if (!echo_ms)
    return fail(faultOf(ServerStage::kChannel, ServerFault::kLost));
  next_ = loop_.after(0s, [this] {
    if (!is_over_)
      burstOrRelease();
  });
}

void ServerProbe::burstOrRelease() {
  if (!options_.with_burst)
    return release();
  burst_.emplace(loop_, near_, *far_, [this](const ProbeBurst& burst) { onBurst(burst); });
}

// The relay of a server behind a 1:1 NAT has the public address of both, or the server is wrong
// about its own (RFC 8656 3).
void ServerProbe::compareRelay(const sockaddr_storage& relayed) {
  const auto server = socketAddress(near_.link().address(), server_.port);
  if (!server)
    return;
  const bool is_private = isPrivate(hostText(relayed)) && !isPrivate(hostText(*server));
  if (server->ss_family != relayed.ss_family)
    report_.notices.push_back(ProbeNotice::kRelayOtherFamily);
  else if (hostText(*server) != hostText(relayed))
    report_.notices.push_back(is_private ? ProbeNotice::kRelayPrivate
                                         : ProbeNotice::kRelayElsewhere);
}

IceServerOutcome ServerProbe::faultOf(ServerStage stage, ServerFault fault) const {
  IceServerOutcome outcome = noStunAnswer(stage, fault);
  outcome.url = server_.url;
  outcome.username = server_.username;
  return outcome;
}

void ServerProbe::onBurst(const ProbeBurst& burst) {
  if (is_over_)
    return;
  constexpr double kMostLost = 0.3;  // no codec hides more
  report_.burst = burst;
  if (burst.lost > kMostLost)
    return fail(faultOf(ServerStage::kBurst, ServerFault::kLost));
  release();
}

void ServerProbe::stop() {
  if (!is_over_) {
    IceServerOutcome stopped = faultOf(ServerStage::kNone, ServerFault::kOurSide);
    stopped.error_text = "stopped";
    fail(stopped);
  }
}

void ServerProbe::fail(IceServerOutcome fault) {
  report_.fault = std::move(fault);
  release();
}

void ServerProbe::release() {
  is_over_ = true;
  report_.elapsed_ms = toMs(now() - began_);
  describeNear();
  pending_ = far_ ? 2 : 1;
  near_.release(kReleaseLimit, [this] { onReleased(); });
  if (far_)
    far_->release(kReleaseLimit, [this] { onReleased(); });
}

void ServerProbe::describeNear() {
  const ServerLink& link = near_.link();
  report_.address = link.address().empty() ? "" : hostPort(link.address(), server_.port);
  report_.dns_ms = link.times().dns_ms;
  report_.tcp_ms = link.times().tcp_ms;
  report_.tls_ms = link.times().tls_ms;
  report_.certificate = link.certificate();
  const auto& binding = near_.binding();
  const auto& allocation = near_.allocation();
  report_.alternate_address = textOf(alternate_);
  for (const auto* first : {&binding, &allocation}) {
    if (!*first || (*first)->first_answer == Duration::zero())
      continue;
    if (!report_.stun_ms)
      report_.stun_ms = toMs((*first)->first_answer);
    if (!(*first)->answer)
      continue;
    const StunAnswer& answer = *(*first)->answer;
    if (report_.mapped_address.empty())
      report_.mapped_address = textOf(answer.mapped);
    if (report_.software.empty())
      report_.software = answer.software;
  }
  if (allocation && allocation->succeeded()) {
    report_.allocate_ms = toMs(allocation->took);
    report_.relayed_address = textOf(allocation->answer->relayed);
    report_.lifetime_s = allocation->answer->lifetime_s;
  }
}

void ServerProbe::onReleased() {
  if (--pending_ > 0)
    return;
  const auto near = near_.isReleased();
  const auto far = far_ ? far_->isReleased() : std::nullopt;
  if (near || far)
    report_.is_released = near.value_or(true) && far.value_or(true);
  done_ = loop_.after(0s, [this] { on_done_(); });
}

CrossProbe::CrossProbe(Loop& loop, const ServerProbe::Setup& one, const ServerProbe::Setup& other,
                       const ProbeOptions& options, std::function<void()> on_done)
    : loop_(loop),
      on_done_(std::move(on_done)),
      report_({one.server.url, other.server.url, {}, {}}),
      near_(linkSetup(loop, one, options), [this] { onStarted(); }),
      far_(linkSetup(loop, other, options), [this] { onStarted(); }) {
  near_.start();
  far_.start();
}

void CrossProbe::stop() {
  if (!is_over_)
    release();
}

void CrossProbe::onStarted() {
  if (is_over_ || --pending_ > 0)
    return;
  // Both have just worked, each by itself: what fails now is no news of the crossing.
  if (near_.fault() || far_.fault())
    return release();
  pending_ = 2;
  near_.permit(far_.relayed(), kEchoLimit, [this](const auto& fault) { onPermitted(fault); });
  far_.permit(near_.relayed(), kEchoLimit, [this](const auto& fault) { onPermitted(fault); });
}

void CrossProbe::onPermitted(const std::optional<IceServerOutcome>& fault) {
  if (is_over_)
    return;
  if (fault)
    return fail(*fault);
  if (--pending_ == 0)
    echo_.emplace(loop_, near_, far_, kEchoLimit,
                  [this](std::optional<double> echo_ms) { onEcho(echo_ms); });
}

void CrossProbe::onEcho(std::optional<double> echo_ms) {
  if (is_over_)
    return;
  report_.echo_ms = echo_ms;
  if (echo_ms)
    return release();
  IceServerOutcome lost = noStunAnswer(ServerStage::kEcho, ServerFault::kLost);
  lost.url = report_.url;
  fail(lost);
}

void CrossProbe::fail(const IceServerOutcome& fault) {
  report_.fault = fault;
  release();
}

void CrossProbe::release() {
  is_over_ = true;
  pending_ = 2;
  for (TurnLeg* leg : {&near_, &far_})
    leg->release(ServerProbe::kReleaseLimit, [this] {
      if (--pending_ == 0)
        done_ = loop_.after(0s, [this] { on_done_(); });
    });
}

}  // namespace turnout
