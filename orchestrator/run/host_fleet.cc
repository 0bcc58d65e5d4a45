#include "orchestrator/run/host_fleet.h"

#include "pipelines/base/log.h"

#include <algorithm>
#include <filesystem>

namespace turnout {

HostFleet::HostFleet(Loop& loop, Config config, EventSink& events, Listener& listener)
    : loop_(loop), config_(std::move(config)), events_(events), listener_(listener) {}

Result<Done> HostFleet::start() {
  for (int i = 0; i < config_.count; ++i)
    if (const auto added = addHost(); !added)
      return added;
  return Done{};
}

Result<Done> HostFleet::addHost() {
  HostSetup setup = config_.setup;
  setup.host = next_index_++;
  const std::string log_file = config_.directory + "/host-" + std::to_string(setup.host) + ".log";
  auto host = HostProcess::start(loop_, *this, config_.program, log_file, setup);
  if (!host)
    return host.error();
  events_.tell(HostStarted{setup.host, (*host)->pid()});
  hosts_.push_back(std::move(*host));
  return Done{};
}

bool HostFleet::isComplete() const {
  const auto ready = [](const auto& host) { return host->state() == HostProcess::State::kReady; };
  return static_cast<int>(hosts_.size()) == config_.count && std::ranges::all_of(hosts_, ready);
}

bool HostFleet::assign(const CallOrder& order) {
  HostProcess* best = nullptr;
  for (const auto& host : hosts_) {
    if (host->state() == HostProcess::State::kReady &&
        (!best || host->calls().size() < best->calls().size()))
      best = host.get();
  }
  if (!best)
    return false;
  events_.tell(order.call, CallAssigned{best->index()});
  best->assign(order);
  return true;
}

void HostFleet::renew(const ServersForCall& servers) {
  for (const auto& host : hosts_) {
    if (host->calls().contains(servers.call))
      host->renew(servers);
  }
}

void HostFleet::stop(milliseconds grace) {
  state_ = State::kStopping;
  for (const auto& host : hosts_)
    host->stop(grace);
  tellWhenGone();
}

void HostFleet::kill() {
  state_ = State::kStopping;
  for (const auto& host : hosts_)
    host->kill();
  tellWhenGone();
}

void HostFleet::tellWhenGone() {
  if (hosts_.empty())
    told_gone_ = loop_.after(0ms, [this] { listener_.onFleetGone(); });
}

void HostFleet::onHostReady(HostProcess& host) {
  events_.tell(HostReady{host.index()});
  listener_.onFleetReady();
}

void HostFleet::onHostEvent(const Event& event, std::string_view line) {
  events_.add(event, line);
}

void HostFleet::onHostCallEnded(int call) {
  listener_.onCallEnded(call);
}

void HostFleet::onHostFailed(HostProcess& host, const Error& error) {
  if (host.state() == HostProcess::State::kStarting)
    listener_.onFleetFailed(error);  // what one host lacks, all lack
  else
    log(LogLevel::kWarning, "run", "host " + std::to_string(host.index()) + ": " + error.what);
}

void HostFleet::onHostExit(HostProcess& host, const std::string& how) {
  const bool expected = host.state() == HostProcess::State::kStopping;
  events_.tell(HostExited{host.index(), how, expected});
  const std::set<int> lost = host.calls();
  const std::string& log_file = host.logFile();
  const std::string death = std::filesystem::exists(log_file) ? how + "; see " + log_file : how;
  std::erase_if(hosts_, [&host](const auto& entry) { return entry.get() == &host; });
  for (const int call : lost)
    listener_.onCallLost(call);
  if (state_ == State::kStopping)
    tellWhenGone();
  else
    replace(death);
}

void HostFleet::replace(const std::string& death) {
  if (config_.replacements > 0) {
    config_.replacements--;
    if (const auto added = addHost(); !added)
      listener_.onFleetFailed(added.error());
    return;
  }
  config_.count--;
  if (hosts_.empty())
    listener_.onFleetFailed({ErrorCode::kInternal, "every bot host died, the last with " + death});
}

}  // namespace turnout
