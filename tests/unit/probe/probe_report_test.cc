// A report in words and as JSON, and which servers decide.
#include "orchestrator/report/reports.h"
#include "pipelines/base/json.h"
#include "pipelines/probe/probe.h"
#include "tests/support/golden.h"
#include "tests/unit/probe/report_samples.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(ProbeReport, PassesWhenAllThatMustWorkDo) {
  ProbeReport report;
  report.servers = {
      workingServer("turn:a.example.net"),
      failingServer("turn:b.example.net", ServerStage::kName, kNoStunAnswer, "unknown")};
  EXPECT_FALSE(report.passes());
  report.servers[1].expectation = Expectation::kTried;
  EXPECT_TRUE(report.passes());
}

TEST(ProbeReport, IsIncompleteWhereAServerWantsACredentialThatNobodyGave) {
  ProbeReport report;
  report.servers = {failingServer("turn:a.example.net", ServerStage::kAllocate, 401, "")};
  EXPECT_FALSE(report.passes()) << "alice has a credential";
  EXPECT_FALSE(report.isIncomplete());
  report.servers[0].username.clear();
  EXPECT_TRUE(report.passes());
  EXPECT_TRUE(report.isIncomplete());
  report.servers[0].fault->fault = ServerFault::kNoChallenge;
  EXPECT_FALSE(report.passes()) << "nobody can log in";
}

TEST(ProbeReport, FailsWhereTwoServersDoNotReachEachOther) {
  ProbeReport report;
  report.crossings = {{"turn:a", "turn:b", 3, {}}};
  EXPECT_TRUE(report.passes());
  report.crossings[0].fault = noStunAnswer(ServerStage::kEcho, ServerFault::kLost);
  EXPECT_FALSE(report.passes());
}

TEST(ProbeText, HasARowForEachServerAndARemedyForEachKindOfFailure) {
  expectGolden("reports/probe.txt", probeText(mixedReport(), kProbedAt, 200));
}

TEST(ProbeText, OfServersThatAllWorkIsShort) {
  ProbeReport report;
  report.servers = {workingServer("turn:turn.example.net")};
  const std::string text = probeText(report, kProbedAt);
  EXPECT_THAT(text, HasSubstr("1 of 1 servers works"));
  EXPECT_THAT(text, Not(HasSubstr("FAILS")));
}

TEST(ProbeJson, HoldsEverything) {
  const std::string text = probeJson(mixedReport(), kProbedAt);
  expectGolden("reports/probe.json", text);
  const auto json = JsonValue::parse(text);
  ASSERT_TRUE(json) << json.error().what;
  EXPECT_EQ(json->get("passes").asBool(), false);
  EXPECT_EQ(json->get("servers").elements().size(), mixedReport().servers.size());
  const JsonValue refused = json->get("servers").elements()[3];
  EXPECT_EQ(refused.get("fault").get("code").asInteger(), 401);
  EXPECT_FALSE(refused.get("allocate_ms").isPresent()) << "absent is not zero";
}

std::vector<std::string> urlsOf(const std::vector<ProbeTarget>& targets) {
  std::vector<std::string> urls;
  for (const ProbeTarget& target : targets)
    urls.push_back((target.expectation == Expectation::kTried ? "tried " : "") + target.server.url);
  return urls;
}

std::vector<IceServer> servers(const std::vector<const char*>& urls) {
  std::vector<IceServer> all;
  for (const char* url : urls)
    all.push_back(*parseIceServerUrl(url));
  return all;
}

TEST(AllTransports, AreTriedOnTheUsualPorts) {
  EXPECT_THAT(urlsOf(allTransportsOf(servers({"turn:a.example.net"}))),
              ElementsAre("turn:a.example.net", "tried turn:a.example.net:3478?transport=tcp",
                          "tried turns:a.example.net:5349?transport=tcp"));
}

TEST(AllTransports, KeepThePortsThatAreGivenAndTryEachOnce) {
  EXPECT_THAT(urlsOf(allTransportsOf(servers(
                  {"turn:[2001:db8::1]:80", "turns:[2001:db8::1]:443", "stun:stun.example.net"}))),
              ElementsAre("turn:[2001:db8::1]:80", "turns:[2001:db8::1]:443",
                          "stun:stun.example.net", "tried turn:[2001:db8::1]:80?transport=tcp"));
}

}  // namespace
}  // namespace turnout
