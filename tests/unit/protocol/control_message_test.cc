#include "bots/protocol/control_message.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

template <class T>
T roundTrip(const T& command) {
  auto parsed = parseCommand(commandLine(command));
  if (!parsed) {
    ADD_FAILURE() << parsed.error().what;
    return {};
  }
  return std::get<T>(*parsed);
}

TEST(ControlMessage, ASetupArrivesAsItWasSent) {
  HostSetup setup;
  setup.host = 3;
  setup.signaling_url = "http://127.0.0.1:4000";
  setup.local_addresses = {"127.0.0.1", "::1"};
  setup.scenario = "{\n  \"name\": \"a \\\"quoted\\\" one\"\n}\n";
  const HostSetup got = roundTrip(setup);
  EXPECT_EQ(got.host, 3);
  EXPECT_EQ(got.signaling_url, setup.signaling_url);
  EXPECT_EQ(got.local_addresses, setup.local_addresses);
  EXPECT_EQ(got.scenario, setup.scenario) << "byte for byte";
}

TEST(ControlMessage, HowToSpeakWithTheServerArrives) {
  HostSetup setup;
  setup.signaling = {.dialect = "{\"name\": \"x\"}",
                     .values = {{"token", {Secret("one"), Secret("two")}}},
                     .tls_ca_file = "/ca.pem",
                     .tls_verify = false};
  const SignalingAccess got = roundTrip(setup).signaling;
  EXPECT_EQ(got.dialect, setup.signaling.dialect);
  ASSERT_EQ(got.values.size(), 1u);
  EXPECT_EQ(got.values[0].name, "token");
  EXPECT_EQ(got.values[0].values, (std::vector{Secret("one"), Secret("two")}));
  EXPECT_EQ(got.tls_ca_file, "/ca.pem");
  EXPECT_FALSE(got.tls_verify);
}

TEST(ControlMessage, WhatTheBotsOfACallDoTogetherArrives) {
  const CallLeaves leaves = roundTrip(CallLeaves{8, fromNs(123456789012345)});
  EXPECT_EQ(leaves.call, 8);
  EXPECT_EQ(leaves.at, fromNs(123456789012345));
  EXPECT_EQ(roundTrip(CallStays{8}).call, 8);
  EXPECT_EQ(roundTrip(CallInterrupted{8}).call, 8);
  const PeerVanished vanished = roundTrip(PeerVanished{8, 1});
  EXPECT_EQ(vanished.call, 8);
  EXPECT_EQ(vanished.bot, 1);
  EXPECT_EQ(roundTrip(HostStop{1234ms}).grace, 1234ms);
}

TEST(ControlMessage, RenewedServersArriveWithTheirCall) {
  IceServer server;
  server.url = "turn:t";
  server.username = "1700000000:u";
  server.credential = Secret("new");
  const ServersForCall got = roundTrip(ServersForCall{4, "rotated", {server}});
  EXPECT_EQ(got.call, 4);
  EXPECT_EQ(got.reason, "rotated");
  ASSERT_EQ(got.servers.size(), 1u);
  EXPECT_EQ(got.servers[0].username, "1700000000:u");
  EXPECT_EQ(got.servers[0].credential.reveal(), "new");
}

TEST(ControlMessage, ABotIsOrderedWithItsServersInOrderAndItsWholeSeed) {
  BotOrder order;
  order.call = 17;
  order.bot = 1;
  order.room = "r17";
  order.start = fromNs(123456789012345);
  order.seed = 0xfedcba9876543210u;
  order.relay_only = true;
  IceServer tls;
  tls.url = "turns:turn.test";
  tls.scheme = IceScheme::kTurn;
  tls.host = "turn.test";
  tls.port = 5349;
  tls.transport = TurnTransport::kTls;
  tls.username = "user:\"1\"";
  tls.credential = Secret("p/+=w");
  tls.relay_family = RelayFamily::kIpv6;
  tls.tls_ca_file = "/tmp/ca.pem";
  IceServer stun;
  stun.url = "stun:s";
  stun.host = "s";
  order.servers = {tls, stun};
  const BotOrder got = roundTrip(order);
  EXPECT_EQ(got.call, 17);
  EXPECT_EQ(got.bot, 1);
  EXPECT_EQ(got.start, order.start);
  EXPECT_EQ(got.seed, order.seed);
  EXPECT_TRUE(got.relay_only);
  ASSERT_EQ(got.servers.size(), 2u);
  EXPECT_EQ(got.servers[0].transport, TurnTransport::kTls);
  EXPECT_EQ(got.servers[0].username, tls.username);
  EXPECT_EQ(got.servers[0].credential, tls.credential);
  EXPECT_EQ(got.servers[0].relay_family, RelayFamily::kIpv6);
  EXPECT_EQ(got.servers[0].tls_ca_file, tls.tls_ca_file);
  EXPECT_TRUE(got.servers[0].tls_verify);
  EXPECT_EQ(got.servers[1].scheme, IceScheme::kStun);
}

TEST(ControlMessage, ReportsAreToldFromEventsByTheirFirstBytes) {
  const std::string line =
      reportLine(BotReport{5, 1, BotReport::State::kVanished, fromNs(1234567890123)});
  EXPECT_TRUE(isReportLine(line));
  EXPECT_FALSE(isReportLine(R"({"t_ns":1,"type":"run_finished"})"));
  const auto parsed = parseReport(line);
  ASSERT_TRUE(parsed);
  const auto& report = std::get<BotReport>(*parsed);
  EXPECT_EQ(report.call, 5);
  EXPECT_EQ(report.bot, 1);
  EXPECT_EQ(report.state, BotReport::State::kVanished);
  EXPECT_EQ(report.at, fromNs(1234567890123));
}

TEST(ControlMessage, AHostThatCannotWorkSaysWhyAndOfWhichKind) {
  const auto parsed =
      parseReport(reportLine(HostFailed{{ErrorCode::kEnvironment, "apt-get install x"}}));
  ASSERT_TRUE(parsed);
  const auto& failed = std::get<HostFailed>(*parsed);
  EXPECT_EQ(failed.error.code, ErrorCode::kEnvironment);
  EXPECT_EQ(failed.error.what, "apt-get install x");
}

TEST(ControlMessage, GarbageIsAnErrorAndNotACrash) {
  for (const char* line : {"", "{", "[]", "null", "{\"command\":7}", "{\"command\":\"fly\"}"})
    EXPECT_FALSE(parseCommand(line)) << line;
  for (const char* line : {"", "{\"control\":", "{\"control\":\"fly\"}"})
    EXPECT_FALSE(parseReport(line)) << line;
}

}  // namespace
}  // namespace turnout
