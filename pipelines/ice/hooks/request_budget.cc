#include "pipelines/ice/hooks/request_budget.h"

#include <algorithm>

namespace turnout {
namespace {

std::int64_t secondOf(Instant at) {
  return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count();
}

}  // namespace

bool isStunRequest(std::span<const std::uint8_t> packet) {
  // RFC 8489 5: two zero bits, the class in bits 4 and 8 of the type, the magic cookie.
  constexpr std::uint8_t kCookie[] = {0x21, 0x12, 0xa4, 0x42};
  return packet.size() >= 20 && (packet[0] & 0xc1) == 0 && (packet[1] & 0x10) == 0 &&
         std::equal(std::begin(kCookie), std::end(kCookie), packet.begin() + 4);
}

void RequestBudget::limitTo(int per_second) {
  const std::lock_guard lock(mutex_);
  per_second_ = per_second;
}

Duration RequestBudget::reserve(const std::vector<std::pair<std::string, int>>& servers,
                                Instant at) {
  const std::lock_guard lock(mutex_);
  if (per_second_ <= 0)
    return Duration::zero();
  // Who asks several servers begins with all of them at once: when the busiest one lets it.
  constexpr Duration kBurst = 100ms;
  Instant begin = at;
  const std::string* busiest = nullptr;
  for (const auto& [server, requests] : servers)
    if (const Instant free = paid_until_[server] - kBurst; free > begin) {
      begin = free;
      busiest = &server;
    }
  for (const auto& [server, requests] : servers) {
    Instant& paid = paid_until_[server];
    paid =
        std::max(paid, begin) + std::chrono::duration_cast<Duration>(1s) * requests / per_second_;
  }
  if (busiest) {
    Second& second = of(*busiest, at);
    second.waited++;
    second.longest_wait_ms = std::max(second.longest_wait_ms, toMs(begin - at));
  }
  return begin - at;
}

void RequestBudget::know(const std::string& address, const std::string& server) {
  const std::lock_guard lock(mutex_);
  names_[address] = server;
}

void RequestBudget::countTo(const std::string& address, Instant at) {
  const std::lock_guard lock(mutex_);
  if (const auto known = names_.find(address); known != names_.end())
    of(known->second, at).requests++;
}

void RequestBudget::count(const std::string& server, Instant at) {
  const std::lock_guard lock(mutex_);
  of(server, at).requests++;
}

RequestBudget::Second& RequestBudget::of(const std::string& server, Instant at) {
  Second& second = seconds_[{secondOf(at), server}];
  second.server = server;
  second.second = secondOf(at);
  return second;
}

std::vector<RequestBudget::Second> RequestBudget::take() {
  const std::lock_guard lock(mutex_);
  std::vector<Second> taken;
  for (auto& [key, second] : seconds_)
    taken.push_back(std::move(second));
  seconds_.clear();
  return taken;
}

}  // namespace turnout
