// The one description of every event's line of JSON: its type word and its fields. Writing and
// reading (event.cc) both walk these tables, so they cannot disagree. A new event is a struct in
// event.h, a Schema here and a row in docs/EVENTS.md.
#pragma once

#include "bots/timeline/event.h"

#include <array>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>

namespace turnout {

enum class Presence {
  kAlways,  // written always; a line without it is refused
  // Not written: an empty string or optional, or the first word of an enum; absent it is that.
  kIfFilled,
  kDocument,  // a string that holds a JSON value and is written as that value
};

template <class Body, class Value>
struct EventField {
  const char* key;
  Value Body::*member;
  Presence presence = Presence::kAlways;
};
template <class Body, class Value>
EventField(const char*, Value Body::*) -> EventField<Body, Value>;
template <class Body, class Value>
EventField(const char*, Value Body::*, Presence) -> EventField<Body, Value>;

template <class Value>
inline constexpr bool kIsOptional = false;
template <class Value>
inline constexpr bool kIsOptional<std::optional<Value>> = true;

template <class Body>
struct Schema;

// The words of an enum in the log, in its order.
template <class Enum>
inline constexpr auto kEventWords = nullptr;
template <>
inline constexpr auto kEventWords<MediaKind> = std::array<std::string_view, 2>{"audio", "video"};
template <>
inline constexpr auto kEventWords<CandidateType> = kCandidateTypeWords;
template <>
inline constexpr auto kEventWords<ServerStage> = kServerStageWords;
template <>
inline constexpr auto kEventWords<ServerFault> = kServerFaultWords;
template <>
inline constexpr auto kEventWords<CertificateFault> = kCertificateFaultWords;
template <>
inline constexpr auto kEventWords<SignalingKind> = std::array<std::string_view, 11>{
    "socket_io",   "other_app", "socket_io_2", "plain_websocket", "no_socket_io", "login",
    "bad_gateway", "not_http",  "no_tls",      "silent",          "unreachable"};
template <class Enum>
concept EnumWithWords = !std::is_null_pointer_v<std::remove_cv_t<decltype(kEventWords<Enum>)>>;

template <>
struct Schema<IceCandidateInfo> {  // an object inside an event, so without a type of its own
  static constexpr auto kFields = std::tuple{
      EventField{"type", &IceCandidateInfo::type},
      EventField{"protocol", &IceCandidateInfo::protocol},
      EventField{"address", &IceCandidateInfo::address},
      EventField{"relay_protocol", &IceCandidateInfo::relay_protocol, Presence::kIfFilled},
      EventField{"url", &IceCandidateInfo::url, Presence::kIfFilled}};
};
template <>
struct Schema<RunStarted> {
  static constexpr const char* kType = "run_started";
  static constexpr auto kFields =
      std::tuple{EventField{"epoch_ns", &RunStarted::epoch_ns},
                 EventField{"run_id", &RunStarted::run_id},
                 EventField{"scenario", &RunStarted::scenario},
                 EventField{"profile", &RunStarted::profile},
                 EventField{"wall_clock", &RunStarted::wall_clock},
                 EventField{"seed", &RunStarted::seed},
                 EventField{"versions", &RunStarted::versions_json, Presence::kDocument},
                 EventField{"local_addresses", &RunStarted::local_addresses, Presence::kIfFilled}};
};
template <>
struct Schema<RunFinished> {
  static constexpr const char* kType = "run_finished";
  static constexpr auto kFields = std::tuple{EventField{"reason", &RunFinished::reason}};
};
template <>
struct Schema<SampleJudged> {
  static constexpr const char* kType = "sample_judged";
  static constexpr auto kFields =
      std::tuple{EventField{"calls_per_arm", &SampleJudged::calls_per_arm},
                 EventField{"deviations", &SampleJudged::deviations},
                 EventField{"outcome", &SampleJudged::outcome},
                 EventField{"planned", &SampleJudged::planned},
                 EventField{"delay_ns", &SampleJudged::delay_ns},
                 EventField{"why", &SampleJudged::why}};
};
template <>
struct Schema<SignalingSeen> {
  static constexpr const char* kType = "signaling_seen";
  static constexpr auto kFields =
      std::tuple{EventField{"kind", &SignalingSeen::kind},
                 EventField{"detail", &SignalingSeen::detail, Presence::kIfFilled}};
};
template <>
struct Schema<LabChecked> {
  static constexpr const char* kType = "lab_checked";
  static constexpr auto kFields = std::tuple{
      EventField{"places", &LabChecked::places}, EventField{"findings", &LabChecked::findings},
      EventField{"up_ms", &LabChecked::up_ms}, EventField{"check_ms", &LabChecked::check_ms}};
};
template <>
struct Schema<HostStarted> {
  static constexpr const char* kType = "host_started";
  static constexpr auto kFields =
      std::tuple{EventField{"host", &HostStarted::host}, EventField{"pid", &HostStarted::pid}};
};
template <>
struct Schema<HostReady> {
  static constexpr const char* kType = "host_ready";
  static constexpr auto kFields = std::tuple{EventField{"host", &HostReady::host}};
};
template <>
struct Schema<HostExited> {
  static constexpr const char* kType = "host_exited";
  static constexpr auto kFields =
      std::tuple{EventField{"host", &HostExited::host}, EventField{"how", &HostExited::how},
                 EventField{"expected", &HostExited::expected}};
};
template <>
struct Schema<HostHealth> {
  static constexpr const char* kType = "host_health";
  static constexpr auto kFields =
      std::tuple{EventField{"host", &HostHealth::host},
                 EventField{"bots", &HostHealth::bots},
                 EventField{"loop_lag_p99_ms", &HostHealth::loop_lag_p99_ms},
                 EventField{"loop_lag_max_ms", &HostHealth::loop_lag_max_ms},
                 EventField{"pacer_late_p99_ms", &HostHealth::pacer_late_p99_ms},
                 EventField{"pacer_late_max_ms", &HostHealth::pacer_late_max_ms},
                 EventField{"cpu_cores", &HostHealth::cpu_cores},
                 EventField{"rss_mb", &HostHealth::rss_mb}};
};
template <>
struct Schema<ServerRequests> {
  static constexpr const char* kType = "server_requests";
  static constexpr auto kFields =
      std::tuple{EventField{"host", &ServerRequests::host},
                 EventField{"server", &ServerRequests::server},
                 EventField{"second", &ServerRequests::second},
                 EventField{"requests", &ServerRequests::requests},
                 EventField{"waited", &ServerRequests::waited},
                 EventField{"longest_wait_ms", &ServerRequests::longest_wait_ms}};
};
template <>
struct Schema<Stalled> {
  static constexpr const char* kType = "stalled";
  static constexpr auto kFields =
      std::tuple{EventField{"process", &Stalled::process}, EventField{"thread", &Stalled::thread},
                 EventField{"length_ms", &Stalled::length_ms}};
};
template <>
struct Schema<ResourceExhausted> {
  static constexpr const char* kType = "resource_exhausted";
  static constexpr auto kFields = std::tuple{EventField{"process", &ResourceExhausted::process},
                                             EventField{"resource", &ResourceExhausted::resource}};
};
template <>
struct Schema<ServiceStarted> {
  static constexpr const char* kType = "service_started";
  static constexpr auto kFields = std::tuple{EventField{"service", &ServiceStarted::service},
                                             EventField{"address", &ServiceStarted::address},
                                             EventField{"pid", &ServiceStarted::pid}};
};
template <>
struct Schema<ServiceExited> {
  static constexpr const char* kType = "service_exited";
  static constexpr auto kFields = std::tuple{EventField{"service", &ServiceExited::service},
                                             EventField{"how", &ServiceExited::how},
                                             EventField{"expected", &ServiceExited::expected}};
};
template <>
struct Schema<FaultApplied> {
  static constexpr const char* kType = "fault_applied";
  static constexpr auto kFields = std::tuple{EventField{"fault", &FaultApplied::fault},
                                             EventField{"service", &FaultApplied::service},
                                             EventField{"late_ms", &FaultApplied::late_ms}};
};
template <>
struct Schema<FaultOver> {
  static constexpr const char* kType = "fault_over";
  static constexpr auto kFields = std::tuple{EventField{"fault", &FaultOver::fault},
                                             EventField{"service", &FaultOver::service}};
};
template <>
struct Schema<CallAssigned> {
  static constexpr const char* kType = "call_assigned";
  static constexpr auto kFields = std::tuple{EventField{"host", &CallAssigned::host}};
};
template <>
struct Schema<BotStarted> {
  static constexpr const char* kType = "bot_started";
  static constexpr auto kFields = std::tuple{EventField{"scheduled_ns", &BotStarted::scheduled_ns}};
};
template <>
struct Schema<BotJoined> {
  static constexpr const char* kType = "bot_joined";
  static constexpr auto kFields =
      std::tuple{EventField{"peers_present", &BotJoined::peers_present}};
};
template <>
struct Schema<CallRang> {
  static constexpr const char* kType = "call_rang";
  static constexpr auto kFields = std::tuple{};
};
template <>
struct Schema<CallAnswered> {
  static constexpr const char* kType = "call_answered";
  static constexpr auto kFields = std::tuple{EventField{"waited_ms", &CallAnswered::waited_ms},
                                             EventField{"initiator", &CallAnswered::initiator}};
};
template <>
struct Schema<PartnerMatched> {
  static constexpr const char* kType = "partner_matched";
  static constexpr auto kFields = std::tuple{EventField{"waited_ms", &PartnerMatched::waited_ms},
                                             EventField{"initiator", &PartnerMatched::initiator},
                                             EventField{"partner", &PartnerMatched::partner}};
};
template <>
struct Schema<GuestCame> {
  static constexpr const char* kType = "guest_came";
  static constexpr auto kFields = std::tuple{EventField{"waited_ms", &GuestCame::waited_ms}};
};
template <>
struct Schema<PartnerReturned> {
  static constexpr const char* kType = "partner_returned";
  static constexpr auto kFields = std::tuple{};
};
template <>
struct Schema<PartnerLeft> {
  static constexpr const char* kType = "partner_left";
  static constexpr auto kFields = std::tuple{EventField{"reason", &PartnerLeft::reason}};
};
template <>
struct Schema<SessionError> {
  static constexpr const char* kType = "session_error";
  static constexpr auto kFields = std::tuple{EventField{"error", &SessionError::error},
                                             EventField{"request", &SessionError::request}};
};
template <>
struct Schema<SessionResumed> {
  static constexpr const char* kType = "session_resumed";
  static constexpr auto kFields = std::tuple{EventField{"resumed", &SessionResumed::resumed},
                                             EventField{"away_ms", &SessionResumed::away_ms}};
};
template <>
struct Schema<AppFaultSeen> {
  static constexpr const char* kType = "app_fault";
  static constexpr auto kFields =
      std::tuple{EventField{"fault", &AppFaultSeen::fault},
                 EventField{"detail", &AppFaultSeen::detail, Presence::kIfFilled}};
};
template <>
struct Schema<StepTaken> {
  static constexpr const char* kType = "step_taken";
  static constexpr auto kFields =
      std::tuple{EventField{"step", &StepTaken::step}, EventField{"action", &StepTaken::action},
                 EventField{"late_ms", &StepTaken::late_ms}};
};
template <>
struct Schema<StepOver> {
  static constexpr const char* kType = "step_over";
  static constexpr auto kFields = std::tuple{EventField{"step", &StepOver::step}};
};
template <>
struct Schema<SocketLost> {
  static constexpr const char* kType = "socket_lost";
  static constexpr auto kFields =
      std::tuple{EventField{"what", &SocketLost::what, Presence::kIfFilled}};
};
template <>
struct Schema<SocketBack> {
  static constexpr const char* kType = "socket_back";
  static constexpr auto kFields = std::tuple{EventField{"attempts", &SocketBack::attempts},
                                             EventField{"away_ms", &SocketBack::away_ms}};
};
template <>
struct Schema<ServersRenewed> {
  static constexpr const char* kType = "servers_renewed";
  static constexpr auto kFields = std::tuple{EventField{"reason", &ServersRenewed::reason}};
};
template <>
struct Schema<BotFailed> {
  static constexpr const char* kType = "bot_failed";
  static constexpr auto kFields =
      std::tuple{EventField{"cause", &BotFailed::cause},
                 EventField{"detail", &BotFailed::detail, Presence::kIfFilled}};
};
template <>
struct Schema<BotLeft> {
  static constexpr const char* kType = "bot_left";
  static constexpr auto kFields = std::tuple{EventField{"clean", &BotLeft::clean}};
};
template <>
struct Schema<LinkStarted> {
  static constexpr const char* kType = "link_started";
  static constexpr auto kFields = std::tuple{EventField{"offerer", &LinkStarted::offerer}};
};
template <>
struct Schema<DescriptionSet> {
  static constexpr const char* kType = "description_set";
  static constexpr auto kFields = std::tuple{EventField{"side", &DescriptionSet::side},
                                             EventField{"sdp_type", &DescriptionSet::type}};
};
template <>
struct Schema<CandidateSeen> {
  static constexpr const char* kType = "candidate_seen";
  static constexpr auto kFields = std::tuple{EventField{"side", &CandidateSeen::side},
                                             EventField{"candidate", &CandidateSeen::info},
                                             EventField{"duplicate", &CandidateSeen::duplicate}};
};
template <>
struct Schema<StateChanged> {
  static constexpr const char* kType = "state_changed";
  static constexpr auto kFields = std::tuple{EventField{"machine", &StateChanged::machine},
                                             EventField{"state", &StateChanged::state}};
};
template <>
struct Schema<PairSelected> {
  static constexpr const char* kType = "pair_selected";
  static constexpr auto kFields = std::tuple{EventField{"local", &PairSelected::local},
                                             EventField{"remote", &PairSelected::remote}};
};
template <>
struct Schema<IceServerOutcome> {
  static constexpr const char* kType = "server_outcome";
  static constexpr auto kFields = std::tuple{
      EventField{"url", &IceServerOutcome::url},
      EventField{"code", &IceServerOutcome::error_code},
      EventField{"stage", &IceServerOutcome::stage, Presence::kIfFilled},
      EventField{"fault", &IceServerOutcome::fault, Presence::kIfFilled},
      EventField{"certificate", &IceServerOutcome::certificate_fault, Presence::kIfFilled},
      EventField{"text", &IceServerOutcome::error_text, Presence::kIfFilled},
      EventField{"address", &IceServerOutcome::address, Presence::kIfFilled},
      EventField{"elapsed_ms", &IceServerOutcome::elapsed_ms},
      EventField{"rtt_ms", &IceServerOutcome::rtt_ms, Presence::kIfFilled},
      EventField{"user", &IceServerOutcome::username, Presence::kIfFilled}};
};
template <>
struct Schema<IcePermissionRefused> {
  static constexpr const char* kType = "permission_refused";
  static constexpr auto kFields =
      std::tuple{EventField{"code", &IcePermissionRefused::error_code},
                 EventField{"text", &IcePermissionRefused::error_text, Presence::kIfFilled},
                 EventField{"stage", &IcePermissionRefused::stage, Presence::kIfFilled}};
};
template <>
struct Schema<LinkConnected> {
  static constexpr const char* kType = "link_connected";
  static constexpr auto kFields = std::tuple{};
};
template <>
struct Schema<MediaNegotiated> {
  static constexpr const char* kType = "media_negotiated";
  static constexpr auto kFields = std::tuple{EventField{"kind", &MediaNegotiated::kind},
                                             EventField{"sends", &MediaNegotiated::sends},
                                             EventField{"receives", &MediaNegotiated::receives},
                                             EventField{"codec", &MediaNegotiated::codec}};
};
template <>
struct Schema<MediaStopped> {
  static constexpr const char* kType = "media_stopped";
  static constexpr auto kFields = std::tuple{EventField{"kind", &MediaStopped::kind},
                                             EventField{"silent_ms", &MediaStopped::silent_ms}};
};
template <>
struct Schema<MediaResumed> {
  static constexpr const char* kType = "media_resumed";
  static constexpr auto kFields = std::tuple{EventField{"kind", &MediaResumed::kind},
                                             EventField{"gap_ms", &MediaResumed::gap_ms}};
};
template <>
struct Schema<MediaStarted> {
  static constexpr const char* kType = "media_started";
  static constexpr auto kFields = std::tuple{EventField{"kind", &MediaStarted::kind}};
};
template <>
struct Schema<LinkLost> {
  static constexpr const char* kType = "link_lost";
  static constexpr auto kFields = std::tuple{EventField{"sign", &LinkLost::sign},
                                             EventField{"silent_ms", &LinkLost::silent_ms}};
};
template <>
struct Schema<RecoveryTried> {
  static constexpr const char* kType = "recovery_tried";
  static constexpr auto kFields = std::tuple{EventField{"rung", &RecoveryTried::rung},
                                             EventField{"attempt", &RecoveryTried::attempt}};
};
template <>
struct Schema<RecoveryFailed> {
  static constexpr const char* kType = "recovery_failed";
  static constexpr auto kFields = std::tuple{
      EventField{"cause", &RecoveryFailed::cause}, EventField{"phase", &RecoveryFailed::phase},
      EventField{"detail", &RecoveryFailed::detail, Presence::kIfFilled}};
};
template <>
struct Schema<LinkRecovered> {
  static constexpr const char* kType = "link_recovered";
  static constexpr auto kFields = std::tuple{EventField{"rung", &LinkRecovered::rung},
                                             EventField{"outage_ms", &LinkRecovered::outage_ms}};
};
template <>
struct Schema<LinkFailed> {
  static constexpr const char* kType = "link_failed";
  static constexpr auto kFields =
      std::tuple{EventField{"cause", &LinkFailed::cause}, EventField{"phase", &LinkFailed::phase},
                 EventField{"detail", &LinkFailed::detail, Presence::kIfFilled}};
};
template <>
struct Schema<MediaReport> {
  static constexpr const char* kType = "media_report";
  static constexpr auto kFields = std::tuple{
      EventField{"kind", &MediaReport::kind},
      EventField{"sent_packets", &MediaReport::sent_packets},
      EventField{"sent_bytes", &MediaReport::sent_bytes},
      EventField{"received_packets", &MediaReport::received_packets},
      EventField{"received_bytes", &MediaReport::received_bytes},
      EventField{"lost_packets", &MediaReport::lost_packets},
      EventField{"longest_gap_ms", &MediaReport::longest_gap_ms},
      EventField{"jitter_ms", &MediaReport::jitter_ms, Presence::kIfFilled},
      EventField{"bitrate_variation", &MediaReport::bitrate_variation, Presence::kIfFilled},
      EventField{"bitrate_bps", &MediaReport::bitrate_bps, Presence::kIfFilled},
      EventField{"sends", &MediaReport::sends, Presence::kIfFilled},
      EventField{"receives", &MediaReport::receives, Presence::kIfFilled},
      EventField{"sent_first_ns", &MediaReport::sent_first_ns, Presence::kIfFilled},
      EventField{"sent_last_ns", &MediaReport::sent_last_ns, Presence::kIfFilled},
      EventField{"received_first_ns", &MediaReport::received_first_ns, Presence::kIfFilled},
      EventField{"received_last_ns", &MediaReport::received_last_ns, Presence::kIfFilled},
      EventField{"gap_began_ns", &MediaReport::gap_began_ns, Presence::kIfFilled},
      EventField{"sent_first_sequence", &MediaReport::sent_first_sequence, Presence::kIfFilled},
      EventField{"received_first_sequence", &MediaReport::received_first_sequence,
                 Presence::kIfFilled},
      EventField{"duplicate_packets", &MediaReport::duplicate_packets, Presence::kIfFilled},
      EventField{"reordered_packets", &MediaReport::reordered_packets, Presence::kIfFilled}};
};
template <>
struct Schema<MessageReport> {
  static constexpr const char* kType = "message_report";
  static constexpr auto kFields = std::tuple{
      EventField{"sent", &MessageReport::sent}, EventField{"answered", &MessageReport::answered},
      EventField{"round_trips_us", &MessageReport::round_trips_us_json, Presence::kDocument}};
};

}  // namespace turnout
