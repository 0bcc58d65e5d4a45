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
  const std::string log_file = config_.directory + "/" + hostProcess(setup.host) + ".log";
  auto host = HostProcess::start(loop_, *this, {config_.program, log_file, setup, config_.limits});
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

std::vector<HostProcess*> HostFleet::readyHosts() const {
  std::vector<HostProcess*> ready;
  for (const auto& host : hosts_)
    if (host->state() == HostProcess::State::kReady)
      ready.push_back(host.get());
  std::ranges::stable_sort(ready, {}, [](const HostProcess* host) { return host->bots().size(); });
  return ready;
}

bool HostFleet::assign(const std::vector<BotOrder>& orders) {
  const bool apart = config_.placement == Placement::kApart;
  const std::size_t wanted =
      apart ? std::min(orders.size(), static_cast<std::size_t>(config_.count)) : 1;
  const std::vector<HostProcess*> ready = readyHosts();
  if (ready.empty() || ready.size() < wanted)
    return false;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    HostProcess& host = *ready[i % wanted];
    events_.record(Event{now(), orders[i].call, orders[i].bot, -1, CallAssigned{host.index()}});
    host.assign(orders[i]);
  }
  return true;
}

void HostFleet::tell(int call, const HostCommand& command) {
  for (const auto& host : hosts_)
    if (host->hasBotOf(call))
      host->tell(command);
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

void HostFleet::onHostFailed(HostProcess& host, const Error& error) {
  if (host.state() == HostProcess::State::kStarting)
    listener_.onFleetFailed(error);  // what one host lacks, all lack
  else
    log(LogLevel::kWarning, "run", "host " + std::to_string(host.index()) + ": " + error.what);
}

void HostFleet::onHostExit(HostProcess& host, const std::string& how) {
  const bool expected = host.state() == HostProcess::State::kStopping;
  events_.tell(HostExited{host.index(), how, expected});
  const std::set<HostProcess::BotId> lost = host.bots();
  const std::string& log_file = host.logFile();
  std::error_code ignored;
  const bool has_log = std::filesystem::exists(log_file, ignored);
  const std::string death = has_log ? how + "; see " + log_file : how;
  std::erase_if(hosts_, [&host](const auto& entry) { return entry.get() == &host; });
  for (const auto& [call, bot] : lost)
    listener_.onBotLost(call, bot);
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
