// What happened, as values: the one language between bots, hosts, the orchestrator, the event log
// and every report. One Event is one line of events.jsonl; docs/EVENTS.md lists them all.
// Every report is a fold of these (orchestrator/results), so a fact that is not an event is lost.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/ice/ice_event.h"
#include "pipelines/media/media_profile.h"
#include "scenarios/step.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace turnout {

// Why a link or a bot failed: closed, one primary cause per failed call. The word in the log is the
// enumerator in snake_case without the k.
enum class FailureCause {
  kSignalingUnreachable,  // no socket to the signaling server
  kJoinRejected,          // the server answered no
  kJoinTimeout,           // no answer to join before the join deadline
  kPeerMissing,           // the others of the call did not show up before the connect deadline
  kNotAnswered,           // it rang, and nobody answered: rejected, busy, ring timeout
  kNoPartner,             // looked for a partner, and nobody came
  kPartnerLeft,           // the other one hung up or was gone before the call was up
  kNegotiation,           // offer/answer refused, malformed or never finished
  kTurnAuth,              // relay-only, and every TURN server answered 401 or 403
  kTurnUnreachable,       // relay-only, and no TURN server gave a relay address
  kIceFailed,             // ICE said failed
  kIceTimeout,            // the connect deadline passed in ICE
  kDtls,                  // ICE connected, DTLS did not
  kNoMedia,               // connected, but media did not flow both ways
  kSignalingLost,         // the socket went away before the call was connected
  kHostCrashed,           // the bot host died (the call counts as aborted)
  kHostStalled,           // turnout stood still meanwhile (the call counts as aborted)
  kInterrupted,           // the run was stopped (the call counts as aborted)
  kInternal,
};
std::string_view toString(FailureCause cause);
std::optional<FailureCause> failureCauseFrom(std::string_view word);

// What the app under test did that a good one does not: seen by bots that know what they did.
enum class AppFault {
  kGhostPartner,         // a partner vanished, and the server never said so
  kNotResumed,           // came back within the grace period, and the session was gone
  kSessionActive,        // came back, and was refused because of the session from before
  kNotCleanedUp,         // left politely, came again, and was refused as still there
  kRingTimeoutRace,      // the ring timeout ended a call that had been answered
  kDeafAfterReturn,      // came back into the session, and the others cannot be reached any more
  kUnknownSignal,        // signals came that docs/PROTOCOL.md has no shape for
  kDuplicateCandidates,  // candidates that came twice
};
std::string_view toString(AppFault fault);
std::optional<AppFault> appFaultFrom(std::string_view word);

// --- of the run (orchestrator) ---
struct RunStarted {  // the first line; `epoch_ns` is the monotonic instant that plan times count
                     // from
  std::int64_t epoch_ns = 0;
  std::string run_id, scenario, profile, wall_clock;
  std::string versions_json;  // {"turnout": "...", "gstreamer": ..., "libnice": ..., "coturn": ...}
  std::uint64_t seed = 0;
  std::string local_addresses{};  // that bots bind to: "127.0.0.1, ::1", "all"
};
struct RunFinished {
  std::string reason;  // completed, interrupted
};
struct SampleJudged {  // every call so far has ended: is that enough, or does the run go on?
  int calls_per_arm = 0;
  double deviations = 0;      // that intervals reach to each side; 99: too early to decide anything
  std::string outcome;        // decided, extended, exhausted, doubted
  int planned = 0;            // calls of the run from now on, over all arms
  std::int64_t delay_ns = 0;  // the calls added now start so much later than in the plan
  std::string why;            // a sentence
};
// What answers at the signaling URL that the user gave, if that speaks our own protocol: asked by the
// run itself, once.
enum class SignalingKind {
  kSocketIo,        // Socket.IO 3 or 4
  kOtherApp,        // the same, without the events of docs/PROTOCOL.md
  kSocketIo2,       // Socket.IO 1 or 2
  kPlainWebSocket,  // HTTP that asks for a WebSocket, and no Socket.IO
  kNoSocketIo,      // HTTP of something else
  kLogin,           // HTTP 401, 403, 407
  kBadGateway,      // HTTP 502, 503, 504: a proxy
  kNotHttp,
  kNoTls,   // where the URL wants it, or not by a certificate that is believed
  kSilent,  // it accepts connections and never answers
  kUnreachable,
};
struct SignalingSeen {
  SignalingKind kind = SignalingKind::kSocketIo;
  std::string detail;  // what it said
};
struct LabChecked {     // the sites of a scenario with networks, before its calls
  int places = 0;       // of the lab
  int findings = 0;     // all as predicted, or there would be no run
  double up_ms = 0;     // how long it took to bring the lab up
  double check_ms = 0;  // and to look at it
};
struct HostStarted {
  int host = 0;
  std::int64_t pid = 0;
};
struct HostReady {
  int host = 0;
};
struct HostExited {
  int host = 0;
  std::string how;  // "exit 0", "signal 9"
  bool expected = false;
};
struct HostHealth {  // every second
  int host = 0;
  int bots = 0;
  double loop_lag_p99_ms = 0, loop_lag_max_ms = 0;      // lateness of a 20 ms timer
  double pacer_late_p99_ms = 0, pacer_late_max_ms = 0;  // lateness of media packets
  double cpu_cores = 0;                                 // user + system over the second
  double rss_mb = 0;
};
struct ServerRequests {     // to one STUN or TURN server in one second, when there were any
  int host = 0;             // of the bots that asked
  std::string server;       // "turn.example.net:3478", "{coturn}"
  std::int64_t second = 0;  // of the monotonic clock; may come again, with more
  int requests = 0;
  int waited = 0;  // connections that waited, so that the server does not get too many
  double longest_wait_ms = 0;
};
struct Stalled {        // a thread of ours stood still; the event's time is when it began
  std::string process;  // as of hostProcess(); "orchestrator", "signaling"
  std::string thread;   // "loop", "ice-control", "ice-media-0", "pacer0"
  double length_ms = 0;
};
struct ResourceExhausted {  // the machine, or its limits, gave a process of ours no more; once each
  std::string process;      // as of Stalled
  std::string resource;     // "open files", "local UDP ports", "local TCP ports"
};
struct ServiceStarted {
  std::string service;  // "coturn", "coturn-rest", "signaling"
  std::string address;  // "127.0.0.1:PORT"
  std::int64_t pid = 0;
};
struct ServiceExited {
  std::string service, how;
  bool expected = false;
};
struct FaultApplied {   // to a server, by the scenario
  std::string fault;    // turn_kill, server_restart, turn_credentials_expire
  std::string service;  // as of ServiceStarted
  double late_ms = 0;   // after the instant it was due
};
struct FaultOver {  // the server is there again
  std::string fault, service;
};
struct CallAssigned {  // handed to a host ahead of its start
  int host = 0;
};

// --- of one bot ---
struct BotStarted {  // `scheduled_ns` - the event's own time = schedule lag
  std::int64_t scheduled_ns = 0;
};
struct BotJoined {  // in the room; registered, where one rings or looks for a partner
  int peers_present = 0;
};
struct CallRang {};        // at the callee
struct CallAnswered {      // at both; the caller's is the one that counts
  double waited_ms = 0;    // since it began to ring: no part of the time to connect
  bool initiator = false;  // the caller
};
struct PartnerMatched {
  double waited_ms = 0;  // in the queue, as we saw it: no part of the time to connect
  bool initiator = false;
  std::string partner;  // user name
};
struct GuestCame {       // into the room (has `peer`)
  double waited_ms = 0;  // since the call's start: no part of the time to connect
};
struct PartnerReturned {};  // came back under a new socket id (has `peer`)
struct PartnerLeft {        // the server said so (has `peer`, when known)
  std::string reason;       // docs/PROTOCOL.md: hung_up, left, lost, ring_timeout, ...
};
struct SessionError {   // the server said no
  std::string error;    // its word: session_active, double_join, stale_peer, ...
  std::string request;  // what it said no to: join, call, signal, ...
};
struct SessionResumed {  // back after a step that cut the connection
  bool resumed = false;  // into the session from before; false: a new one
  double away_ms = 0;    // from the cut to the answer
};
struct AppFaultSeen {
  AppFault fault = AppFault::kGhostPartner;
  std::string detail;
};
struct StepTaken {  // at the onset
  int step = 0;     // index into the scenario's steps
  StepKind action = StepKind::kRefresh;
  double late_ms = 0;  // after the instant it was due
};
struct StepOver {  // the bot is back, or will never be
  int step = 0;
};
struct SocketLost {  // to the signaling server, by a bot that is in; it connects again
  std::string what;
};
struct SocketBack {  // connected and registered again
  int attempts = 1;
  double away_ms = 0;  // since it was lost
};
struct ServersRenewed {  // credentials for the connections made from now on
  std::string reason;    // rotated, expired (by a fault)
};
struct BotFailed {  // before any link could fail by itself
  FailureCause cause = FailureCause::kInternal;
  std::string detail;
};
struct BotLeft {
  bool clean = true;
};

// --- of one link: this bot's peer connection to the bot `peer` ---
struct LinkStarted {
  bool offerer = false;
};
struct DescriptionSet {
  std::string side;  // local, remote
  std::string type;  // offer, answer
};
struct CandidateSeen {
  std::string side;  // local, remote
  IceCandidateInfo info;
  bool duplicate = false;  // remote only: dropped
};
struct StateChanged {
  std::string machine;  // signaling, gathering, ice, dtls, connection
  std::string state;    // W3C word
};
struct PairSelected {
  IceCandidateInfo local, remote;
};
struct LinkConnected {};  // connection state connected at this end
struct MediaStarted {
  MediaKind kind = MediaKind::kAudio;
};
// A kind of media as both ends of the link agreed on it; when it is agreed and when that changes.
struct MediaNegotiated {
  MediaKind kind = MediaKind::kAudio;
  bool sends = false, receives = false;  // by this end
  bool codec = true;  // the other end named one that we can send; false: nothing goes
};
struct MediaStopped {  // of a kind that is to come from `peer`: nothing did for 300 ms
  MediaKind kind = MediaKind::kAudio;
  double silent_ms = 0;  // since the last packet
};
struct MediaResumed {  // the first packet after a MediaStopped
  MediaKind kind = MediaKind::kAudio;
  double gap_ms = 0;  // since the packet before it
};
struct LinkLost {        // was up; what other stacks call disconnected or failed
  std::string sign;      // how it showed: silence, ice_failed, network_changed
  double silent_ms = 0;  // since the last packet came
};
struct RecoveryTried {  // media had stopped for too long
  std::string rung;     // ice_restart, recreate
  int attempt = 1;
};
struct RecoveryFailed {  // of a new connection that was to replace a lost one
  FailureCause cause = FailureCause::kInternal;
  std::string phase, detail;  // as of LinkFailed
};
struct LinkRecovered {   // this link end is up again, with all its media, after a step
  std::string rung;      // what brought it back: none, ice_restart, recreate, rejoin
  double outage_ms = 0;  // from the last packet received (without media: the cut) until up again
};
struct LinkFailed {
  FailureCause cause = FailureCause::kInternal;
  std::string phase;  // signaling, negotiation, ice, dtls, media
  std::string detail;
};
// Of one kind, when the link ends. What was lost between the two ends is in neither report alone:
// media_loss.h. Instants are of the machine's monotonic clock, as `t_ns` is.
struct MediaReport {
  MediaKind kind = MediaKind::kAudio;
  std::int64_t sent_packets = 0, sent_bytes = 0;
  std::int64_t received_packets = 0, received_bytes = 0;  // each packet once
  std::int64_t lost_packets =
      0;                      // missing between the first and the highest received (RFC 3550 A.3)
  double longest_gap_ms = 0;  // between packets of this kind, and until the end
  std::optional<double> jitter_ms{};          // RFC 3550 6.4.1, as it was at the end
  std::optional<double> bitrate_variation{};  // of whole seconds received: deviation / mean
  std::optional<double> bitrate_bps{};        // received, from the first packet to the last
  std::optional<bool> sends{}, receives{};    // was negotiated at any time
  std::optional<std::int64_t> sent_first_ns{}, sent_last_ns{};          // absent: nothing was sent
  std::optional<std::int64_t> received_first_ns{}, received_last_ns{};  // absent: nothing came
  std::optional<std::int64_t> gap_began_ns{};                           // of longest_gap_ms
  // RTP sequence numbers of the first packets, by which the two ends' counts are laid side by side.
  std::optional<std::int64_t> sent_first_sequence{}, received_first_sequence{};
  std::optional<std::int64_t> duplicate_packets{}, reordered_packets{};  // received
};
struct MessageReport {  // when a link of messages ends
  std::int64_t sent = 0, answered = 0;
  std::string round_trips_us_json;  // [420,385,...] of the answered, from the instant each was due
};

using EventBody =
    std::variant<RunStarted, RunFinished, SampleJudged, SignalingSeen, LabChecked, HostStarted,
                 HostReady, HostExited, HostHealth, ServerRequests, Stalled, ResourceExhausted,
                 ServiceStarted, ServiceExited, FaultApplied, FaultOver, CallAssigned, BotStarted,
                 BotJoined, CallRang, CallAnswered, PartnerMatched, GuestCame, PartnerReturned,
                 PartnerLeft, SessionError, SessionResumed, AppFaultSeen, StepTaken, StepOver,
                 SocketLost, SocketBack, ServersRenewed, BotFailed, BotLeft, LinkStarted,
                 DescriptionSet, CandidateSeen, StateChanged, PairSelected, IceServerOutcome,
                 IcePermissionRefused, LinkConnected, MediaNegotiated, MediaStarted, MediaStopped,
                 MediaResumed, LinkLost, RecoveryTried, RecoveryFailed, LinkRecovered, LinkFailed,
                 MediaReport, MessageReport>;

struct Event {
  Instant at;     // when it happened, on the machine's monotonic clock
  int call = -1;  // -1: of the run, not of a call
  int bot = -1;   // 0..CallShape::bots - 1
  int peer = -1;  // the other participant of the link, 0..CallShape::participants() - 1
  EventBody body;
  // The n-th connection between bot and peer: a bot that comes back makes another.
  int round = 1;
};

// The name of a bot host in Stalled, and of its log file: "host-0".
std::string hostProcess(int host);
inline constexpr const char* kSignalingProcess = "signaling";

std::string eventLine(const Event& event);            // one line of JSON without the newline
Result<Event> parseEventLine(std::string_view line);  // unknown fields are ignored

}  // namespace turnout
