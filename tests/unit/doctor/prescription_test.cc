#include "orchestrator/doctor/doctor.h"

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

ServerReport broken(ServerStage stage, int code, const char* text) {
  ServerReport report = server("turn:a");
  report.fault = noStunAnswer(stage, ServerFault::kTimeout, text);
  report.fault->url = report.url;
  report.fault->username = report.username;
  report.fault->error_code = code;
  if (code != kNoStunAnswer)
    report.fault->fault = ServerFault::kErrorResponse;
  return report;
}

ServerReport withCertificate(CertificateFault fault) {
  ServerReport report = broken(ServerStage::kTls, kNoStunAnswer, "");
  report.fault->fault = ServerFault::kCertificate;
  report.fault->certificate_fault = fault;
  return report;
}

ExaminedCall good(bool relay_only) {
  ExaminedCall call{relay_only ? "a call, relay only" : "a call, any path", relay_only, false, {}};
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

TEST(Prescription, OfAHealthyHouseIsNone) {
  const Examination all = seen({server("turn:a")}, {good(false), good(true)});
  const Prescription none = prescribe(all, kNow);
  EXPECT_FALSE(none.diagnosis);
  EXPECT_THAT(doctorText(all, none), HasSubstr("Healthy"));
}

TEST(Prescription, OfServersThatDoNotReachEachOtherIsTheirRelays) {
  Examination all = seen({server("turn:a"), server("turn:b")}, {good(false), good(true)});
  all.probe.crossings = {
      {"turn:a", "turn:b", {}, noStunAnswer(ServerStage::kEcho, ServerFault::kLost)}};
  const Prescription found = prescribe(all, kNow);
  EXPECT_EQ(found.diagnosis->cause, P::kTurnRelayBlocked);
  EXPECT_THAT(found.diagnosis->evidence, HasSubstr("between turn:a and turn:b"));
}

TEST(Prescription, SignalingComesFirst) {
  const auto found =
      prescribe(seen({broken(ServerStage::kAllocate, 401, "")},
                     {failed(false, P::kSignalingUnreachable), failed(true, P::kTurnAuth)}),
                kNow);
  EXPECT_EQ(found.diagnosis->cause, P::kSignalingUnreachable);
  EXPECT_EQ(found.where, "a call, any path");
}

TEST(Prescription, OfAFailedRelayIsWhatTheProbeSawOfTheServer) {
  const auto found = prescribe(seen({broken(ServerStage::kStun, 701, "no answer"),
                                     broken(ServerStage::kPermission, 403, "Forbidden IP")},
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

TEST(Prescription, OfAServerThatDeniesThisNetworkIsNone) {
  ExaminedCall denied = failed(true, P::kTurnForbiddenPeer);
  denied.is_to_plain_end = true;
  Examination all = seen({server("turn:a")}, {good(false), good(true), denied});
  EXPECT_EQ(prescribe(all, kNow).diagnosis->cause, P::kTurnForbiddenPeer);
  all.probe.servers[0].notices = {ProbeNotice::kOutsideForbidden};
  EXPECT_FALSE(prescribe(all, kNow).diagnosis);
}

TEST(Prescription, WhatWasOnlyTriedIsNoFault) {
  ServerReport tried = broken(ServerStage::kConnect, 701, "Connection refused");
  tried.expectation = Expectation::kTried;
  EXPECT_FALSE(
      prescribe(seen({server("turn:a"), tried}, {good(false), good(true)}), kNow).diagnosis);
}

TEST(Prescription, OfAServerThatFailsThoughCallsConnectIsThatServer) {
  const auto found = prescribe(seen({server("turn:a"), withCertificate(CertificateFault::kExpired)},
                                    {good(false), good(true)}),
                               kNow);
  EXPECT_EQ(found.diagnosis->cause, P::kTlsExpired);
}

TEST(DoctorText, TellsWhatWasSeenAndWhatToDo) {
  const Examination all = seen({broken(ServerStage::kAllocate, 401, "Unauthorized")},
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
