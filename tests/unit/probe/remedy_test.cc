// Each way to fail has its own sentence, which names what to change.
#include "pipelines/probe/remedy.h"

#include "tests/unit/probe/report_samples.h"

#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr const char* kUdp = "turn:turn.example.net";
constexpr const char* kTcp = "turn:turn.example.net?transport=tcp";
constexpr const char* kTls = "turns:turn.example.net";

struct Row {
  ServerReport report;
  const char* fault;
  const char* says;
};

ServerReport withUser(ServerReport report, const std::string& user) {
  report.username = user;
  return report;
}

ServerReport withCertificate(CertificateFault fault) {
  ServerReport report = failingServer(kTls, ProbeStage::kTls, kNoAnswer,
                                      std::string("certificate ") + toString(fault));
  report.certificate =
      ProbeCertificate{fault, "CN=other.example.net", "CN=Some CA", "2026-11-01T00:00:00Z"};
  return report;
}

std::vector<Row> rows() {
  const auto refused = [](int code, const char* text) {
    return failingServer(kUdp, ProbeStage::kAllocate, code, text);
  };
  const auto silent = [](const char* url, ProbeStage stage, const char* text = "no answer") {
    return failingServer(url, stage, kNoAnswer, text);
  };
  return {
      {silent(kUdp, ProbeStage::kName, "Name unknown"), "DNS: Name unknown", "spelling"},
      {silent(kTcp, ProbeStage::kConnect, "Connection refused"), "TCP: Connection refused",
       "Nothing listens on TCP port 3478"},
      {silent(kTcp, ProbeStage::kConnect), "TCP: no answer", "firewall"},
      {silent(kUdp, ProbeStage::kStun, "Connection refused"), "STUN: Connection refused",
       "Nothing listens on UDP port 3478"},
      {silent(kUdp, ProbeStage::kStun), "STUN: no answer", "Offer TURN over TCP or TLS"},
      {silent(kTcp, ProbeStage::kStun), "STUN: no answer", "is it a TLS port"},
      {silent(kTls, ProbeStage::kStun), "STUN: no answer", "web server"},
      {silent(kTls, ProbeStage::kTls), "TLS: no answer", "speak TLS"},
      {withCertificate(CertificateFault::kUnknownIssuer), "TLS: certificate unknown issuer",
       "CN=Some CA"},
      {withCertificate(CertificateFault::kOtherHost), "TLS: certificate not for this host",
       "CN=other.example.net"},
      {withCertificate(CertificateFault::kExpired), "TLS: certificate expired", "2026-11-01"},
      {withCertificate(CertificateFault::kNotValidYet), "TLS: certificate not valid yet", "clocks"},
      {withCertificate(CertificateFault::kRevoked), "TLS: certificate revoked", "get a new one"},
      {refused(401, "Unauthorized"), "401 Unauthorized", "refuses user alice"},
      {withUser(refused(401, "Unauthorized"), ""), "401 Unauthorized", "--username"},
      {withUser(refused(401, "Unauthorized"), "1795244942:bob"), "401 Unauthorized",
       "expired 60 minutes ago"},
      {withUser(refused(401, "Unauthorized"), "1795249542:bob"), "401 Unauthorized",
       "static-auth-secret"},
      {refused(300, "Try Alternate"), "300 Try Alternate", "another one"},
      {refused(403, "Forbidden"), "403 Forbidden", "access rules"},
      {refused(437, "Allocation Mismatch"), "437 Allocation Mismatch", "load balancer"},
      {refused(438, "Stale Nonce"), "438 Stale Nonce", "nonce"},
      {refused(442, "Unsupported"), "442 Unsupported", "relay addresses"},
      {refused(486, "Quota"), "486 Quota", "user-quota"},
      {refused(508, "No capacity"), "508 No capacity", "max-port"},
      {refused(500, "Server Error"), "500 Server Error", "log"},
      {silent(kUdp, ProbeStage::kAllocate), "Allocate: no answer", "overloaded"},
      {failingServer(kUdp, ProbeStage::kPermission, 403, "Forbidden"), "403 Forbidden",
       "denied-peer-ip"},
      {failingServer(kUdp, ProbeStage::kPermission, 486, "second allocation: Quota"),
       "486 second allocation: Quota", "user-quota"},
      {silent(kUdp, ProbeStage::kEcho, "lost"), "echo: lost", "external-ip"},
  };
}

TEST(Remedy, NamesTheFaultAndWhatToChange) {
  for (const Row& row : rows()) {
    EXPECT_EQ(faultText(row.report), row.fault);
    EXPECT_THAT(remedyFor(row.report, kProbedAt), HasSubstr(row.says)) << row.fault;
  }
}

TEST(Remedy, IsOneForEachFault) {
  std::set<std::string> sentences;
  for (const Row& row : rows())
    sentences.insert(remedyFor(row.report, kProbedAt));
  EXPECT_EQ(sentences.size(), rows().size() - 1) << "486 is one, in both places";
}

TEST(Remedy, OfAServerThatWorksIsEmpty) {
  EXPECT_THAT(remedyFor(workingServer(kUdp), kProbedAt), IsEmpty());
  EXPECT_THAT(faultText(workingServer(kUdp)), IsEmpty());
}

}  // namespace
}  // namespace turnout
