#include "orchestrator/run/host_fleet.h"

#include "pipelines/base/log.h"

#include <algorithm>
#include <filesystem>

namespace turnout {

HostFleet::HostFleet(Loop& loop, Config config, EventSink& events, Listener& listener)
    : loop_(loop), config_(std::move(config)), events_(events), listener_(listener) {
  if (!config_.places.empty())
    config_.count = static_cast<int>(config_.places.size());
}

Result<Done> HostFleet::start() {
  for (int i = 0; i < config_.count; ++i)
    if (const auto added = addHost(static_cast<std::size_t>(i)); !added)
      return added;
  return Done{};
}

Result<Done> HostFleet::addHost(std::size_t place) {
  HostSetup setup = config_.setup;
  setup.host = next_index_++;
  int network = -1;
  if (!config_.places.empty()) {
    network = config_.places[place].network;
    setup.local_addresses = config_.places[place].local_addresses;
  }
  const std::string log_file = config_.directory + "/" + hostProcess(setup.host) + ".log";
  auto host =
      HostProcess::start(loop_, *this, {config_.program, log_file, setup, config_.limits, network});
  if (!host)
    return host.error();
  events_.tell(HostStarted{setup.host, (*host)->pid()});
  hosts_.push_back({place, std::move(*host)});
  return Done{};
}

bool HostFleet::isComplete() const {
  const auto ready = [](const Member& host) {
    return host.process->state() == HostProcess::State::kReady;
  };
  return static_cast<int>(hosts_.size()) == config_.count && std::ranges::all_of(hosts_, ready);
}

std::vector<HostProcess*> HostFleet::readyHosts() const {
  std::vector<HostProcess*> ready;
  for (const Member& host : hosts_)
    if (host.process->state() == HostProcess::State::kReady)
      ready.push_back(host.process.get());
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
  for (std::size_t i = 0; i < orders.size(); ++i)
    hand(*ready[i % wanted], orders[i]);
  return true;
}

bool HostFleet::assignTo(const std::vector<std::size_t>& places,
                         const std::vector<BotOrder>& orders) {
  std::vector<HostProcess*> chosen;
  for (const std::size_t place : places) {
    const auto host = std::ranges::find_if(hosts_, [place](const Member& each) {
      return each.place == place && each.process->state() == HostProcess::State::kReady;
    });
    if (host == hosts_.end())
      return false;
    chosen.push_back(host->process.get());
  }
  for (std::size_t i = 0; i < orders.size(); ++i)
    hand(*chosen.at(i), orders[i]);
  return true;
}

void HostFleet::hand(HostProcess& host, const BotOrder& order) {
  events_.record(Event{now(), order.call, order.bot, -1, CallAssigned{host.index()}});
  host.assign(order);
}

void HostFleet::tell(int call, const HostCommand& command) {
  for (const Member& host : hosts_)
    if (host.process->hasBotOf(call))
      host.process->tell(command);
}

void HostFleet::stop(milliseconds grace) {
  state_ = State::kStopping;
  for (const Member& host : hosts_)
    host.process->stop(grace);
  tellWhenGone();
}

void HostFleet::kill() {
  state_ = State::kStopping;
  for (const Member& host : hosts_)
    host.process->kill();
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
  const auto member =
      std::ranges::find(hosts_, &host, [](const Member& each) { return each.process.get(); });
  const std::size_t place = member->place;
  hosts_.erase(member);
  for (const auto& [call, bot] : lost)
    listener_.onBotLost(call, bot);
  if (state_ == State::kStopping)
    tellWhenGone();
  else
    replace(place, death);
}

void HostFleet::replace(std::size_t place, const std::string& death) {
  if (config_.replacements > 0) {
    config_.replacements--;
    if (const auto added = addHost(place); !added)
      listener_.onFleetFailed(added.error());
    return;
  }
  config_.count--;
  if (hosts_.empty() || !config_.places.empty())  // a place of a lab has no other host
    listener_.onFleetFailed({ErrorCode::kInternal, "every bot host died, the last with " + death});
}

}  // namespace turnout
