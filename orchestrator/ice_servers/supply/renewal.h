// When credentials are to be fetched again. Pure.
#pragma once

#include <chrono>
#include <optional>

namespace turnout {

// After so long, from the receipt on: with a fifth of the lifetime left, so that a provider that is
// down for a while costs nothing; never more often than every second.
std::chrono::milliseconds renewAfter(std::chrono::seconds lifetime);

// After the `failures`-th failure in a row (1..): 1 s, 2 s, 4 s, up to 60 s; what the provider
// asked for when that is longer.
std::chrono::milliseconds retryAfter(int failures, std::optional<std::chrono::seconds> asked);

}  // namespace turnout
