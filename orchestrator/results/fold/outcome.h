// What became of each planned call, and of the run: the values between the fold of events (fold.h)
// and everything that counts or judges. Definitions of each number: docs/MEASURES.md.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/diagnosis/primary_cause.h"
#include "orchestrator/results/fold/fault_span.h"
#include "pipelines/base/clock.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

enum class CallState {
  kNotStarted,  // planned, and the run ended before its turn
  kRunning,     // not decided yet (live counts only)
  kSucceeded,   // connected in time, and every configured kind of media came to every end in time
  kFailed,      // one primary cause
  kAborted,     // turnout itself lost it: says nothing about the system under test
};

// The connect time of a call, split along the link end that was connected last. Sums to it exactly.
struct Phases {
  Duration signaling{};    // scheduled start -> the bots of the link have joined, the wait is over
  Duration negotiation{};  // -> offer and answer set at this end
  Duration ice{};          // -> ICE connected at this end
  Duration dtls{};         // -> connected at this end
};

struct ServerResult {  // one STUN or TURN URL, asked by one end
  std::string url;
  int code = 0;  // 0: it worked; else a STUN error code, or 701 for no answer
  std::string text;
  double elapsed_ms = 0;
  std::string user{};  // TURN only
};

// What one end of a link had to connect with.
struct LinkEndFacts {
  int bot = 0;
  std::set<CandidateType> local, remote;  // kinds of candidates, its own and those it was sent
  std::vector<ServerResult> servers;
  std::optional<PermissionRefused> refusal;
};
struct FailedLink {  // the connection that gave a call its cause
  Instant at;        // when it failed
  LinkEndFacts ours;
  std::optional<LinkEndFacts> theirs;  // absent: a guest, or a random partner
};

struct MediaSums {
  std::int64_t sent_packets = 0, received_packets = 0, lost_packets = 0;
  std::int64_t sent_bytes = 0, received_bytes = 0;
  double longest_gap_ms = 0;
  std::vector<double> jitters_ms{}, bitrate_variations{};  // of each end that could tell
};
MediaSums& operator+=(MediaSums& sum, const MediaSums& part);

struct MessageSums {
  std::int64_t sent = 0, answered = 0;
  std::vector<double> round_trips_ms;  // of the answered
};
MessageSums& operator+=(MessageSums& sum, const MessageSums& part);

// All kinds, in the order of MediaKind; and those that a profile sends.
inline constexpr std::array kMediaKinds{MediaKind::kAudio, MediaKind::kVideo};
std::vector<MediaKind> configuredKinds(const MediaProfile& media);

// What the app makes people do before they are connected: let it ring, stand in the queue.
struct Wait {
  Duration time{};    // until answered or matched; or so far
  bool over = false;  // was answered, was matched
};

struct FaultSeen {
  int times = 0;
  std::string detail;  // of the first
};

// The word of the step after which nobody comes back.
inline constexpr const char* kForGood = "tab_kill";

struct StepOutcome {   // of one step of one bot, or of one fault of a server
  std::string action;  // as in the scenario
  enum class End {
    kNothingDue,  // it ended no link
    kGood,        // every link end that it ended was back in time; tab_kill: the partners were told
    kMissed,
    kLost,  // turnout lost the call first
  } end = End::kNothingDue;
  std::optional<double> outage_ms;  // kGood: of the link end that was without the longest
  std::optional<bool> resumed;      // back in the session from before, or in a new one
  double late_ms = 0;               // the onset, after it was due
  // From the onset until the first of the two ends counted the link, or the bot its socket, as
  // lost.
  std::optional<double> detect_ms{};
  // kGood: from the end of the fault until the last link end was up again; zero if it was before.
  std::optional<double> recover_ms{};
  // From when the bot was back until the server had it in again: the time in which the app keeps
  // its user out.
  std::optional<double> kept_out_ms{};
  int attempts = 0;  // of the recovery, of the link end that needed most
};

struct CallOutcome {
  int call = 0;
  int arm = 0;  // index into Scenario::turn
  CallState state = CallState::kNotStarted;
  bool started = false;
  bool dropped = false;                   // succeeded, and later a link failed before its bots left
  std::optional<FailureCause> cause;      // kFailed and kAborted
  std::string detail;                     // of the event that gave the cause
  std::optional<FailedLink> failed_link;  // when it was a link's
  std::optional<Diagnosis> diagnosis;     // of a failed or aborted call of a finished fold
  std::optional<int> host;                // that it ran on

  // All from the scheduled start of the call, without the wait (call_clock.h); absent: did not
  // happen, or not in time.
  std::optional<Duration> signaling_time;  // last bot joined
  std::optional<Duration> connect_time;    // last link end connected
  std::optional<Duration> first_media;     // last kind of media at the last end
  std::optional<Phases> phases;            // of a connected call
  Duration watched{};                      // last event of the call
  std::optional<Wait> wait;                // absent: it never began

  std::vector<Duration> schedule_lags;       // of each bot that started
  std::vector<Duration> join_times;          // of each bot that joined: since it started
  std::vector<std::string> paths;            // of each connected link: "host-relay", offerer first
  std::vector<std::string> relay_protocols;  // of each end whose selected candidate is its relay
  std::vector<ServerResult> servers;
  std::int64_t relayed_bytes = 0;  // turn_cost.h
  int duplicate_candidates = 0;
  std::array<MediaSums, kMediaKinds.size()> media;  // all ends, by MediaKind
  MessageSums messages;                             // all ends

  int joins = 0, rings = 0, answered = 0, matches = 0;  // how often; who comes back joins again
  std::map<std::string, int> partner_left;              // by reason
  std::map<std::string, int> session_errors;            // by word
  std::map<std::string, int> recovered_by;              // link ends, by what brought media back
  std::map<AppFault, FaultSeen> app_faults;
  std::vector<StepOutcome> steps;  // and the faults that hit it
};

struct HostFacts {
  std::optional<std::string> crash;  // how it exited when nobody asked it to
  std::optional<Instant> crashed_at;
  int bots_max = 0;
  double loop_lag_p99_ms = 0, loop_lag_max_ms = 0;  // of the worst second
  double pacer_late_p99_ms = 0, pacer_late_max_ms = 0;
  double cpu_cores_max = 0;
  double rss_mb_max = 0;
};
struct ServiceFacts {
  std::string address;
  std::optional<std::string> crash;
  std::optional<Instant> crashed_at;
};

struct RunFacts {
  std::string id, scenario, profile, wall_clock;
  std::string versions_json = "{}";
  std::uint64_t seed = 0;
  std::string finish_reason;  // "completed", "interrupted"; empty: the log has no end
  Instant epoch{};            // plan times count from it
  Duration length{};          // epoch to last event
  std::vector<FaultSpan> faults;
  std::map<int, HostFacts> hosts;
  std::map<std::string, ServiceFacts> services;
  // TURN hosts, as URLs name them, that answered somebody over TCP or TLS.
  std::set<std::string> stream_hosts;
  std::vector<SampleJudged> looks;  // of a run that may grow: each time it was asked whether to
  int stray_events = 0;             // of calls, bots or links that the plan does not know
  int unreadable_lines = 0;         // of a stored log
};

struct Outcomes {
  RunFacts run;
  std::vector<CallOutcome> calls;  // one per planned call, in order of the plan
};

}  // namespace turnout
