#include "orchestrator/doctor/prescription.h"

#include "orchestrator/doctor/doctor_text.h"
#include "orchestrator/doctor/server_diagnosis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using P = PrimaryCause;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::chrono::seconds kNow{1'767'323'045};

ServerReport server(const char* url, TurnTransport transport = TurnTransport::kUdp) {
  ServerReport report;
  report.url = url;
  report.scheme = IceScheme::kTurn;
  report.host = "a";
  report.transport = transport;
  report.username = "x";
  report.stun_ms = 1;
  return report;
}

ServerReport broken(ProbeStage stage, int code, const char* text) {
  ServerReport report = server("turn:a");
  report.fault = ProbeFault{stage, code, text};
  if (code == 701)
    report.stun_ms.reset();
  return report;
}

ServerReport withCertificate(CertificateFault fault) {
  ServerReport report = broken(ProbeStage::kTls, 701, "certificate");
  report.transport = TurnTransport::kTls;
  report.certificate = ProbeCertificate{.fault = fault, .subject = {}, .issuer = {}, .expires = {}};
  return report;
}

ExaminedCall good(bool relay_only) {
  ExaminedCall call{relay_only ? "a call, relay only" : "a call, any path", relay_only, {}};
  call.outcome.state = CallState::kSucceeded;
  call.outcome.connect_time = 120ms;
  return call;
}

ExaminedCall failed(bool relay_only, P cause) {
  ExaminedCall call = good(relay_only);
  call.outcome.state = CallState::kFailed;
  call.outcome.diagnosis = Diagnosis{cause, "seen in the call"};
  return call;
}

Examination seen(std::vector<ServerReport> servers, std::vector<ExaminedCall> calls) {
  Examination all;
  all.probe.servers = std::move(servers);
  all.calls = std::move(calls);
  return all;
}

TEST(ServerDiagnosis, EachFaultOfAProbeHasItsCause) {
  ServerReport expired = broken(ProbeStage::kAllocate, 401, "Unauthorized");
  expired.username = "1767323000:x";
  const std::pair<ServerReport, P> rows[] = {
      {broken(ProbeStage::kName, 701, "no such host"), P::kDnsFailure},
      {broken(ProbeStage::kConnect, 701, "Connection refused"), P::kTurnUnreachable},
      {broken(ProbeStage::kStun, 701, "no answer"), P::kTurnUnreachable},
      {broken(ProbeStage::kTls, 701, "no TLS"), P::kTlsNotSpoken},
      {withCertificate(CertificateFault::kNone), P::kTlsNotSpoken},
      {withCertificate(CertificateFault::kUnknownIssuer), P::kTlsUntrusted},
      {withCertificate(CertificateFault::kExpired), P::kTlsUntrusted},
      {withCertificate(CertificateFault::kOtherHost), P::kTlsWrongName},
      {broken(ProbeStage::kAllocate, 401, "Unauthorized"), P::kTurnAuth},
      {expired, P::kTurnCredentialExpired},
      {broken(ProbeStage::kAllocate, 403, "Forbidden"), P::kTurnForbidden},
      {broken(ProbeStage::kPermission, 403, "Forbidden IP"), P::kTurnForbiddenPeer},
      {broken(ProbeStage::kAllocate, 486, "Quota"), P::kTurnQuota},
      {broken(ProbeStage::kAllocate, 508, "Capacity"), P::kTurnNoCapacity},
      {broken(ProbeStage::kAllocate, 437, "Mismatch"), P::kTurnError},
      {broken(ProbeStage::kAllocate, 701, "no answer"), P::kTurnUnreachable},
      {broken(ProbeStage::kEcho, 701, "no data"), P::kTurnRelayBlocked},
  };
  for (const auto& [report, cause] : rows) {
    const auto found = diagnosisOf(report, {}, kNow);
    ASSERT_TRUE(found);
    EXPECT_STREQ(toString(found->cause), toString(cause)) << found->evidence;
    EXPECT_THAT(found->evidence, HasSubstr("turn:a"));
  }
  EXPECT_FALSE(diagnosisOf(server("turn:a"), {}, kNow));
}

TEST(ServerDiagnosis, NamesTheUserOfAnAnswer) {
  EXPECT_EQ(diagnosisOf(broken(ProbeStage::kAllocate, 401, "Unauthorized"), {}, kNow)->evidence,
            "turn:a answered 401 Unauthorized to user x");
}

TEST(ServerDiagnosis, UdpIsBlockedWhereTheSameHostAnswersByStream) {
  const ServerReport silent = broken(ProbeStage::kStun, 701, "no answer");
  ProbeReport all;
  all.servers = {silent, server("turn:a?transport=tcp", TurnTransport::kTcp)};
  EXPECT_EQ(diagnosisOf(silent, all, kNow)->cause, P::kUdpBlocked);
  all.servers[1].host = "another";
  EXPECT_EQ(diagnosisOf(silent, all, kNow)->cause, P::kTurnUnreachable);
}

TEST(Prescription, OfAHealthyHouseIsNone) {
  const Examination all = seen({server("turn:a")}, {good(false), good(true)});
  const Prescription none = prescribe(all, kNow);
  EXPECT_FALSE(none.diagnosis);
  EXPECT_THAT(doctorText(all, none), HasSubstr("Healthy"));
}

TEST(Prescription, SignalingComesFirst) {
  const auto found =
      prescribe(seen({broken(ProbeStage::kAllocate, 401, "")},
                     {failed(false, P::kSignalingUnreachable), failed(true, P::kTurnAuth)}),
                kNow);
  EXPECT_EQ(found.diagnosis->cause, P::kSignalingUnreachable);
  EXPECT_EQ(found.where, "a call, any path");
}

TEST(Prescription, OfAFailedRelayIsWhatTheProbeSawOfTheServer) {
  const auto found = prescribe(seen({broken(ProbeStage::kStun, 701, "no answer"),
                                     broken(ProbeStage::kPermission, 403, "Forbidden IP")},
                                    {good(false), failed(true, P::kIceNoPair)}),
                               kNow);
  EXPECT_EQ(found.diagnosis->cause, P::kTurnForbiddenPeer);
  EXPECT_EQ(found.where, "turn:a");
  EXPECT_THAT(found.remedy, HasSubstr("denied-peer-ip"));
}

TEST(Prescription, OfAFailedRelayWithGoodServersIsTheCalls) {
  const auto found =
      prescribe(seen({server("turn:a")}, {good(false), failed(true, P::kIceNoPair)}), kNow);
  EXPECT_EQ(found.diagnosis->cause, P::kIceNoPair);
  EXPECT_EQ(found.remedy, wordsOf(P::kIceNoPair).remedy);
}

TEST(Prescription, WhatWasOnlyTriedIsNoFault) {
  ServerReport tried = broken(ProbeStage::kConnect, 701, "Connection refused");
  tried.expectation = Expectation::kTried;
  EXPECT_FALSE(
      prescribe(seen({server("turn:a"), tried}, {good(false), good(true)}), kNow).diagnosis);
}

TEST(Prescription, OfAServerThatFailsThoughCallsConnectIsThatServer) {
  const auto found = prescribe(seen({server("turn:a"), withCertificate(CertificateFault::kExpired)},
                                    {good(false), good(true)}),
                               kNow);
  EXPECT_EQ(found.diagnosis->cause, P::kTlsUntrusted);
}

TEST(DoctorText, TellsWhatWasSeenAndWhatToDo) {
  const Examination all = seen({broken(ProbeStage::kAllocate, 401, "Unauthorized")},
                               {good(false), failed(true, P::kTurnAuth)});
  const Prescription found = prescribe(all, kNow);
  EXPECT_THAT(doctorText(all, found),
              AllOf(HasSubstr("  FAIL  turn:a: 401 Unauthorized\n"),
                    HasSubstr("  ok    a call, any path: connected after 120 ms"),
                    HasSubstr("Most likely: turn_auth."), HasSubstr("To do:  " + found.remedy)));
  EXPECT_THAT(doctorJson(all, found),
              AllOf(HasSubstr("\"cause\": \"turn_auth\""), HasSubstr("\"healthy\": false")));
}

}  // namespace
}  // namespace turnout
