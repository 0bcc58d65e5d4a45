#include "pipelines/probe/server_probe.h"

#include "pipelines/ice/servers/server_outcomes.h"
#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

// Data that has not come back by then is lost; what is left is for the other steps.
constexpr Duration kEchoLimit = 1500ms;

ServerReport blankReport(const IceServer& server, Expectation expectation) {
  ServerReport report;
  report.url = server.url;
  report.scheme = server.scheme;
  report.host = server.host;
  report.port = server.port;
  report.transport = server.transport;
  report.username = server.username;
  report.expectation = expectation;
  return report;
}

ServerLink::Setup setupOf(Loop& loop, const IceServer& server, const ProbeOptions& options) {
  return {loop, server, {}, options.local_address, options.limit};
}

std::string textOf(const std::optional<sockaddr_storage>& address) {
  return address ? socketAddressText(*address) : std::string();
}

}  // namespace

ServerProbe::ServerProbe(Loop& loop, const IceServer& server, Expectation expectation,
                         const ProbeOptions& options, std::function<void()> on_done)
    : loop_(loop),
      server_(server),
      options_(options),
      began_(now()),
      on_done_(std::move(on_done)),
      report_(blankReport(server, expectation)),
      near_(setupOf(loop, server, options), [this] { onNearStarted(); }) {
  near_.start();
}

Duration ServerProbe::left() const {
  return std::max<Duration>(began_ + options_.limit - now(), Duration::zero());
}

void ServerProbe::onNearStarted() {
  if (is_over_)
    return;
  if (near_.fault())
    return fail(*near_.fault());
  if (server_.scheme != IceScheme::kTurn || !options_.with_echo)
    return release();
  startFar();
}

void ServerProbe::startFar() {
  ServerLink::Setup setup = setupOf(loop_, server_, options_);
  setup.address = near_.link().address();
  setup.limit = left();
  far_.emplace(std::move(setup), [this] { onFarStarted(); });
  far_->start();
}

void ServerProbe::onFarStarted() {
  if (is_over_)
    return;
  if (far_->fault()) {
    ProbeFault fault = *far_->fault();
    fault.stage = ProbeStage::kPermission;
    fault.text = "second allocation: " + fault.text;
    return fail(fault);
  }
  permitBoth();
}

void ServerProbe::permitBoth() {
  pending_ = 2;
  near_.permit(far_->relayed(), left(), [this] { onPermitted(); });
  far_->permit(near_.relayed(), left(), [this] { onPermitted(); });
}

void ServerProbe::onPermitted() {
  if (--pending_ > 0 || is_over_)
    return;
  for (const auto* fault : {&near_.fault(), &far_->fault()})
    if (*fault)
      return fail(**fault);
  echo_.emplace(loop_, near_, *far_, std::min(left(), kEchoLimit),
                [this](std::optional<double> echo_ms) { onEcho(echo_ms); });
}

void ServerProbe::onEcho(std::optional<double> echo_ms) {
  if (is_over_)
    return;
  report_.echo_ms = echo_ms;
  if (!echo_ms)
    return fail({ProbeStage::kEcho, kNoAnswer, "data through the relay did not come back"});
  if (!options_.with_burst)
    return release();
  burst_.emplace(loop_, near_, *far_, [this](const ProbeBurst& burst) { onBurst(burst); });
}

void ServerProbe::onBurst(const ProbeBurst& burst) {
  if (is_over_)
    return;
  report_.burst = burst;
  release();
}

void ServerProbe::stop() {
  if (!is_over_)
    fail({ProbeStage::kStun, kNoAnswer, "stopped"});
}

void ServerProbe::fail(ProbeFault fault) {
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

}  // namespace turnout
