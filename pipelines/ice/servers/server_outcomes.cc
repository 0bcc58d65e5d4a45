#include "pipelines/ice/servers/server_outcomes.h"

#include <algorithm>
#include <utility>

namespace turnout {

ServerOutcomes::ServerOutcomes(const std::vector<IceServer>& servers, Failures failures,
                               OnOutcome on_outcome)
    : failures_(failures), on_outcome_(std::move(on_outcome)) {
  for (const IceServer& server : servers)
    entries_.push_back({server.url, server.username});
}

// A success replaces a failure that was not told yet; otherwise the first news counts.
void ServerOutcomes::settle(std::size_t server, IceServerOutcome outcome, Instant at) {
  Told told;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_.at(server);
    if (outcome.error_code != 0) {
      if (!entry.failure || entry.failure->error_code == kNoStunAnswer)
        entry.failure = outcome;  // a server that says no says more than one that is silent
      if (--entry.requests > 0)
        return;
      outcome = *entry.failure;
    }
    const bool is_better =
        !entry.outcome || (outcome.error_code == 0 && entry.outcome->error_code != 0);
    if (entry.is_told || !is_better)
      return;
    outcome.url = entry.url;
    outcome.username = entry.username;
    entry.outcome = std::move(outcome);
    entry.at = at;
    told = takeUntold();
  }
  tell(told);
}

std::size_t ServerOutcomes::add(const std::string& url, const std::string& username) {
  const std::lock_guard lock(mutex_);
  entries_.push_back({url, username});
  return entries_.size() - 1;
}

void ServerOutcomes::expect(std::size_t server, int requests) {
  const std::lock_guard lock(mutex_);
  entries_.at(server).requests = requests;
}

void ServerOutcomes::hear(std::size_t server, double rtt_ms) {
  const std::lock_guard lock(mutex_);
  entries_.at(server).rtt_ms = rtt_ms;
}

void ServerOutcomes::doubt(std::size_t server, ServerFault fault) {
  const std::lock_guard lock(mutex_);
  entries_.at(server).doubt = fault;
}

std::optional<Instant> ServerOutcomes::began() const {
  const std::lock_guard lock(mutex_);
  return began_;
}

void ServerOutcomes::succeed(std::size_t server, IceServerOutcome success, Instant at) {
  settle(server, std::move(success), at);
}

void ServerOutcomes::fail(std::size_t server, IceServerOutcome failure, Instant at) {
  settle(server, std::move(failure), at);
}

void ServerOutcomes::begin(Instant at) {
  Told told;
  {
    const std::lock_guard lock(mutex_);
    if (began_)
      return;
    began_ = at;
    told = takeUntold();
  }
  tell(told);
}

void ServerOutcomes::finish(Instant at) {
  Told told;
  {
    const std::lock_guard lock(mutex_);
    is_finished_ = true;
    for (Entry& entry : entries_) {
      if (entry.outcome)
        continue;
      entry.outcome = entry.failure.value_or(
          noStunAnswer(entry.rtt_ms ? ServerStage::kAllocate : ServerStage::kStun, entry.doubt));
      if (entry.rtt_ms)
        entry.outcome->rtt_ms = entry.rtt_ms;
      entry.outcome->url = entry.url;
      entry.outcome->username = entry.username;
      entry.at = at;
    }
    told = takeUntold();
  }
  tell(told);
}

bool ServerOutcomes::isComplete() const {
  const std::lock_guard lock(mutex_);
  if (failures_ == Failures::kAtEnd)
    return is_finished_;
  return std::all_of(entries_.begin(), entries_.end(),
                     [](const Entry& entry) { return entry.outcome.has_value(); });
}

ServerOutcomes::Told ServerOutcomes::takeUntold() {
  Told told;
  if (!began_)
    return told;
  for (Entry& entry : entries_) {
    if (!entry.outcome || entry.is_told)
      continue;
    if (failures_ == Failures::kAtEnd && entry.outcome->error_code != 0 && !is_finished_)
      continue;
    entry.is_told = true;
    entry.outcome->elapsed_ms = toMs(std::max(entry.at, *began_) - *began_);
    told.emplace_back(std::max(entry.at, *began_), *entry.outcome);
  }
  return told;
}

void ServerOutcomes::tell(const Told& told) {
  for (const auto& [at, outcome] : told)
    on_outcome_(at, outcome);
}

void MappedAddresses::onCandidate(const std::string& address) {
  const std::lock_guard lock(mutex_);
  own_.insert(address);
}

void MappedAddresses::onBinding(const std::string& mapped) {
  const std::lock_guard lock(mutex_);
  bound_.insert(mapped);
}

void MappedAddresses::onAllocation(const std::string& mapped, const std::string& url) {
  const std::lock_guard lock(mutex_);
  allocated_.emplace(mapped, url);
}

bool MappedAddresses::isFromBinding(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  return own_.contains(address) && bound_.contains(address);
}

std::string MappedAddresses::fromBinding() const {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(own_.begin(), own_.end(), [this](const std::string& address) {
    return bound_.contains(address);
  });
  return found == own_.end() ? std::string() : *found;
}

std::string MappedAddresses::turnUrl(const std::string& address) const {
  const std::lock_guard lock(mutex_);
  const auto found = allocated_.find(address);
  return found == allocated_.end() ? std::string() : found->second;
}

}  // namespace turnout
