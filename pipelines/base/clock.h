// Time as the whole tree sees it. Instant is CLOCK_MONOTONIC, which every process on one kernel
// shares (network namespaces included), so instants of different hosts may be compared; never
// across machines. now() is the only reader of that clock: everything pure takes time as argument.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace turnout {

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;
using std::chrono::milliseconds;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

Instant now();

// Wall-clock time for people (ISO 8601, UTC), for run names and report headers only.
std::string wallClockText();

// Seconds since 1970, for what other machines must agree on: the expiry of a TURN credential.
std::chrono::seconds unixTime();

constexpr std::int64_t toNs(Instant at) {
  return at.time_since_epoch().count();
}
constexpr Instant fromNs(std::int64_t ns) {
  return Instant(Duration(ns));
}
constexpr double toMs(Duration d) {
  return static_cast<double>(d.count()) / 1e6;
}

}  // namespace turnout
