// One row per primary cause: what the events of a call say, and what is made of it.

#include "orchestrator/results/diagnosis/diagnosis.h"

#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "tests/unit/results/call_script.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using P = PrimaryCause;
using F = FailureCause;
using Servers = std::vector<IceServerOutcome>;
using Kinds = std::set<CandidateType>;
constexpr auto kHost = CandidateType::kHost;
constexpr auto kMapped = CandidateType::kServerReflexive;
constexpr auto kRelay = CandidateType::kRelay;

IceServerOutcome answered(const char* url, int code, const char* text, const char* user = "x") {
  return {url, code, text, "", 3, user};
}

IceServerOutcome silent(const char* url, ServerStage stage = ServerStage::kStun,
                        ServerFault fault = ServerFault::kTimeout, const char* text = "") {
  IceServerOutcome outcome = noStunAnswer(stage, fault, text);
  outcome.url = url;
  return outcome;
}

// A call of two that ended with the link from bot 1 to bot 0 failing, 1500 ms after it began.
struct Case {
  P expected = P::kInternal;
  F cause = F::kIceFailed;
  std::string detail = "said so";
  Servers servers = {}, their_servers = {};  // of bot 1, of bot 0
  Kinds ours = {kHost}, theirs = {kHost};    // candidates
  std::vector<std::string> configured = {};  // URLs of the arm
  Script more = {};
  std::string evidence = "";  // a part of it
};

Script candidatesOf(const Kinds& kinds, int from, int to) {
  Script script;
  for (const CandidateType kind : kinds) {
    IceCandidateInfo info;
    info.type = kind;
    script.push_back(ofLink(50, 0, from, to, CandidateSeen{"local", info}));
    script.push_back(ofLink(60, 0, to, from, CandidateSeen{"remote", info}));
  }
  return script;
}

Diagnosis diagnosisOf(const Case& row) {
  Scenario scenario = scenarioOf({"arm"}, 1);
  if (!row.configured.empty())
    scenario.turn[0].ice_servers.emplace_back().urls = row.configured;
  Script script = Script{runStarted(), ofCall(0, 0, CallAssigned{0})} + joinedCall(0);
  for (const IceServerOutcome& server : row.servers)
    script.push_back(ofLink(40, 0, 1, 0, server));
  for (const IceServerOutcome& server : row.their_servers)
    script.push_back(ofLink(40, 0, 0, 1, server));
  script = script + candidatesOf(row.ours, 1, 0) + candidatesOf(row.theirs, 0, 1) + row.more;
  script.push_back(ofLink(1500, 0, 1, 0, LinkFailed{row.cause, "ice", row.detail}));
  const CallOutcome call = foldOf(script + leave(0) + Script{runFinished()}, scenario).calls.at(0);
  EXPECT_TRUE(call.diagnosis);
  return call.diagnosis.value_or(Diagnosis{});
}

constexpr const char* kUdpUrl = "turn:a:3478?transport=udp";
constexpr const char* kTlsUrl = "turns:a:5349?transport=tcp";
constexpr const char* kOurUrl = "turn:{coturn}?transport=udp";

// It asked for the credential, and was silent then.
IceServerOutcome farAway(const char* url, double rtt_ms) {
  IceServerOutcome outcome = silent(url, ServerStage::kAllocate);
  outcome.rtt_ms = rtt_ms;
  return outcome;
}

IceServerOutcome distrusted(CertificateFault fault) {
  IceServerOutcome outcome = silent(kTlsUrl, ServerStage::kTls, ServerFault::kCertificate);
  outcome.certificate_fault = fault;
  return outcome;
}

IceServerOutcome uncredentialed() {
  IceServerOutcome outcome = answered(kUdpUrl, 401, "Unauthorized", "");
  outcome.stage = ServerStage::kAllocate;
  outcome.fault = ServerFault::kErrorResponse;
  return outcome;
}

IceServerOutcome unchallenged() {
  IceServerOutcome outcome = answered(kUdpUrl, 401, "Unauthorized");
  outcome.fault = ServerFault::kNoChallenge;
  return outcome;
}

const Event kSlowHost = ofRun(900, HostHealth{.host = 0, .loop_lag_p99_ms = 900});
const Event kTurnKilled = ofRun(10, FaultApplied{"turn_kill", "coturn", 0});

std::vector<Case> beforeIce() {
  return {
      {.expected = P::kSignalingUnreachable, .cause = F::kSignalingUnreachable},
      {.expected = P::kSignalingRefused,
       .cause = F::kJoinRejected,
       .detail = "room_full",
       .evidence = "room_full"},
      {.expected = P::kSignalingTimeout, .cause = F::kJoinTimeout},
      {.expected = P::kSignalingLost, .cause = F::kSignalingLost},
      {.expected = P::kSessionActive, .cause = F::kJoinRejected, .detail = "session_active"},
      {.expected = P::kSessionActive,
       .cause = F::kJoinTimeout,
       .more = {ofBot(20, 0, 1, SessionError{"session_active", "join"})},
       .evidence = "refused 1 time with session_active"},
      {.expected = P::kNotAnswered, .cause = F::kNotAnswered},
      {.expected = P::kNoPartner, .cause = F::kNoPartner},
      {.expected = P::kPartnerLeft, .cause = F::kPartnerLeft},
      {.expected = P::kPeerMissing, .cause = F::kPeerMissing},
      {.expected = P::kNegotiationError, .cause = F::kNegotiation},
      {.expected = P::kInternal, .cause = F::kInternal},
  };
}

// Relay only, with one server, which had this result.
Case relayOnly(P expected, const IceServerOutcome& server, const std::string& evidence = "") {
  return {.expected = expected,
          .cause = F::kTurnUnreachable,
          .servers = {server},
          .ours = {},
          .theirs = {},
          .configured = {server.url},
          .evidence = evidence};
}

std::vector<Case> turnCases() {
  Case died = relayOnly(P::kTurnServerDied, silent(kOurUrl),
                        "no answer; coturn had died (killed by the scenario)");
  died.more = {kTurnKilled};
  Case blocked =
      relayOnly(P::kUdpBlocked, silent(kUdpUrl), "no answer, while a:3478 answers over TCP");
  blocked.servers.push_back(answered("turn:a?transport=tcp", 0, ""));
  return {
      // The run began at 1767323045.
      relayOnly(P::kTurnCredentialExpired, answered(kUdpUrl, 401, "Unauthorized", "1767323000:x"),
                "401 Unauthorized to user 1767323000:x, which had expired 46 seconds before"),
      relayOnly(P::kTurnAuth, answered(kUdpUrl, 401, "Unauthorized"),
                "turn:a:3478?transport=udp answered 401 Unauthorized to user x"),
      relayOnly(P::kTurnAuth, answered(kUdpUrl, 401, "Unauthorized", "1767329999:x")),
      relayOnly(P::kTurnQuota, answered(kUdpUrl, 486, "Allocation Quota Reached"),
                "answered 486 Allocation Quota Reached to user x"),
      relayOnly(P::kTurnNoCapacity, answered(kUdpUrl, 508, ""), "answered 508 to user x"),
      relayOnly(P::kTurnForbidden, answered(kUdpUrl, 403, "Forbidden")),
      relayOnly(P::kTurnCredentialMissing, uncredentialed()),
      relayOnly(P::kTurnBadChallenge, unchallenged()),
      relayOnly(P::kTurnStaleNonce, answered(kUdpUrl, 438, "Stale Nonce")),
      relayOnly(P::kTurnUnsupported, answered(kUdpUrl, 440, "")),
      relayOnly(P::kTurnRedirected, answered(kUdpUrl, 300, "Try Alternate")),
      relayOnly(P::kTurnUnsigned, silent(kUdpUrl, ServerStage::kAllocate, ServerFault::kUnsigned)),
      relayOnly(P::kTlsNoName, distrusted(CertificateFault::kNoName)),
      relayOnly(P::kTlsNotValidYet, distrusted(CertificateFault::kNotValidYet)),
      relayOnly(P::kTlsTooOld, silent(kTlsUrl, ServerStage::kTls, ServerFault::kTlsTooOld)),
      relayOnly(P::kTlsClientCertificate,
                silent(kTlsUrl, ServerStage::kTls, ServerFault::kClientCertificate)),
      relayOnly(P::kTurnNotSpoken, silent("turn:a?transport=tcp", ServerStage::kStun)),
      relayOnly(P::kOurSide, silent(kTlsUrl, ServerStage::kTls, ServerFault::kOurSide, "no file")),
      relayOnly(P::kTurnMismatch, answered(kUdpUrl, 437, "")),
      relayOnly(P::kTurnError, answered(kUdpUrl, 500, "")),
      died,
      relayOnly(P::kTlsWrongName, distrusted(CertificateFault::kOtherHost)),
      relayOnly(P::kTlsUntrusted, distrusted(CertificateFault::kUnknownIssuer)),
      relayOnly(P::kTlsExpired, distrusted(CertificateFault::kExpired)),
      relayOnly(P::kTlsNotSpoken, silent(kTlsUrl, ServerStage::kTls)),
      blocked,
      relayOnly(P::kDnsFailure,
                silent(kUdpUrl, ServerStage::kName, ServerFault::kUnknownName, "no such host"),
                "turn:a:3478?transport=udp: DNS: no such host"),
      relayOnly(P::kDnsFailure, silent(kTlsUrl, ServerStage::kName)),
      relayOnly(P::kTurnSlow, farAway(kUdpUrl, 1400), "slow: an answer took 1400 ms"),
      relayOnly(P::kTurnUnreachable, silent(kUdpUrl), "turn:a:3478?transport=udp: no answer"),
      relayOnly(P::kTurnUnreachable, silent(kTlsUrl, ServerStage::kConnect, ServerFault::kRefused)),
  };
}

std::vector<Case> fromIceOn() {
  return {
      {.expected = P::kNoRemoteCandidates, .theirs = {}, .evidence = "theirs: no candidates"},
      {.expected = P::kTurnForbiddenPeer,
       .ours = {kRelay},
       .theirs = {kRelay},
       .configured = {kUdpUrl},
       .more = {ofLink(70, 0, 0, 1, IcePermissionRefused{403, "Forbidden IP"})},
       .evidence = "of bot 0 answered 403 Forbidden IP for the other end"},
      {.expected = P::kTurnPeerRefused,
       .ours = {kRelay},
       .theirs = {kRelay},
       .configured = {kUdpUrl},
       .more = {ofLink(70, 0, 0, 1, IcePermissionRefused{443, "Peer Address Family Mismatch"})},
       .evidence = "of bot 0 answered 443"},
      {.expected = P::kOnlyHostCandidates,
       .evidence = "ours: host; theirs: host; no STUN or TURN server is configured"},
      {.expected = P::kNoRelayConfigured,
       .ours = {kHost, kMapped},
       .theirs = {kHost, kMapped},
       .configured = {"stun:s"},
       .evidence = "ours: host, srflx"},
      {.expected = P::kIceNoPair, .ours = {kRelay}, .theirs = {kRelay}, .configured = {kUdpUrl}},
      {.expected = P::kDtlsFailed, .cause = F::kDtls},
      {.expected = P::kTurnPeerRefused,
       .cause = F::kDtls,
       .ours = {kRelay},
       .more = {ofLink(70, 0, 0, 1, IcePermissionRefused{400, "Bad", ServerStage::kChannel})},
       .evidence = "of bot 0 answered 400 Bad"},
      {.expected = P::kDtlsFailed,  // a peer that was refused is not the one that ICE connected to
       .cause = F::kDtls,
       .ours = {kRelay},
       .more = {ofLink(70, 0, 0, 1, IcePermissionRefused{403, "No", ServerStage::kPermission})}},
      {.expected = P::kConnectedNoMedia, .cause = F::kNoMedia},
      {.expected = P::kTurnServerDied,
       .cause = F::kNoMedia,
       .servers = {answered(kOurUrl, 0, "")},
       .ours = {kRelay},
       .more = {kTurnKilled},
       .evidence = "turn:{coturn}?transport=udp: was used; coturn had died"},
      {.expected = P::kHostOverloaded,
       .cause = F::kIceTimeout,
       .more = {kSlowHost},
       .evidence = "up to 900 ms late"},
  };
}

std::vector<Case> allCases() {
  std::vector<Case> all = beforeIce();
  for (const auto& more : {turnCases(), fromIceOn()})
    all.insert(all.end(), more.begin(), more.end());
  return all;
}

TEST(Diagnosis, EachFaultHasItsPrimaryCauseAndEvidence) {
  for (const Case& row : allCases()) {
    const Diagnosis found = diagnosisOf(row);
    EXPECT_STREQ(toString(found.cause), toString(row.expected)) << found.evidence;
    EXPECT_THAT(found.evidence, HasSubstr(row.evidence)) << toString(row.expected);
    EXPECT_THAT(found.evidence, Not(IsEmpty()));
  }
}

TEST(Diagnosis, EveryPrimaryCauseOfAFailedCallHasARowAbove) {
  std::set<P> seen{P::kStunAuth, P::kHostCrashed, P::kHostStalled, P::kInterrupted,
                   P::kTurnSlow,  // of aborted calls: below
                   P::kTurnRelayBlocked, P::kTurnLossy, P::kTurnExternalIpWrong,
                   P::kTurnAddressDead,  // known by probing only
                   P::kBoundToLoopback,  // needs a guest: below
                   // need a look at the signaling server: below
                   P::kSignalingSilent, P::kSignalingTls, P::kSignalingNotHttp, P::kSignalingLogin,
                   P::kSignalingBadGateway, P::kSignalingNoSocketIo, P::kSignalingPlainWebSocket,
                   P::kSignalingSocketIo2, P::kSignalingOtherApp};
  for (const Case& row : allCases())
    seen.insert(row.expected);
  for (const PrimaryCauseWords& words : allPrimaryCauses())
    EXPECT_TRUE(seen.contains(words.cause)) << words.word;
}

TEST(Diagnosis, EveryFailureCauseHasOne) {
  for (int number = 0; number <= static_cast<int>(F::kInternal); number++) {
    CallOutcome call;
    call.cause = static_cast<F>(number);
    call.detail = "said so";
    const Diagnosis found = turnout::diagnosisOf(call, {}, {});
    EXPECT_EQ(found.evidence, "said so");
    EXPECT_EQ(found.cause == P::kInternal, *call.cause == F::kInternal);
  }
}

TEST(Diagnosis, AnAbortedCallIsTurnoutsOwnFault) {
  Script script = Script{runStarted(), ofCall(0, 0, CallAssigned{0})} + joinedCall(0);
  const Scenario scenario = scenarioOf({"arm"}, 1);
  EXPECT_EQ(foldOf(script, scenario).calls[0].diagnosis->cause, P::kInterrupted);
  script.push_back(ofRun(700, HostExited{0, "signal 11", false}));
  EXPECT_EQ(foldOf(script, scenario).calls[0].diagnosis->cause, P::kHostCrashed);
}

TEST(Diagnosis, AGoodCallHasNone) {
  EXPECT_FALSE(foldOf(wholeRun(goodCall(0)), scenarioOf({"arm"}, 1)).calls[0].diagnosis);
}

TEST(Diagnosis, OfSeveralServersTheOneThatCameClosestIsTheCause) {
  Case row = relayOnly(P::kTurnAuth, silent(kUdpUrl));
  row.servers.push_back(distrusted(CertificateFault::kUnknownIssuer));
  EXPECT_EQ(diagnosisOf(row).cause, P::kTlsUntrusted);
  row.servers.push_back(answered("turn:b?transport=tcp", 486, ""));
  EXPECT_EQ(diagnosisOf(row).cause, P::kTurnQuota);
  row.servers.push_back(answered("turn:c?transport=tcp", 401, ""));
  EXPECT_EQ(diagnosisOf(row).cause, P::kTurnAuth);
}

TEST(Diagnosis, AServerWithoutRelayAtTheOtherEndCounts) {
  const Case row{.cause = F::kIceTimeout,
                 .servers = {answered(kUdpUrl, 0, "")},
                 .their_servers = {answered(kUdpUrl, 486, "")},
                 .ours = {kRelay},
                 .theirs = {kHost},
                 .configured = {kUdpUrl}};
  EXPECT_EQ(diagnosisOf(row).cause, P::kTurnQuota);
}

TEST(Diagnosis, AServerThatFailedBesideARelayIsNotTheCause) {
  const Case row{.servers = {answered(kUdpUrl, 401, ""), answered(kTlsUrl, 0, "")},
                 .ours = {kRelay},
                 .theirs = {kRelay},
                 .configured = {kUdpUrl, kTlsUrl}};
  EXPECT_EQ(diagnosisOf(row).cause, P::kIceNoPair);
}

// The call failed 1500 ms after it began.
TEST(Diagnosis, ARelayedCallWithoutAPairIsSlowWhereItsServersAreFarAway) {
  IceServerOutcome whole = answered(kUdpUrl, 0, "");
  for (const auto& [rtt_ms, cause] : {std::pair(1000.0, P::kTurnSlow), {20.0, P::kIceNoPair}}) {
    whole.rtt_ms = rtt_ms;
    const Case row{.cause = F::kIceTimeout,
                   .servers = {whole},
                   .ours = {kRelay},
                   .theirs = {kRelay},
                   .configured = {kUdpUrl}};
    EXPECT_EQ(diagnosisOf(row).cause, cause) << rtt_ms;
  }
}

TEST(Diagnosis, ARelayedCallThatGotNoFurtherThanDtlsIsSlowWhereItsServersAreFarAway) {
  IceServerOutcome whole = answered(kUdpUrl, 0, "");
  for (const auto& [rtt_ms, cause] : {std::pair(1000.0, P::kTurnSlow), {20.0, P::kDtlsFailed}}) {
    whole.rtt_ms = rtt_ms;
    const Case row{.cause = F::kDtls,
                   .servers = {whole},
                   .ours = {kRelay},
                   .theirs = {kRelay},
                   .configured = {kUdpUrl}};
    EXPECT_EQ(diagnosisOf(row).cause, cause) << rtt_ms;
  }
}

TEST(Diagnosis, WhatIsNoServerOfOursAtTheSignalingUrlIsTheCause) {
  CallOutcome call;
  call.detail = "not in before the join deadline";
  RunFacts run;
  for (const auto failure : {F::kSignalingUnreachable, F::kJoinTimeout}) {
    call.cause = failure;
    run.signaling.reset();
    const P otherwise = turnout::diagnosisOf(call, {}, run).cause;
    run.signaling = SignalingSeen{SignalingKind::kSocketIo, ""};
    EXPECT_EQ(turnout::diagnosisOf(call, {}, run).cause, otherwise);
    run.signaling = SignalingSeen{SignalingKind::kLogin, "HTTP 401"};
    EXPECT_EQ(turnout::diagnosisOf(call, {}, run).cause, P::kSignalingLogin);
    EXPECT_EQ(turnout::diagnosisOf(call, {}, run).evidence, "HTTP 401");
  }
  call.cause = F::kIceTimeout;
  EXPECT_EQ(turnout::diagnosisOf(call, {}, run).cause, P::kIceNoPair);
}

// Two bots of one run would have met there.
TEST(Diagnosis, BotsOnLoopbackDoNotMeetAGuest) {
  CallOutcome call;
  call.cause = F::kIceTimeout;
  call.failed_link = FailedLink{{}, {0, {kHost}, {kHost}, {}, {}}, {}};
  RunFacts run;
  run.local_addresses = "127.0.0.1, ::1";
  const Diagnosis diagnosis = turnout::diagnosisOf(call, {}, run);
  EXPECT_EQ(diagnosis.cause, P::kBoundToLoopback);
  EXPECT_THAT(diagnosis.evidence, HasSubstr("bound to 127.0.0.1, ::1 alone"));
  run.local_addresses = "127.0.0.1, 192.0.2.7";
  EXPECT_EQ(turnout::diagnosisOf(call, {}, run).cause, P::kOnlyHostCandidates);
  run.local_addresses = "127.0.0.1";
  call.failed_link->theirs = LinkEndFacts{1, {kHost}, {kHost}, {}, {}};
  EXPECT_EQ(turnout::diagnosisOf(call, {}, run).cause, P::kOnlyHostCandidates);
}

TEST(Diagnosis, AServerThatWasNotAskedOrIsNoTurnServerIsNotTheCause) {
  const Case row{.servers = {silent(kUdpUrl, ServerStage::kNone, ServerFault::kTooManyRelays),
                             silent("stun:s")}};
  EXPECT_EQ(diagnosisOf(row).cause, P::kOnlyHostCandidates);
}

TEST(Diagnosis, AServerThatDiedAfterTheCallFailedIsNotTheCause) {
  Case row = relayOnly(P::kTurnUnreachable, silent(kOurUrl));
  row.more = {ofRun(2000, FaultApplied{"turn_kill", "coturn", 0})};
  EXPECT_EQ(diagnosisOf(row).cause, P::kTurnUnreachable);
}

TEST(Diagnosis, AServerThatAnsweredWithACodeHadNotDied) {
  Case row = relayOnly(P::kTurnAuth, answered(kOurUrl, 401, ""));
  row.more = {kTurnKilled};
  EXPECT_EQ(diagnosisOf(row).cause, P::kTurnAuth);
}

// Then no offer was sent, and the other end waited for it in vain.
TEST(Diagnosis, ARelayRefusedBeforeTheOfferIsTheCauseAndNotTheMissingOffer) {
  Case row = relayOnly(P::kTurnAuth, answered(kUdpUrl, 401, ""));
  row.more = {ofLink(1000, 0, 0, 1, LinkFailed{F::kNegotiation, "negotiation", "no offer"})};
  EXPECT_EQ(diagnosisOf(row).cause, P::kTurnAuth);
}

TEST(Diagnosis, ASlowHostIsNoExcuseForAWrongPassword) {
  Case row = relayOnly(P::kTurnAuth, answered(kUdpUrl, 401, ""));
  row.more = {kSlowHost};
  EXPECT_EQ(diagnosisOf(row).cause, P::kTurnAuth);
}

TEST(Diagnosis, UdpIsBlockedWhenAnotherCallReachedTheHostByTcp) {
  CallOutcome call;
  call.cause = F::kTurnUnreachable;
  call.failed_link = FailedLink{{}, {1, {}, {}, {silent(kUdpUrl)}, {}}, {}};
  RunFacts run;
  EXPECT_EQ(turnout::diagnosisOf(call, {}, run).cause, P::kTurnUnreachable);
  addStreamEndpoint({"turn:a:80?transport=tcp", 401, "Unauthorized", "", 3}, run.stream_endpoints);
  EXPECT_EQ(turnout::diagnosisOf(call, {}, run).cause, P::kTurnUnreachable) << "another port";
  addStreamEndpoint({"turn:a?transport=tcp", 401, "Unauthorized", "", 3}, run.stream_endpoints);
  EXPECT_EQ(turnout::diagnosisOf(call, {}, run).cause, P::kUdpBlocked);
}

// docs/DIAGNOSIS.md has a row per cause, with the words that users see.
TEST(PrimaryCause, TheDocumentHasThisList) {
  std::ifstream file("docs/DIAGNOSIS.md");
  std::ostringstream document;
  document << file.rdbuf();
  std::string rows;
  for (const PrimaryCauseWords& words : allPrimaryCauses())
    rows +=
        std::string("| `") + words.word + "` | " + words.meaning + " | " + words.remedy + " |\n";
  EXPECT_THAT(document.str(), HasSubstr(rows)) << "expected:\n" << rows;
}

}  // namespace
}  // namespace turnout
