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
  setup.profile = "browser";
  setup.media.audio.reset();
  setup.media.video = VideoProfile{"vp8", 640, 360, 30, 700'000};
  setup.shape.bots = 4;
  setup.hold = 1500ms;
  setup.deadlines.connect = 9000ms;
  setup.local_addresses = {"127.0.0.1"};
  const HostSetup got = roundTrip(setup);
  EXPECT_EQ(got.host, 3);
  EXPECT_EQ(got.signaling_url, setup.signaling_url);
  EXPECT_EQ(got.profile, "browser");
  EXPECT_EQ(got.media, setup.media);
  EXPECT_EQ(got.shape.bots, 4);
  EXPECT_EQ(got.hold, 1500ms);
  EXPECT_EQ(got.deadlines.join, setup.deadlines.join);
  EXPECT_EQ(got.deadlines.connect, 9000ms);
  EXPECT_EQ(got.local_addresses, setup.local_addresses);
}

TEST(ControlMessage, AStepArrivesAsItWasSent) {
  HostSetup setup;
  setup.steps = {{.kind = StepKind::kSignalingDrop,
                  .after = StepTrigger::kConnected,
                  .delay = 70ms,
                  .away = 80ms,
                  .drop_of = DropOf::kMedia,
                  .lasting = 90ms,
                  .loss_percent = 12.5,
                  .direction = LossDirection::kIncoming,
                  .times = 7,
                  .every = 40ms,
                  .cut = SocketCut::kSilent,
                  .address = "127.0.0.9",
                  .bot = 1,
                  .share = 0.25}};
  const HostSetup got = roundTrip(setup);
  ASSERT_EQ(got.steps.size(), 1u);
  const Step& step = got.steps[0];
  EXPECT_EQ(step.kind, StepKind::kSignalingDrop);
  EXPECT_EQ(step.after, StepTrigger::kConnected);
  EXPECT_EQ(step.delay, 70ms);
  EXPECT_EQ(step.away, 80ms);
  EXPECT_EQ(step.drop_of, DropOf::kMedia);
  EXPECT_EQ(step.lasting, 90ms);
  EXPECT_EQ(step.loss_percent, 12.5);
  EXPECT_EQ(step.direction, LossDirection::kIncoming);
  EXPECT_EQ(step.times, 7);
  EXPECT_EQ(step.every, 40ms);
  EXPECT_EQ(step.cut, SocketCut::kSilent);
  EXPECT_EQ(step.address, "127.0.0.9");
  EXPECT_EQ(step.bot, 1);
  EXPECT_EQ(step.share, 0.25);
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

TEST(ControlMessage, ACallArrivesWithItsServersInOrderAndItsWholeSeed) {
  CallOrder order;
  order.call = 17;
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
  tls.tls_ca_file = "/tmp/ca.pem";
  IceServer stun;
  stun.url = "stun:s";
  stun.host = "s";
  order.servers = {tls, stun};
  const CallOrder got = roundTrip(order);
  EXPECT_EQ(got.call, 17);
  EXPECT_EQ(got.start, order.start);
  EXPECT_EQ(got.seed, order.seed);
  EXPECT_TRUE(got.relay_only);
  ASSERT_EQ(got.servers.size(), 2u);
  EXPECT_EQ(got.servers[0].transport, TurnTransport::kTls);
  EXPECT_EQ(got.servers[0].username, tls.username);
  EXPECT_EQ(got.servers[0].credential, tls.credential);
  EXPECT_EQ(got.servers[0].tls_ca_file, tls.tls_ca_file);
  EXPECT_TRUE(got.servers[0].tls_verify);
  EXPECT_EQ(got.servers[1].scheme, IceScheme::kStun);
}

TEST(ControlMessage, ReportsAreToldFromEventsByTheirFirstBytes) {
  const std::string line = reportLine(CallEnded{5});
  EXPECT_TRUE(isReportLine(line));
  EXPECT_FALSE(isReportLine(R"({"t_ns":1,"type":"run_finished"})"));
  const auto parsed = parseReport(line);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<CallEnded>(*parsed).call, 5);
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
