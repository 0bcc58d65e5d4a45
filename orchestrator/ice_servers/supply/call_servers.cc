#include "orchestrator/ice_servers/supply/call_servers.h"

#include "pipelines/base/log.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr Duration kBeforeExpiry = 60s;

}  // namespace

std::optional<Duration> renewalPeriod(const TurnArm& arm) {
  std::optional<Duration> period;
  for (const ScenarioServer& server : arm.ice_servers) {
    if (!server.rest_renew || !makesRestCredentials(server))
      continue;
    const Duration ttl = server.rest_ttl;
    const Duration own = std::max(ttl * 3 / 4, ttl - kBeforeExpiry);
    period = std::min(period.value_or(own), own);
  }
  return period;
}

CallServers::CallServers(Loop& loop, std::vector<TurnArm> arms,
                         std::function<void(const ServersForCall&)> renew)
    : loop_(loop), arms_(std::move(arms)), renew_(std::move(renew)) {}

Result<std::vector<IceServer>> CallServers::begin(const PlannedCall& call) {
  auto servers = make(call.id, call.arm);
  if (!servers)
    return servers;
  Running& running = running_[call.id] = {.arm = call.arm, .renew_at = std::nullopt};
  if (const auto period = renewalPeriod(armOf(call.arm)))
    running.renew_at = now() + *period;
  wakeAt(running.renew_at);
  return servers;
}

void CallServers::end(int call) {
  running_.erase(call);
}

void CallServers::endAll() {
  running_.clear();
  due_.cancel();
}

Result<std::vector<IceServer>> CallServers::make(int call, int arm) const {
  RestMoment moment{.user = "call-" + std::to_string(call), .now = unixTime(), .expired = expired_};
  if (sources_) {
    auto lease = sources_->lease(static_cast<std::size_t>(arm), moment.now);
    if (!lease)
      return lease.error();
    moment.sourced = std::move(lease->servers);
  }
  return iceServersOf(armOf(arm), services_, moment);
}

void CallServers::renew(std::size_t arm) {
  for (auto& [call, running] : running_)
    if (static_cast<std::size_t>(running.arm) == arm)
      supply(call, running);
}

void CallServers::expire(const std::string& service) {
  expired_.insert(service);
  supplyAll();
}

void CallServers::restore(const std::string& service) {
  expired_.erase(service);
  supplyAll();
}

void CallServers::supply(int call, Running& running) {
  auto servers = make(call, running.arm);
  if (!servers)
    return log(LogLevel::kWarning, "run", servers.error().what);
  renew_({.call = call,
          .reason = expired_.empty() ? "rotated" : "expired",
          .servers = std::move(*servers)});
  if (const auto period = renewalPeriod(armOf(running.arm)))
    running.renew_at = now() + *period;
}

void CallServers::supplyAll() {
  for (auto& [call, running] : running_)
    if (std::ranges::any_of(armOf(running.arm).ice_servers, makesRestCredentials))
      supply(call, running);
}

void CallServers::supplyDue() {
  wakes_at_.reset();
  for (auto& [call, running] : running_) {
    if (running.renew_at && *running.renew_at <= now())
      supply(call, running);
    wakeAt(running.renew_at);
  }
}

void CallServers::wakeAt(std::optional<Instant> due) {
  if (!due || (wakes_at_ && *wakes_at_ <= *due))
    return;
  wakes_at_ = due;
  due_ = loop_.at(*due, [this] { supplyDue(); });
}

}  // namespace turnout
