// What the application counts, and how /metrics tells it.
#pragma once

#include "bots/signaling/app/app_error.h"
#include "bots/signaling/app/planted_bug.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/prometheus_text.h"

#include <array>
#include <cstddef>
#include <cstdint>

namespace turnout {

// How long people waited in the queue, as a Prometheus histogram.
struct WaitHistogram {
  static constexpr std::array kBounds = {100ms,  250ms,   500ms,   1000ms, 2000ms,
                                         5000ms, 10000ms, 30000ms, 60000ms};
  std::array<std::uint64_t, kBounds.size() + 1> counts{};  // each bucket alone; the last: above all
  Duration sum{};

  void add(Duration waited) {
    std::size_t bucket = 0;
    while (bucket < kBounds.size() && waited > kBounds[bucket])
      bucket++;
    counts[bucket]++;
    sum += waited;
  }
};

struct AppStats {
  std::uint64_t events = 0;                            // that came, refused or not
  std::array<std::uint64_t, kAppErrorCount> errors{};  // by AppError
  std::uint64_t connections = 0, left = 0, closed = 0, lost = 0;
  std::uint64_t registrations = 0, resumptions = 0, replaced = 0, graces_expired = 0;
  std::uint64_t joins = 0, signals = 0, cleanups = 0;  // cleanups: looked for a partner in a room
  std::uint64_t undelivered = 0;                       // events for somebody who is not there
  std::uint64_t floods = 0;                            // connections closed for their message rate
  std::uint64_t calls = 0, answers = 0, matches = 0;
  std::array<std::uint64_t, kEndReasonCount> ended{};  // calls and matches, by EndReason
  WaitHistogram matched_waits;                         // in the queue, of those who were matched
  WaitHistogram abandoned_waits;                       // of those who left, were lost or gave up

  std::uint64_t& of(AppError error) { return errors[static_cast<std::size_t>(error)]; }
  std::uint64_t of(AppError error) const { return errors[static_cast<std::size_t>(error)]; }
  std::uint64_t& of(EndReason reason) { return ended[static_cast<std::size_t>(reason)]; }
  std::uint64_t of(EndReason reason) const { return ended[static_cast<std::size_t>(reason)]; }
};

// How many there are of each at this moment.
struct AppCensus {
  std::size_t connections = 0, sessions = 0, named = 0, held = 0;
  std::size_t rooms = 0, members = 0;
  std::size_t ringing = 0, active = 0;
  std::size_t waiting = 0, matches = 0;
  std::size_t memories = 0;  // of last calls and last partners

  bool operator==(const AppCensus&) const = default;
};

// The application's counters as GET /metrics of the server tells them. No text of a client is ever
// in it: labels come from closed enums.

inline constexpr const char* kSignalingMetrics = "turnout_signaling_";  // prefix of every family

void writeMetrics(PrometheusText& out, const AppStats& stats, const AppCensus& census,
                  const PlantedBugs& bugs);

}  // namespace turnout
