// What became of a server, and what is made of it: the cause, whose remedy names what to change, and
// the words for what was seen.
#include "orchestrator/results/diagnosis/server_diagnosis.h"

#include "tests/unit/probe/report_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using P = PrimaryCause;
using testing::AllOf;
using testing::HasSubstr;

constexpr const char* kOverUdp = "turn:turn.example.net";
constexpr const char* kOverTcp = "turn:turn.example.net?transport=tcp";
constexpr const char* kOverTls = "turns:turn.example.net";
constexpr const char* kStunUrl = "stun:turn.example.net";

struct Row {
  ServerReport report;
  P cause;
  const char* fault;   // what was seen
  const char* remedy;  // a part of it
};

ServerReport silent(const char* url, ServerStage stage, ServerFault fault, const char* text = "") {
  ServerReport report = failingServer(url, stage, kNoStunAnswer, text);
  report.fault->fault = fault;
  return report;
}

ServerReport refused(int code, const char* text, ServerStage stage = ServerStage::kAllocate) {
  return failingServer(kOverUdp, stage, code, text);
}

ServerReport withUser(ServerReport report, const std::string& user) {
  report.username = report.fault->username = user;
  return report;
}

ServerReport withCertificate(CertificateFault fault) {
  ServerReport report = silent(kOverTls, ServerStage::kTls, ServerFault::kCertificate);
  report.fault->certificate_fault = fault;
  report.certificate =
      ServerCertificate{fault, "CN=other.example.net", "CN=Some CA", "2026-11-01T00:00:00Z"};
  return report;
}

ServerReport lostOutside(ProbeNotice notice) {
  ServerReport report = silent(kOverUdp, ServerStage::kOutside, ServerFault::kLost);
  report.address = "192.0.2.1:3478";
  report.relayed_address = "10.0.0.1:50000";
  report.notices = {notice};
  return report;
}

ServerReport unchallenged() {
  ServerReport report = refused(401, "Unauthorized");
  report.fault->fault = ServerFault::kNoChallenge;
  return report;
}

std::vector<Row> silences() {
  using enum ServerFault;
  return {
      {silent(kOverUdp, ServerStage::kName, kUnknownName, "Name unknown"), P::kDnsFailure,
       "DNS: Name unknown", "spelling"},
      {silent(kOverTcp, ServerStage::kConnect, kRefused, "Connection refused"), P::kTurnUnreachable,
       "TCP: Connection refused", "port"},
      {silent(kOverTcp, ServerStage::kConnect, kTimeout), P::kTurnUnreachable, "TCP: no answer",
       "firewall"},
      {silent(kOverUdp, ServerStage::kStun, kRefused, "Connection refused"), P::kTurnUnreachable,
       "Connection refused", "port"},
      {silent(kOverUdp, ServerStage::kStun, kTimeout), P::kTurnUnreachable, "no answer",
       "firewall"},
      {silent(kOverTcp, ServerStage::kStun, kTimeout), P::kTurnNotSpoken, "no answer", "TLS port"},
      {silent(kOverTls, ServerStage::kStun, kClosed), P::kTurnNotSpoken,
       "the connection ended without an answer", "web server"},
      {silent(kOverUdp, ServerStage::kAllocate, kTimeout), P::kTurnUnreachable,
       "Allocate: no answer", "Is it up"},
      {silent(kOverUdp, ServerStage::kAllocate, kUnsigned), P::kTurnUnsigned,
       "Allocate: an answer that is not signed with the credential", "no-auth"},
      {silent(kOverUdp, ServerStage::kAllocate, kMalformed), P::kTurnError,
       "Allocate: an answer that is none", "log"},
      {silent(kOverTls, ServerStage::kTls, kTimeout), P::kTlsNotSpoken, "TLS: no answer", "5349"},
      {silent(kOverTls, ServerStage::kTls, kClientCertificate), P::kTlsClientCertificate,
       "TLS: it wants a certificate of the client", "CA-file"},
      {silent(kOverTls, ServerStage::kTls, kTlsTooOld), P::kTlsTooOld, "TLS: older than TLS 1.2",
       "TLS 1.2"},
      {silent(kOverTls, ServerStage::kTls, kOurSide, "CA file x: No such file"), P::kOurSide,
       "TLS: CA file x: No such file", "evidence"},
      {withCertificate(CertificateFault::kUnknownIssuer), P::kTlsUntrusted,
       "TLS: certificate unknown issuer", "whole chain"},
      {withCertificate(CertificateFault::kOtherHost), P::kTlsWrongName,
       "TLS: certificate not for this host", "name in the certificate"},
      {withCertificate(CertificateFault::kNoName), P::kTlsNoName,
       "TLS: certificate no subject alt name", "subjectAltName"},
      {withCertificate(CertificateFault::kExpired), P::kTlsExpired, "TLS: certificate expired",
       "Renew"},
      {withCertificate(CertificateFault::kNotValidYet), P::kTlsNotValidYet,
       "TLS: certificate not valid yet", "clocks"},
      {withCertificate(CertificateFault::kRevoked), P::kTlsUntrusted, "TLS: certificate revoked",
       "chain"},
      {silent(kOverUdp, ServerStage::kEcho, kLost), P::kTurnRelayBlocked,
       "echo: data through the relay is lost", "min-port"},
      {silent(kOverUdp, ServerStage::kBurst, kLost), P::kTurnLossy,
       "burst: data through the relay is lost", "max-bps"},
      {lostOutside(ProbeNotice::kOutsideNotTested), P::kTurnRelayBlocked,
       "from outside: data through the relay is lost", "relay ports"},
      {lostOutside(ProbeNotice::kRelayElsewhere), P::kTurnExternalIpWrong,
       "from outside: data through the relay is lost", "external-ip"},
      {lostOutside(ProbeNotice::kRelayPrivate), P::kTurnExternalIpWrong,
       "from outside: data through the relay is lost", "external-ip"},
  };
}

// RFC 8489 14.8, RFC 8656 19.
std::vector<Row> refusals() {
  constexpr auto kPermission = ServerStage::kPermission;
  return {
      {refused(401, "Unauthorized"), P::kTurnAuth, "401 Unauthorized", "secret or password"},
      {withUser(refused(401, "Unauthorized"), ""), P::kTurnCredentialMissing, "401 Unauthorized",
       "--username"},
      {withUser(refused(401, "Unauthorized"), "1795244942:bob"), P::kTurnCredentialExpired,
       "401 Unauthorized", "renew"},
      {withUser(refused(401, "Unauthorized"), "1795249542:bob"), P::kTurnAuth, "401 Unauthorized",
       "clocks"},
      {unchallenged(), P::kTurnBadChallenge,
       "401 Unauthorized without a realm and nonce that browsers take", "not of the password"},
      {failingServer(kStunUrl, ServerStage::kStun, 401, "Unauthorized"), P::kStunAuth,
       "401 Unauthorized", "another STUN server"},
      {refused(441, "Wrong Credentials"), P::kTurnAuth, "441 Wrong Credentials", "password"},
      {refused(300, "Try Alternate"), P::kTurnRedirected, "300 Try Alternate", "other server"},
      {refused(403, "Forbidden"), P::kTurnForbidden, "403 Forbidden", "rules"},
      {refused(437, "Mismatch"), P::kTurnMismatch, "437 Mismatch", "load balancer"},
      {refused(438, "Stale Nonce"), P::kTurnStaleNonce, "438 Stale Nonce", "one address"},
      {refused(440, "Family"), P::kTurnUnsupported, "440 Family", "relay-ip"},
      {refused(442, "Transport"), P::kTurnUnsupported, "442 Transport", "family"},
      {refused(486, "Quota"), P::kTurnQuota, "486 Quota", "user-quota"},
      {refused(508, ""), P::kTurnNoCapacity, "508", "max-port"},
      {refused(500, "Server Error"), P::kTurnError, "500 Server Error", "log"},
      {refused(486, "Quota", ServerStage::kSecondAllocate), P::kTurnQuota,
       "second allocation: 486 Quota", "user-quota"},
      {refused(403, "Forbidden IP", kPermission), P::kTurnForbiddenPeer,
       "permission: 403 Forbidden IP", "denied-peer-ip"},
      {refused(443, "Peer Family", kPermission), P::kTurnPeerRefused, "permission: 443 Peer Family",
       "443"},
      {refused(400, "Bad Request", ServerStage::kAllocate), P::kTurnAuth, "400 Bad Request",
       "password"},
      {refused(400, "Bad Request", ServerStage::kStun), P::kTurnError, "400 Bad Request", "log"},
      {refused(400, "Bad", kPermission), P::kTurnPeerRefused, "permission: 400 Bad", "log"},
  };
}

TEST(ServerDiagnosis, EachFaultHasItsCauseItsWordsAndARemedyThatNamesWhatToChange) {
  for (const auto& rows : {silences(), refusals()})
    for (const Row& row : rows) {
      const auto found = diagnosisOf(row.report, {}, kProbedAt);
      ASSERT_TRUE(found) << row.fault;
      EXPECT_STREQ(toString(found->cause), toString(row.cause)) << row.fault;
      EXPECT_EQ(codedFaultText(*row.report.fault), row.fault);
      EXPECT_THAT(wordsOf(found->cause).remedy, HasSubstr(row.remedy)) << row.fault;
      EXPECT_THAT(found->evidence, AllOf(HasSubstr(row.report.url), HasSubstr(row.fault)));
    }
}

TEST(ServerDiagnosis, OfAServerThatWorksOrWasNotAskedIsNone) {
  EXPECT_FALSE(diagnosisOf(workingServer(kOverUdp), {}, kProbedAt));
  EXPECT_EQ(codedFaultText({}), "");
  const auto skipped = silent(kStunUrl, ServerStage::kNone, ServerFault::kRelayOnly);
  EXPECT_FALSE(diagnosisOf(*skipped.fault, {}));
  EXPECT_THAT(serverFaultText(*skipped.fault), HasSubstr("not asked"));
}

TEST(ServerDiagnosis, NamesTheUserAndWhatIsWrongWithACertificate) {
  EXPECT_EQ(diagnosisOf(refused(401, "Unauthorized"), {}, kProbedAt)->evidence,
            "turn:turn.example.net answered 401 Unauthorized to user alice");
  EXPECT_THAT(diagnosisOf(withUser(refused(401, ""), "1795244942:b"), {}, kProbedAt)->evidence,
              HasSubstr("expired 60 minutes before"));
  EXPECT_THAT(
      diagnosisOf(withCertificate(CertificateFault::kUnknownIssuer), {}, kProbedAt)->evidence,
      HasSubstr("CN=Some CA"));
  EXPECT_THAT(diagnosisOf(withCertificate(CertificateFault::kExpired), {}, kProbedAt)->evidence,
              HasSubstr("2026-11-01"));
  EXPECT_THAT(diagnosisOf(lostOutside(ProbeNotice::kRelayPrivate), {}, kProbedAt)->evidence,
              AllOf(HasSubstr("10.0.0.1:50000"), HasSubstr("192.0.2.1:3478")));
}

// Another port of the host may be another program: it proves nothing.
TEST(ServerDiagnosis, UdpIsBlockedWhereTheSameHostAndPortAnswersOverTcp) {
  ProbeReport all;
  all.servers = {silent(kOverUdp, ServerStage::kStun, ServerFault::kTimeout),
                 workingServer(kOverTcp)};
  EXPECT_EQ(diagnosisOf(all.servers[0], all, kProbedAt)->cause, P::kUdpBlocked);
  all.servers[1] = workingServer("turn:turn.example.net:443?transport=tcp");
  EXPECT_EQ(diagnosisOf(all.servers[0], all, kProbedAt)->cause, P::kTurnUnreachable);
  all.servers[1] = workingServer(kOverTls);
  EXPECT_EQ(diagnosisOf(all.servers[0], all, kProbedAt)->cause, P::kTurnUnreachable);
}

TEST(ServerDiagnosis, TheTimeOfARestUserNameIsItsFirstPart) {
  EXPECT_EQ(expiryOf("1767323000:bob"), std::chrono::seconds(1767323000));
  EXPECT_EQ(expiryOf("1767323000"), std::chrono::seconds(1767323000));
  for (const char* other :
       {"", "bob", "176732300:bob", "17673230001", "1767323000bob", "bob:1767323000"})
    EXPECT_FALSE(expiryOf(other)) << other;
}

}  // namespace
}  // namespace turnout
