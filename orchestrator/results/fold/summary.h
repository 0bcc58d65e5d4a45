// The numbers of a run: one Cell per TURN arm and one for all calls pooled. What each number means,
// from which event to which and what is left out: docs/MEASURES.md.
#pragma once

#include "orchestrator/results/fold/network_grid.h"
#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/results/fold/session_tally.h"
#include "orchestrator/statistics/proportions.h"
#include "orchestrator/statistics/quantiles.h"
#include "scenarios/scenario.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

struct CauseTally {
  int calls = 0;
  std::string example;  // the detail of the first such call
};

struct ServerErrorTally {
  int times = 0;
  std::string text;  // of the first
};
struct ServerTally {                       // one URL, over all ends that asked it
  int answered = 0;                        // a relayed or mapped address was had
  std::map<int, ServerErrorTally> errors;  // by code
  Sample elapsed_ms;                       // of the answered
  std::set<std::string> relays;            // the addresses that it relays at, without ports
  int asked() const;
};

// What TURN costs: how many calls need it, and how many bytes go through it.
struct TurnCost {
  int connected = 0;                                 // calls
  int on_relay = 0;                                  // of these, with an end on its own relay
  std::map<std::string, int> on_relay_by_transport;  // a call may be in several
  std::int64_t relayed_bytes = 0;

  void add(const CallOutcome& call);
  std::optional<double> relayShare() const;    // of the connected
  std::optional<double> bytesPerCall() const;  // of those on relay
};

// What became of the media of the calls that succeeded.
struct FateTally {
  int kept = 0, degraded = 0, dropped = 0;
  int all() const { return kept + degraded + dropped; }
  Proportion keptRate() const { return {kept, all()}; }
};
struct WorstTrouble {
  int call = 0;
  MediaTrouble trouble;
};
struct FlowTally {  // one kind in one direction; each value is of one call
  Sample loss;      // shares
  Sample jitter_ms, gap_ms, bitrate_kbps;
};

struct Cell {
  std::string arm;          // its name; empty: all calls pooled
  bool is_to_fail = false;  // the scenario expects its calls to fail
  int planned = 0;
  int started = 0;  // at least one bot
  int connected = 0;
  int succeeded = 0, failed = 0;  // these two are the finished calls
  int aborted = 0;                // lost by turnout
  int running = 0;                // not decided yet; none in a run that is over
  int not_started = 0;            // the run ended before their turn
  int dropped = 0;                // of the succeeded
  int finished() const { return succeeded + failed; }
  std::optional<double> successRate() const;  // of the finished; absent when none is
  Proportion as_predicted;  // of the finished calls of a scenario with networks; else of none
  Proportion turnErrorRate() const;  // of the TURN URLs that link ends asked, those that failed
  // Of the started calls, those with any session error.
  Proportion sessionErrorRate() const { return {session.calls_with_session_errors, started}; }
  // Of the finished calls, those that their users gave up: never up, or lost for good.
  Proportion dropOffRate() const { return {failed + dropped, finished()}; }
  Interval successInterval() const { return wilson95(succeeded, finished()); }

  WaitingTimes connect_time, signaling_time;
  std::optional<WaitingTimes> first_media_time;                // when media is configured
  Sample signaling_phase_ms, negotiation_ms, ice_ms, dtls_ms;  // of connected calls
  Sample schedule_lag_ms;                                      // one per started bot

  std::map<FailureCause, CauseTally> failures, abortions;
  std::map<PrimaryCause, CauseTally> diagnoses;  // of the failed; example: the evidence
  std::map<std::string, int> paths;              // links of connected calls
  std::map<std::string, int> relay_protocols;    // link ends of connected calls on their own relay
  std::map<std::string, ServerTally> servers;    // by URL
  int duplicate_candidates = 0;
  int sockets_lost = 0, calls_with_sockets_lost = 0;
  std::array<MediaSums, kMediaKinds.size()> media;  // by MediaKind
  std::map<OneWayMedia, int> one_way;               // calls, of those that connected
  FateTally fates;
  std::optional<WorstTrouble> worst_trouble;
  std::map<FlowKey, FlowTally> flows;
  TurnCost turn_cost;
  SessionTally session;

  std::map<int, int> serverErrors() const;  // by code, over all URLs
};

struct Summary {
  RunFacts run;
  std::vector<MediaKind> media;  // configured kinds
  Cell total;
  Cell pooled;                      // without the arms that are meant to fail, unless all are
  std::vector<Cell> cells;          // in the scenario's order of arms
  std::optional<NetworkGrid> grid;  // of a scenario with networks

  const Cell& cellOf(const std::string& arm) const;  // empty: pooled
};

Summary summarise(const Scenario& scenario, const Outcomes& outcomes);

}  // namespace turnout
