#include "bots/timeline/event.h"

#include "pipelines/base/json.h"

#include <limits>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::HasSubstr;

Event ofLink(EventBody body) {
  return {fromNs(123'456'789), 3, 0, 1, std::move(body)};
}
Event ofRun(EventBody body) {
  return {fromNs(5), -1, -1, -1, std::move(body)};
}

const IceCandidateInfo kRelay{CandidateType::kRelay, "udp", "192.0.2.1:49152", "tls",
                              "turns:turn.example:5349?transport=tcp"};
const IceCandidateInfo kHost{CandidateType::kHost, "udp", "[::1]:5000", "", ""};

struct Row {
  Event event;
  const char* line;
};

// One row for each alternative of EventBody, in its order: the format is a contract with stored
// runs.
std::vector<Row> rows() {
  return {
      {ofRun(RunStarted{17, "r1", "smoke", "fast", "2026-01-02T03:04:05Z", R"({"turnout":"0.1.0"})",
                        std::numeric_limits<std::uint64_t>::max()}),
       R"({"t_ns":5,"type":"run_started","epoch_ns":17,"run_id":"r1","scenario":"smoke",)"
       R"("profile":"fast","wall_clock":"2026-01-02T03:04:05Z","seed":18446744073709551615,)"
       R"("versions":{"turnout":"0.1.0"}})"},
      {ofRun(RunFinished{"completed"}), R"({"t_ns":5,"type":"run_finished","reason":"completed"})"},
      {ofRun(SampleJudged{20, 3.375, "extended", 80, 2'500'000'000, "1 of 2 is open."}),
       R"({"t_ns":5,"type":"sample_judged","calls_per_arm":20,"deviations":3.375,)"
       R"("outcome":"extended","planned":80,"delay_ns":2500000000,"why":"1 of 2 is open."})"},
      {ofRun(SignalingSeen{SignalingKind::kNoSocketIo, "HTTP 404"}),
       R"({"t_ns":5,"type":"signaling_seen","kind":"no_socket_io","detail":"HTTP 404"})"},
      {ofRun(LabChecked{16, 214, 812.5, 3500}),
       R"({"t_ns":5,"type":"lab_checked","places":16,"findings":214,"up_ms":812.5,"check_ms":3500})"},
      {ofRun(HostStarted{1, 4242}), R"({"t_ns":5,"type":"host_started","host":1,"pid":4242})"},
      {ofRun(HostReady{1}), R"({"t_ns":5,"type":"host_ready","host":1})"},
      {ofRun(HostExited{1, "signal 9", false}),
       R"({"t_ns":5,"type":"host_exited","host":1,"how":"signal 9","expected":false})"},
      {ofRun(HostHealth{0, 50, 1.25, 8, 0.5, 2.125, 0.75, 120.5}),
       R"({"t_ns":5,"type":"host_health","host":0,"bots":50,"loop_lag_p99_ms":1.25,)"
       R"("loop_lag_max_ms":8,"pacer_late_p99_ms":0.5,"pacer_late_max_ms":2.125,)"
       R"("cpu_cores":0.75,"rss_mb":120.5})"},
      {ofRun(ServerRequests{1, "{coturn}", 1234, 96, 2, 12.5}),
       R"({"t_ns":5,"type":"server_requests","host":1,"server":"{coturn}","second":1234,)"
       R"("requests":96,"waited":2,"longest_wait_ms":12.5})"},
      {ofRun(Stalled{"host-1", "pacer0", 612.5}),
       R"({"t_ns":5,"type":"stalled","process":"host-1","thread":"pacer0","length_ms":612.5})"},
      {ofRun(ResourceExhausted{"host-1", "open files"}),
       R"({"t_ns":5,"type":"resource_exhausted","process":"host-1","resource":"open files"})"},
      {ofRun(ServiceStarted{"coturn", "127.0.0.1:3478", 99}),
       R"({"t_ns":5,"type":"service_started","service":"coturn","address":"127.0.0.1:3478",)"
       R"("pid":99})"},
      {ofRun(ServiceExited{"coturn", "exit 0", true}),
       R"({"t_ns":5,"type":"service_exited","service":"coturn","how":"exit 0","expected":true})"},
      {ofRun(FaultApplied{"turn_kill", "coturn", 0.25}),
       R"({"t_ns":5,"type":"fault_applied","fault":"turn_kill","service":"coturn",)"
       R"("late_ms":0.25})"},
      {ofRun(FaultOver{"server_restart", "signaling"}),
       R"({"t_ns":5,"type":"fault_over","fault":"server_restart","service":"signaling"})"},
      {{fromNs(6), 3, -1, -1, CallAssigned{2}},
       R"({"t_ns":6,"type":"call_assigned","call":3,"host":2})"},
      {{fromNs(7), 3, 1, -1, BotStarted{4}},
       R"({"t_ns":7,"type":"bot_started","call":3,"bot":1,"scheduled_ns":4})"},
      {{fromNs(7), 3, 1, -1, BotJoined{1}},
       R"({"t_ns":7,"type":"bot_joined","call":3,"bot":1,"peers_present":1})"},
      {{fromNs(7), 3, 1, -1, CallRang{}}, R"({"t_ns":7,"type":"call_rang","call":3,"bot":1})"},
      {{fromNs(7), 3, 1, -1, CallAnswered{12.5, true}},
       R"({"t_ns":7,"type":"call_answered","call":3,"bot":1,"waited_ms":12.5,"initiator":true})"},
      {{fromNs(7), 3, 1, -1, PartnerMatched{250, false, "ann"}},
       R"({"t_ns":7,"type":"partner_matched","call":3,"bot":1,"waited_ms":250,)"
       R"("initiator":false,"partner":"ann"})"},
      {{fromNs(7), 3, 1, 0, GuestCame{1500}},
       R"({"t_ns":7,"type":"guest_came","call":3,"bot":1,"peer":0,"waited_ms":1500})"},
      {{fromNs(7), 3, 1, 0, PartnerReturned{}},
       R"({"t_ns":7,"type":"partner_returned","call":3,"bot":1,"peer":0})"},
      {{fromNs(7), 3, 1, 0, PartnerLeft{"lost"}},
       R"({"t_ns":7,"type":"partner_left","call":3,"bot":1,"peer":0,"reason":"lost"})"},
      {{fromNs(7), 3, 1, -1, SessionError{"double_join", "join"}},
       R"({"t_ns":7,"type":"session_error","call":3,"bot":1,"error":"double_join",)"
       R"("request":"join"})"},
      {{fromNs(7), 3, 1, -1, SessionResumed{true, 900.5}},
       R"({"t_ns":7,"type":"session_resumed","call":3,"bot":1,"resumed":true,"away_ms":900.5})"},
      {{fromNs(7), 3, 1, -1, AppFaultSeen{AppFault::kNotCleanedUp, "double_join"}},
       R"({"t_ns":7,"type":"app_fault","call":3,"bot":1,"fault":"not_cleaned_up",)"
       R"("detail":"double_join"})"},
      {{fromNs(7), 3, 1, -1, StepTaken{2, StepKind::kRefresh, 0.5}},
       R"({"t_ns":7,"type":"step_taken","call":3,"bot":1,"step":2,"action":"refresh",)"
       R"("late_ms":0.5})"},
      {{fromNs(7), 3, 1, -1, StepOver{2}},
       R"({"t_ns":7,"type":"step_over","call":3,"bot":1,"step":2})"},
      {{fromNs(7), 3, 1, -1, SocketLost{"reset"}},
       R"({"t_ns":7,"type":"socket_lost","call":3,"bot":1,"what":"reset"})"},
      {{fromNs(7), 3, 1, -1, SocketBack{2, 1500}},
       R"({"t_ns":7,"type":"socket_back","call":3,"bot":1,"attempts":2,"away_ms":1500})"},
      {{fromNs(7), 3, 1, -1, ServersRenewed{"rotated"}},
       R"({"t_ns":7,"type":"servers_renewed","call":3,"bot":1,"reason":"rotated"})"},
      {{fromNs(7), 3, 1, -1, BotFailed{FailureCause::kJoinRejected, "room full"}},
       R"({"t_ns":7,"type":"bot_failed","call":3,"bot":1,"cause":"join_rejected",)"
       R"("detail":"room full"})"},
      {{fromNs(7), 3, 1, -1, BotLeft{false}},
       R"({"t_ns":7,"type":"bot_left","call":3,"bot":1,"clean":false})"},
      {ofLink(LinkStarted{true}),
       R"({"t_ns":123456789,"type":"link_started","call":3,"bot":0,"peer":1,"offerer":true})"},
      {ofLink(DescriptionSet{"local", "offer"}),
       R"({"t_ns":123456789,"type":"description_set","call":3,"bot":0,"peer":1,"side":"local",)"
       R"("sdp_type":"offer"})"},
      {ofLink(CandidateSeen{"local", kRelay, false}),
       R"({"t_ns":123456789,"type":"candidate_seen","call":3,"bot":0,"peer":1,"side":"local",)"
       R"("candidate":{"type":"relay","protocol":"udp","address":"192.0.2.1:49152",)"
       R"("relay_protocol":"tls","url":"turns:turn.example:5349?transport=tcp"},)"
       R"("duplicate":false})"},
      {ofLink(StateChanged{"ice", "checking"}),
       R"({"t_ns":123456789,"type":"state_changed","call":3,"bot":0,"peer":1,"machine":"ice",)"
       R"("state":"checking"})"},
      {ofLink(PairSelected{kHost, kHost}),
       R"({"t_ns":123456789,"type":"pair_selected","call":3,"bot":0,"peer":1,)"
       R"("local":{"type":"host","protocol":"udp","address":"[::1]:5000"},)"
       R"("remote":{"type":"host","protocol":"udp","address":"[::1]:5000"}})"},
      {ofLink(IceServerOutcome{"turns:t", 701, "Alert", "", 12.5, "x", ServerStage::kTls,
                               ServerFault::kCertificate, CertificateFault::kOtherHost}),
       R"({"t_ns":123456789,"type":"server_outcome","call":3,"bot":0,"peer":1,"url":"turns:t",)"
       R"("code":701,"stage":"tls","fault":"certificate","certificate":"not_for_this_host",)"
       R"("text":"Alert","elapsed_ms":12.5,"user":"x"})"},
      {ofLink(IcePermissionRefused{403, "Forbidden IP"}),
       R"({"t_ns":123456789,"type":"permission_refused","call":3,"bot":0,"peer":1,"code":403,)"
       R"("text":"Forbidden IP"})"},
      {ofLink(LinkConnected{}),
       R"({"t_ns":123456789,"type":"link_connected","call":3,"bot":0,"peer":1})"},
      {ofLink(MediaNegotiated{MediaKind::kVideo, false, true, false}),
       R"({"t_ns":123456789,"type":"media_negotiated","call":3,"bot":0,"peer":1,"kind":"video",)"
       R"("sends":false,"receives":true,"codec":false})"},
      {ofLink(MediaStarted{MediaKind::kVideo}),
       R"({"t_ns":123456789,"type":"media_started","call":3,"bot":0,"peer":1,"kind":"video"})"},
      {ofLink(MediaStopped{MediaKind::kVideo, 301.5}),
       R"({"t_ns":123456789,"type":"media_stopped","call":3,"bot":0,"peer":1,"kind":"video",)"
       R"("silent_ms":301.5})"},
      {ofLink(MediaResumed{MediaKind::kVideo, 1234}),
       R"({"t_ns":123456789,"type":"media_resumed","call":3,"bot":0,"peer":1,"kind":"video",)"
       R"("gap_ms":1234})"},
      {ofLink(LinkLost{"silence", 5000}),
       R"({"t_ns":123456789,"type":"link_lost","call":3,"bot":0,"peer":1,"sign":"silence",)"
       R"("silent_ms":5000})"},
      {ofLink(RecoveryTried{"ice_restart", 1}),
       R"({"t_ns":123456789,"type":"recovery_tried","call":3,"bot":0,"peer":1,)"
       R"("rung":"ice_restart","attempt":1})"},
      {ofLink(RecoveryFailed{FailureCause::kTurnUnreachable, "ice", "no relay"}),
       R"({"t_ns":123456789,"type":"recovery_failed","call":3,"bot":0,"peer":1,)"
       R"("cause":"turn_unreachable","phase":"ice","detail":"no relay"})"},
      {ofLink(LinkRecovered{"rejoin", 1200.5}),
       R"({"t_ns":123456789,"type":"link_recovered","call":3,"bot":0,"peer":1,"rung":"rejoin",)"
       R"("outage_ms":1200.5})"},
      {ofLink(LinkFailed{FailureCause::kTurnAuth, "ice", "401 Unauthorized"}),
       R"({"t_ns":123456789,"type":"link_failed","call":3,"bot":0,"peer":1,"cause":"turn_auth",)"
       R"("phase":"ice","detail":"401 Unauthorized"})"},
      {ofLink(MediaReport{MediaKind::kAudio, 100, 4000, 99, 3960, 1, 40.5}),
       R"({"t_ns":123456789,"type":"media_report","call":3,"bot":0,"peer":1,"kind":"audio",)"
       R"("sent_packets":100,"sent_bytes":4000,"received_packets":99,"received_bytes":3960,)"
       R"("lost_packets":1,"longest_gap_ms":40.5})"},
      {ofLink(MessageReport{10, 2, "[420,385]"}),
       R"({"t_ns":123456789,"type":"message_report","call":3,"bot":0,"peer":1,"sent":10,)"
       R"("answered":2,"round_trips_us":[420,385]})"},
  };
}

std::string errorOf(std::string_view line) {
  const auto event = parseEventLine(line);
  return event ? "parsed" : event.error().what;
}

TEST(Event, EveryBodyHasItsLine) {
  const auto all = rows();
  ASSERT_EQ(all.size(), std::variant_size_v<EventBody>);
  for (std::size_t i = 0; i < all.size(); i++) {
    EXPECT_EQ(all[i].event.body.index(), i) << all[i].line;
    EXPECT_EQ(eventLine(all[i].event), all[i].line);
  }
}

TEST(Event, EveryLineComesBackAsTheSameEvent) {
  for (const auto& [event, line] : rows()) {
    const auto parsed = parseEventLine(line);
    ASSERT_TRUE(parsed) << parsed.error().what;
    EXPECT_EQ(parsed->at, event.at);
    EXPECT_EQ(parsed->call, event.call);
    EXPECT_EQ(parsed->bot, event.bot);
    EXPECT_EQ(parsed->peer, event.peer);
    EXPECT_EQ(parsed->body.index(), event.body.index());
    EXPECT_EQ(eventLine(*parsed), line);
  }
}

TEST(Event, UnknownFieldsAreIgnored) {
  const auto event = parseEventLine(R"({"t_ns":1,"type":"host_ready","host":2,"mood":[1,{}]})");
  ASSERT_TRUE(event) << event.error().what;
  EXPECT_EQ(std::get<HostReady>(event->body).host, 2);
}

TEST(Event, AMissingFieldIsNamed) {
  EXPECT_THAT(errorOf(R"({"t_ns":1,"type":"link_failed","call":0,"bot":0,"peer":1,"phase":"ice"})"),
              HasSubstr("link_failed: cause"));
  EXPECT_THAT(errorOf(R"({"t_ns":1,"type":"candidate_seen","side":"local","duplicate":false,)"
                      R"("candidate":{"type":"moon","protocol":"udp","address":"a:1"}})"),
              HasSubstr("candidate_seen: candidate"));
}

TEST(Event, LinesThatAreNoEventsAreRefused) {
  for (const char* line :
       {"", "{", "null", "[]", "{}", R"({"t_ns":1})", R"({"type":"host_ready","host":1})",
        R"({"t_ns":"1","type":"host_ready","host":1})", R"({"t_ns":1,"type":"moon"})",
        R"({"t_ns":1,"type":"host_ready","host":99999999999})",
        R"({"t_ns":1,"type":"link_connected","call":-2})",
        R"({"t_ns":1,"type":"link_connected","call":"3"})",
        R"({"t_ns":-1,"type":"link_connected"})",
        R"({"t_ns":9223372036854775807,"type":"link_connected"})",
        R"({"t_ns":1,"type":"server_outcome","url":"u","code":0,"elapsed_ms":1e400})",
        R"({"t_ns":1,"type":"server_outcome","url":"u","code":0,"elapsed_ms":-1e99})", "\xff\xfe"})
    EXPECT_THAT(errorOf(line), HasSubstr("event: ")) << line;
}

TEST(Event, BytesThatAreNotUtf8DoNotCostTheLine) {
  const std::string line =
      eventLine(ofLink(LinkFailed{FailureCause::kDtls, "dtls", "bad \xff end"}));
  const auto event = parseEventLine(line);
  ASSERT_TRUE(event) << event.error().what;
  EXPECT_EQ(std::get<LinkFailed>(event->body).detail, "bad \xef\xbf\xbd end");
}

TEST(Event, ALineNeverHoldsANewline) {
  const std::string line =
      eventLine(ofLink(LinkFailed{FailureCause::kDtls, "dtls", "two\nlines\r\n"}));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(std::get<LinkFailed>(parseEventLine(line)->body).detail, "two\nlines\r\n");
}

TEST(FailureCause, EveryCauseHasOneWordAndComesBack) {
  std::set<std::string_view> words;
  for (int i = 0; i <= static_cast<int>(FailureCause::kInternal); i++) {
    const auto cause = static_cast<FailureCause>(i);
    EXPECT_EQ(failureCauseFrom(toString(cause)), cause);
    words.insert(toString(cause));
  }
  EXPECT_EQ(words.size(), static_cast<std::size_t>(FailureCause::kInternal) + 1);
  EXPECT_EQ(failureCauseFrom("moon"), std::nullopt);
}

// docs/EVENTS.md is the format's documentation; it moves with the code.
TEST(Event, EveryTypeFieldAndCauseIsDocumented) {
  Owned<char> page;
  ASSERT_TRUE(g_file_get_contents("docs/EVENTS.md", page.out(), nullptr, nullptr));
  const auto expectWord = [&](const std::string& word) {
    EXPECT_THAT(page.get(), HasSubstr("`" + word + "`"));
  };
  for (const auto& [event, line] : rows()) {
    const auto json = JsonValue::parse(line);
    expectWord(*json->get("type").asString());
    for (const std::string& key : json->keys())
      expectWord(key);
  }
  for (int i = 0; i <= static_cast<int>(FailureCause::kInternal); i++)
    expectWord(std::string(toString(static_cast<FailureCause>(i))));
}

}  // namespace
}  // namespace turnout
