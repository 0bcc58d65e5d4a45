#include "orchestrator/results/fold/stalls.h"

#include "orchestrator/results/fold/figures.h"

#include <algorithm>
#include <map>
#include <utility>

namespace turnout {
namespace {

struct Standstill {  // of the thread that stood still longest
  std::string process, thread;
  Duration length{};
  Instant begin;  // of its first stall
};

// Whether the bots of the call, or what they wait for, are carried by it. The orchestrator only hands
// calls out, ahead of time; what comes late by that is in the schedule lag.
bool carries(const StallSpan& stall, const CallOutcome& call) {
  return stall.process == kSignalingProcess || std::ranges::any_of(call.hosts, [&](int host) {
           return stall.process == hostProcess(host);
         });
}

Standstill standstillIn(const std::vector<StallSpan>& stalls, const CallOutcome& call,
                        Instant begin, Instant end, bool with_pacer) {
  std::map<std::pair<std::string, std::string>, Standstill> threads;
  for (const StallSpan& stall : stalls) {
    if (stall.begin >= end)
      break;
    const bool is_pacer = stall.thread.starts_with("pacer");
    if (stall.end <= begin || !carries(stall, call) || (is_pacer && !with_pacer))
      continue;
    Standstill& thread = threads[{stall.process, stall.thread}];
    if (thread.length == Duration::zero())
      thread = {stall.process, stall.thread, {}, stall.begin};
    thread.length += std::min(stall.end, end) - std::max(stall.begin, begin);
  }
  Standstill longest;
  for (auto& [key, thread] : threads) {
    if (thread.length > longest.length)
      longest = std::move(thread);
  }
  return longest;
}

// Of the seconds that share an instant with the call until it was decided.
double hostLagMs(const RunFacts& run, const CallOutcome& call) {
  double worst = 0;
  for (const int index : call.hosts) {
    const auto host = run.hosts.find(index);
    if (host == run.hosts.end())
      continue;
    for (const HostFacts::Second& second : host->second.seconds) {
      if (second.at >= call.begin && second.at - 1s <= call.decided)
        worst = std::max(worst, second.loop_lag_p99_ms);
    }
  }
  return worst;
}

void abort(CallOutcome& call, const Standstill& standstill) {
  call.state = CallState::kAborted;
  call.dropped = false;
  call.cause = FailureCause::kHostStalled;
  call.detail = standstill.process + " stood still for " +
                millisecondsText(toMs(standstill.length)) + " while the call was connecting (" +
                standstill.thread + ")";
  call.failure.reset();
  call.failed_link.reset();
  call.connect_time.reset();
  call.first_media.reset();
  call.phases.reset();
  call.fate.reset();
  call.trouble.reset();
  call.paths.clear();
  call.watched = std::min(call.watched, std::max(Duration::zero(), standstill.begin - call.begin));
}

}  // namespace

void applyStalls(Outcomes& outcomes) {
  const std::vector<StallSpan>& stalls = outcomes.run.stalls;
  for (CallOutcome& call : outcomes.calls) {
    call.host_lag_ms = hostLagMs(outcomes.run, call);
    if (call.state != CallState::kSucceeded && call.state != CallState::kFailed)
      continue;
    const Standstill connecting = standstillIn(stalls, call, call.begin, call.decided, false);
    if (toMs(connecting.length) >= kStallLimitMs) {
      abort(call, connecting);
      continue;
    }
    const bool is_troubled = call.fate && *call.fate != MediaFate::kKept;
    if (is_troubled && toMs(standstillIn(stalls, call, call.decided, call.end, true).length) >=
                           kMediaStallLimitMs) {
      call.fate.reset();
      call.trouble.reset();
      call.dropped = false;
      call.failure.reset();
    }
  }
}

}  // namespace turnout
