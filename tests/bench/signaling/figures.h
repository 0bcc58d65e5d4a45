// Times that were measured, and what stands of them in a report.
#pragma once

#include "pipelines/base/clock.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace turnout::bench {

class Times {
 public:
  void add(Duration time) { times_ms_.push_back(toMs(time)); }
  std::size_t count() const { return times_ms_.size(); }
  double percentile_ms(double fraction) const;  // 1: the largest; 0 ms when there are none

 private:
  std::vector<double> times_ms_;
};

struct LoadOptions {
  int sockets = 5000;  // connected all the time
  int pairs = 2000;    // of them, matched and talking
  int rate = 5000;     // messages a second that the server hands on: half of them are answers
  int seconds = 20;    // of talking
  int ramp = 500;      // connections a second
};

struct Figures {
  Times connect, match;    // from the start of a connection; from asking for a partner
  Times round_trip;        // from the instant a message was due to its answer
  Times lag, refused_lag;  // of ours: from due to sent; of refusals, from asking
  std::size_t connected = 0, matched = 0;  // sockets
  std::size_t sent = 0, unanswered = 0, lost = 0;
  std::size_t refusals = 0, rude_refusals = 0;  // past the limit: with the reason; without
  double server_cpu = 0, own_cpu = 0;           // cores, while talking
  double server_rss_kb = 0, server_idle_rss_kb = 0;
  double server_files = 0;
};

enum class Verdict { kMet, kMissed, kInconclusive };
constexpr double kGoal_ms = 50;  // round trip, 99th percentile

// Met when all sockets stayed, all pairs were made, every message was answered, refusals said why
// and the goal was kept. Our own lateness only makes times longer: it cannot help to meet the goal,
// but a goal missed by a generator that was late itself says nothing.
Verdict judge(const Figures& figures, const LoadOptions& options);

}  // namespace turnout::bench
