#include "pipelines/ice/servers/mapped_addresses.h"

#include <algorithm>

namespace turnout {

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
