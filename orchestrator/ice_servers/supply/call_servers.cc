#include "orchestrator/ice_servers/supply/call_servers.h"

#include "pipelines/base/log.h"

#include <algorithm>
#include <utility>

namespace turnout {

std::optional<Duration> renewalPeriod(const TurnArm& arm) {
  std::optional<Duration> period;
  for (const ScenarioServer& server : arm.ice_servers) {
    if (!server.rest_renew || !makesRestCredentials(server))
      continue;
    const Duration own = renewAfter(server.rest_ttl);
    period = std::min(period.value_or(own), own);
  }
  return period;
}

CallServers::CallServers(Loop& loop, Config config, std::function<void(Renewed)> on_renewed)
    : loop_(loop),
      arms_(config.arms),
      on_renewed_(std::move(on_renewed)),
      sources_(loop, {.arms = std::move(config.arms),
                      .layers = std::move(config.layers),
                      .policy = config.policy,
                      .on_renewed = [this](std::size_t arm) { renewArm(arm); }}) {}

Result<Done> CallServers::start(std::function<void(Result<Done>)> on_ready) {
  return sources_.start(std::move(on_ready));
}

Result<std::vector<IceServer>> CallServers::begin(const PlannedCall& call) {
  auto servers = make(call.id, call.arm);
  if (servers)
    keepSupplied(running_[call.id] = {.arm = call.arm, .renew_at = std::nullopt});
  return servers;
}

void CallServers::end(int call) {
  running_.erase(call);
}

void CallServers::endAll() {
  running_.clear();
  due_.cancel();
}

Result<std::vector<IceServer>> CallServers::make(int call, int arm) {
  RestMoment moment{.user = "call-" + std::to_string(call), .now = unixTime(), .expired = expired_};
  auto lease = sources_.lease(static_cast<std::size_t>(arm), moment.now);
  if (!lease)
    return lease.error();
  moment.sourced = std::move(lease->servers);
  return iceServersOf(armOf(arm), services_, moment);
}

void CallServers::keepSupplied(Running& running) {
  if (const auto period = renewalPeriod(armOf(running.arm)))
    running.renew_at = now() + *period;
  wakeAt(running.renew_at);
}

void CallServers::renew(int call, Running& running) {
  auto servers = make(call, running.arm);
  if (!servers)
    return log(LogLevel::kWarning, "run", servers.error().what);
  on_renewed_({.call = call,
               .reason = expired_.empty() ? "rotated" : "expired",
               .servers = std::move(*servers)});
  keepSupplied(running);
}

void CallServers::renewArm(std::size_t arm) {
  for (auto& [call, running] : running_)
    if (static_cast<std::size_t>(running.arm) == arm)
      renew(call, running);
}

void CallServers::expire(const std::string& service) {
  expired_.insert(service);
  renewRest();
}

void CallServers::restore(const std::string& service) {
  expired_.erase(service);
  renewRest();
}

void CallServers::renewRest() {
  for (auto& [call, running] : running_)
    if (std::ranges::any_of(armOf(running.arm).ice_servers, makesRestCredentials))
      renew(call, running);
}

void CallServers::renewDue() {
  wakes_at_.reset();
  for (auto& [call, running] : running_) {
    if (running.renew_at && *running.renew_at <= now())
      renew(call, running);
    wakeAt(running.renew_at);
  }
}

void CallServers::wakeAt(std::optional<Instant> due) {
  if (!due || (wakes_at_ && *wakes_at_ <= *due))
    return;
  wakes_at_ = due;
  due_ = loop_.at(*due, [this] { renewDue(); });
}

}  // namespace turnout
