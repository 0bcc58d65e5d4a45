#include "pipelines/ice/servers/server_outcomes.h"

#include <algorithm>
#include <utility>

namespace turnout {

ServerOutcomes::ServerOutcomes(const std::vector<IceServer>& servers, Failures failures,
                               OnOutcome on_outcome)
    : failures_(failures), on_outcome_(std::move(on_outcome)) {
  for (const IceServer& server : servers)
    entries_.push_back({server.url, server.username, std::nullopt, Instant(), false});
}

// A success replaces a failure that was not told yet; otherwise the first news counts.
void ServerOutcomes::settle(std::size_t server, IceServerOutcome outcome, Instant at) {
  Told told;
  {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_.at(server);
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

void ServerOutcomes::succeed(std::size_t server, const std::string& address, Instant at) {
  IceServerOutcome outcome;
  outcome.address = address;
  settle(server, std::move(outcome), at);
}

void ServerOutcomes::fail(std::size_t server, int error_code, const std::string& error_text,
                          Instant at) {
  IceServerOutcome outcome;
  outcome.error_code = error_code;
  outcome.error_text = error_text;
  settle(server, std::move(outcome), at);
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
      IceServerOutcome outcome;
      outcome.url = entry.url;
      outcome.username = entry.username;
      outcome.error_code = kNoAnswer;
      outcome.error_text = "no answer";
      entry.outcome = std::move(outcome);
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

}  // namespace turnout
