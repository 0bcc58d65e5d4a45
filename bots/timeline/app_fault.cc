#include "bots/timeline/event.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace turnout {
namespace {

constexpr std::array<std::string_view, 8> kWords{
    "ghost_partner",     "not_resumed",       "session_active", "not_cleaned_up",
    "ring_timeout_race", "deaf_after_return", "unknown_signal", "duplicate_candidates"};

}  // namespace

std::string_view toString(AppFault fault) {
  return kWords.at(static_cast<std::size_t>(fault));
}

std::optional<AppFault> appFaultFrom(std::string_view word) {
  const auto* found = std::find(kWords.begin(), kWords.end(), word);
  if (found == kWords.end())
    return std::nullopt;
  return static_cast<AppFault>(found - kWords.begin());
}

}  // namespace turnout
