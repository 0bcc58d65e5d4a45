// What became of each planned call, and of the run: the values between the fold of events (fold.h)
// and everything that counts or judges. Definitions of each number: docs/MEASURES.md.
#pragma once

#include "bots/timeline/event.h"
#include "orchestrator/results/diagnosis/primary_cause.h"
#include "pipelines/base/clock.h"

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <numeric>
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

// What one end of a link had to connect with.
struct LinkEndFacts {
  int bot = 0;
  std::set<CandidateType> local, remote;  // kinds of candidates, its own and those it was sent
  std::vector<IceServerOutcome> servers;
  std::optional<IcePermissionRefused> refusal;
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

// One kind of media on its way from one participant of a call to another, over all connections of
// their link. What was not negotiated is no flow.
struct FlowKey {
  MediaKind kind = MediaKind::kAudio;
  int from = 0, to = 0;  // participants
  auto operator<=>(const FlowKey&) const = default;
};
std::string wayText(const FlowKey& flow);  // "video from bot 0 to bot 1"
struct MediaFlow {
  FlowKey key;
  bool came = false;         // any of it
  bool is_reported = false;  // by its receiver, when its link ended
  // From the first packet that came until the receiver's end (bots/timeline/media_loss.h); of a
  // sender that is not ours, what the receiver saw missing.
  std::int64_t sent = 0, received = 0;
  std::optional<double> loss() const {
    return sent > 0
               ? std::optional(static_cast<double>(sent - received) / static_cast<double>(sent))
               : std::nullopt;
  }
  double longest_gap_ms = 0;    // without a packet of this kind
  double silent_at_end_ms = 0;  // the last of these gaps, if it never ended
  std::optional<double> jitter_ms, bitrate_kbps;
};

// A configured kind of media that a link end of a bot never had both ways, as far as was negotiated.
struct OneWayMedia {
  MediaKind kind = MediaKind::kAudio;
  bool sends = false, receives = false;  // by the bot, at any time
  bool has_codec = true;                 // false: the other end named none that bots send
  auto operator<=>(const OneWayMedia&) const = default;
};
std::string wayText(const OneWayMedia& media);  // "no video to the other end, which ..."

// What became of a call that had succeeded.
enum class MediaFate {
  kKept,      // media both ways, every negotiated kind, until the planned end
  kDegraded,  // until the end, but with more loss or a longer gap than people put up with
  kDropped,   // media was gone for kDroppedAfterMs and did not come back, or a link failed
};
inline constexpr double kDegradedLoss = 0.05, kDegradedGapMs = 1000, kDroppedAfterMs = 2000;

struct MediaTrouble {  // the worst that media met in a call
  enum class Sign { kSilent, kLoss, kGap } sign = Sign::kLoss;
  FlowKey flow;
  double figure = 0;  // kLoss: a share; else ms
};

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

// What went wrong with a server of the run on purpose, and from when until when.
struct FaultSpan {
  std::string fault, service;  // as in FaultApplied
  Instant begin;
  std::optional<Instant> end;  // absent: for good, as far as the run went
  double late_ms = 0;
};

struct StepOutcome {   // of one step of one bot, or of one fault of a server
  std::string action;  // as in the scenario
  StepGoal goal = StepGoal::kLinksBack;
  enum class End {
    kNothingDue,  // it ended no link
    kGood,        // its goal was reached in time
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

// From when until when the app let people wait in a call, and nothing of it was measured.
struct Waiting {
  Instant begin, end;
};

// What a bot is doing, as of its latest event.
enum class BotStage {
  kNotStarted,
  kJoining,     // on its way into the room
  kConnecting,  // there; some link is not up
  kInCall,      // media came
  kInStep,      // away, or without network, because the scenario says so
  kFailed,      // will leave
  kLeft,
};

struct CallFailure {  // that gave a call its cause, or that dropped one which had succeeded
  Instant at;
  FailureCause cause = FailureCause::kInternal;
  std::string detail;
};

// A thread of turnout stood still: a bot host, the orchestrator, our own signaling server.
struct StallSpan {
  std::string process, thread;  // as of Stalled
  Instant begin, end;
};

struct CallOutcome {
  int call = 0;
  int arm = 0;   // index into Scenario::turn
  int pair = 0;  // index into Networks::pairs; without networks 0
  CallState state = CallState::kNotStarted;
  bool started = false;
  bool dropped = false;  // succeeded, and was lost for good later: its media, or a link
  std::optional<FailureCause> cause;  // kFailed and kAborted
  std::string detail;                 // of the event that gave the cause
  std::optional<CallFailure> failure;
  std::vector<FlowKey> missing_media;     // kNoMedia: what was to come and did not
  std::optional<FailedLink> failed_link;  // when it was a link's
  std::optional<Diagnosis> diagnosis;     // of a failed or aborted call of a finished fold
  std::set<int> hosts;                    // that its bots were in
  std::vector<BotStage> bots;             // of a call that has begun

  // On the clock of events: the scheduled start; when it was decided, one way or the other, or the
  // last that is known; and its last event.
  Instant begin, decided, end;
  double stood_still_ms = 0;  // a thread of turnout that carried its media
  double host_lag_ms = 0;  // of its host's loop, 99th percentile of the worst second until decided

  // All from the scheduled start of the call, without the wait (CallClock); absent: did not
  // happen, or not in time.
  std::optional<Duration> signaling_time;  // last bot joined
  std::optional<Duration> connect_time;    // last link end connected
  std::optional<Duration> first_media;     // last kind of media at the last end
  std::optional<Phases> phases;            // of a connected call
  Duration watched{};                      // last event of the call
  std::optional<Wait> wait;                // absent: it never began
  std::optional<Waiting> waiting;          // the same; also for whoever never came

  std::vector<Duration> schedule_lags;       // of each bot that started
  std::vector<Duration> join_times;          // of each bot that joined: since it started
  std::vector<std::string> paths;            // of each connected link: "host-relay", offerer first
  std::vector<std::string> relay_protocols;  // of each end whose selected candidate is its relay
  std::vector<IceServerOutcome> servers;
  std::int64_t relayed_bytes = 0;  // turn_cost.h
  int duplicate_candidates = 0;
  std::array<MediaSums, kMediaKinds.size()> media;  // all ends, by MediaKind
  std::vector<MediaFlow> flows;
  std::set<OneWayMedia> one_way;
  std::optional<MediaFate> fate;  // of a call that succeeded and was watched to its end
  // Of kDegraded, and of kDropped unless media had come to the end.
  std::optional<MediaTrouble> trouble;
  MessageSums messages;  // all ends

  int sockets_lost = 0;  // to the signaling server, while in
  int joins = 0, rings = 0, answered = 0,
      matches = 0;                            // how often; a bot that comes back joins again
  std::map<std::string, int> partner_left;    // by reason
  std::map<std::string, int> session_errors;  // by word
  std::map<std::string, int> recovered_by;    // link ends, by what brought media back
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
  struct Second {  // that ended at `at`
    Instant at;
    double loop_lag_p99_ms = 0;
  };
  std::vector<Second> seconds;
};
struct ServiceFacts {
  std::string address;
  std::optional<std::string> crash;
  std::optional<Instant> crashed_at;
};

// What one STUN or TURN server was asked by all bots together.
struct ServerLoad {
  std::int64_t requests = 0;
  std::map<std::int64_t, int> by_second;
  int waited = 0;  // connections, for the limit of the scenario
  double longest_wait_ms = 0;
  int mostInASecond() const;
};

struct RunFacts {
  std::string id, scenario, profile, wall_clock;
  std::string versions_json = "{}";
  std::optional<SignalingSeen> signaling;
  std::string local_addresses;  // that bots bind to; empty: an older log, which does not tell
  std::uint64_t seed = 0;
  std::string finish_reason;  // "completed", "interrupted"; empty: the log has no end
  Instant epoch{};            // plan times count from it
  Duration length{};          // epoch to last event
  std::vector<FaultSpan> faults;
  std::vector<StallSpan> stalls;  // by their begin
  std::map<int, HostFacts> hosts;
  std::map<std::string, ServiceFacts> services;
  std::map<std::string, ServerLoad> server_loads;          // by server, as ServerRequests names it
  std::map<std::string, std::set<std::string>> exhausted;  // resources, by process
  // TURN hosts, as URLs name them, that answered somebody over TCP or TLS.
  std::set<std::string> stream_endpoints;
  std::optional<LabChecked> lab;    // of a run with networks
  std::vector<SampleJudged> looks;  // of a run that may grow: each time it was asked whether to
  int stray_events = 0;             // of calls, bots or links that the plan does not know
  int unreadable_lines = 0;         // of a stored log
};

struct Outcomes {
  RunFacts run;
  std::vector<CallOutcome> calls;  // those of which the events tell anything, in order of the plan
  std::vector<int> untold;         // by arm: planned calls of which they tell nothing; empty: none

  int untoldOf(std::size_t arm) const { return arm < untold.size() ? untold[arm] : 0; }
  int allUntold() const { return std::accumulate(untold.begin(), untold.end(), 0); }
};

}  // namespace turnout
