// What became of each configured server, against real and missing ones.
#include "pipelines/ice/hooks/allocate_hook.h"
#include "tests/support/coturn.h"
#include "tests/support/tcp_listener.h"
#include "tests/support/webrtc_pair.h"

#include <algorithm>
#include <map>

#include <gio/gio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST(AllocateHook, IsInForceInThisExecutable) {
  const auto hook = checkAllocateHook();
  EXPECT_TRUE(hook) << hook.error().what;
}

class ServerOutcome : public testing::Test {
 protected:
  // Gathers with these servers and gives the outcomes once gathering is done.
  std::vector<IceServerOutcome> gather(IceConfig config) {
    const unsigned before = IceAgent::liveCount();
    std::vector<IceServerOutcome> outcomes;
    {
      WebrtcPair pair(loop_, threads_, std::move(config), loopbackIce());
      pair.left().offer();
      EXPECT_TRUE(pair.run([&] { return !pair.left().events<IceGatheringDone>().empty(); }, 15s));
      outcomes = pair.left().events<IceServerOutcome>();
    }
    EXPECT_TRUE(allAgentsAreGone(loop_, before));  // while the server can still answer
    return outcomes;
  }
  std::vector<IceServerOutcome> gather(std::vector<IceServer> servers) {
    IceConfig config = loopbackIce();
    config.servers = std::move(servers);
    return gather(std::move(config));
  }

  Loop loop_;
  IceThreads threads_;
};

IceServer with(IceServer server, const std::string& user, const std::string& password) {
  server.username = user;
  server.credential = Secret(password);
  return server;
}

IceServer nobodyAt(const std::string& transport) {
  return turnServer("turn:127.0.0.1:" + std::to_string(freePort()) + "?transport=" + transport,
                    "bot", "botpw");
}

TEST_F(ServerOutcome, OfAWrongPasswordIs401OnEveryTransport) {
  const Coturn coturn;
  for (const auto transport : {TurnTransport::kUdp, TurnTransport::kTcp, TurnTransport::kTls}) {
    const auto outcomes = gather({with(coturn.server(transport), "bot", "wrong")});
    ASSERT_EQ(outcomes.size(), 1u) << toString(transport);
    EXPECT_EQ(outcomes[0].error_code, 401) << outcomes[0].error_text;
    EXPECT_EQ(outcomes[0].url, coturn.server(transport).url);
    EXPECT_THAT(outcomes[0].error_text, HasSubstr("Unauthorized"));
    EXPECT_THAT(outcomes[0].address, IsEmpty());
    EXPECT_LT(outcomes[0].elapsed_ms, 2000);
  }
}

TEST_F(ServerOutcome, OfAnUnknownUserIs401) {
  const Coturn coturn;
  const auto outcomes = gather({with(coturn.server(TurnTransport::kUdp), "nobody", "botpw")});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 401);
}

TEST_F(ServerOutcome, OfAQuotaReachedIs486) {
  const Coturn coturn({.extra = {"user-quota=1"}});
  IceConfig first = loopbackIce();
  first.servers = {coturn.server(TurnTransport::kUdp)};
  WebrtcPair holder(loop_, threads_, first, loopbackIce());
  holder.left().offer();
  ASSERT_TRUE(holder.run([&] { return !holder.left().events<IceServerOutcome>().empty(); }, 5s));
  ASSERT_EQ(holder.left().events<IceServerOutcome>()[0].error_code, 0);

  const auto outcomes = gather({coturn.server(TurnTransport::kUdp)});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 486) << outcomes[0].error_text;
  holder.dropLeft();
  EXPECT_TRUE(allAgentsAreGone(loop_, 1));  // the holder's right side
}

TEST_F(ServerOutcome, OfAPortWhereNobodyListensIs701) {
  for (const char* transport : {"udp", "tcp"}) {
    const auto outcomes = gather({nobodyAt(transport)});
    ASSERT_EQ(outcomes.size(), 1u) << transport;
    EXPECT_EQ(outcomes[0].error_code, 701);
    EXPECT_THAT(outcomes[0].error_text,
                EndsWith(transport == std::string("udp") ? "no answer" : "Connection refused"));
  }
}

TEST_F(ServerOutcome, OfATlsPortWhereNobodyListensSaysSo) {
  const IceServer server =
      turnServer("turns:127.0.0.1:" + std::to_string(freePort()), "bot", "botpw");
  const auto outcomes = gather({server});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
  EXPECT_THAT(outcomes[0].error_text, StartsWith("TCP: "));
  EXPECT_THAT(outcomes[0].error_text, HasSubstr("refused"));
}

TEST_F(ServerOutcome, OfANameThatDoesNotExistIs701AndTheOthersStillWork) {
  const Coturn coturn;
  for (const char* url : {"turn:no-such-host.invalid", "turns:no-such-host.invalid"}) {
    const auto outcomes =
        gather({turnServer(url, "bot", "botpw"), coturn.server(TurnTransport::kUdp)});
    std::map<std::string, IceServerOutcome> by_url;
    for (const auto& outcome : outcomes)
      by_url[outcome.url] = outcome;
    ASSERT_EQ(outcomes.size(), 2u);
    EXPECT_EQ(by_url[url].error_code, 701);
    EXPECT_THAT(by_url[url].error_text, HasSubstr("name"));
    EXPECT_EQ(by_url[coturn.server(TurnTransport::kUdp).url].error_code, 0);
  }
}

TEST_F(ServerOutcome, OfANameIsThatOfItsServer) {
  const Coturn coturn;
  for (const auto transport : {TurnTransport::kUdp, TurnTransport::kTls}) {
    IceServer server = coturn.server(transport);
    server.host = "localhost";
    const auto outcomes = gather({server});
    ASSERT_EQ(outcomes.size(), 1u);
    EXPECT_EQ(outcomes[0].error_code, 0) << outcomes[0].error_text;
  }
}

TEST_F(ServerOutcome, OfAnUntrustedCertificateIs701WithItsReason) {
  const Coturn coturn;
  IceServer server = coturn.server(TurnTransport::kTls);
  server.tls_ca_file.clear();  // the system's store does not know it
  const auto outcomes = gather({server});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
  EXPECT_EQ(outcomes[0].error_text, "TLS: certificate unknown issuer");
  EXPECT_THAT(coturn.log(), Not(HasSubstr("ALLOCATE processed, success")));
}

TEST_F(ServerOutcome, OfAnUntrustedCertificateIsSuccessWhenItNeedNotBeVerified) {
  const Coturn coturn;
  IceServer server = coturn.server(TurnTransport::kTls);
  server.tls_ca_file.clear();
  server.tls_verify = false;
  const auto outcomes = gather({server});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 0) << outcomes[0].error_text;
}

TEST_F(ServerOutcome, OfAMissingCaFileIs701WithItsPath) {
  IceServer server = turnServer("turns:127.0.0.1", "bot", "botpw");
  server.tls_ca_file = "/nonexistent/ca.pem";
  const auto outcomes = gather({server});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
  EXPECT_THAT(outcomes[0].error_text, HasSubstr("/nonexistent/ca.pem"));
}

TEST_F(ServerOutcome, OfTlsIsHadFromAServerWithoutPlainTcp) {
  const Coturn coturn({.extra = {"no-tcp", "no-udp"}});
  const auto outcomes = gather({coturn.server(TurnTransport::kTls)});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 0) << outcomes[0].error_text;
}

TEST_F(ServerOutcome, OfTlsBeginsWithAClientHello) {
  TcpListener listener(loop_);
  const IceServer server =
      turnServer("turns:127.0.0.1:" + std::to_string(listener.port()), "bot", "botpw");
  const auto outcomes = gather({server});
  ASSERT_FALSE(listener.received().empty());
  EXPECT_EQ(listener.received()[0], 0x16);  // TLS record of type handshake (RFC 8446 5.1)
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_THAT(outcomes[0].error_text, StartsWith("TLS: "));
}

// libnice gives up before the splice does.
TEST_F(ServerOutcome, OfATlsPortThatNeverAnswersNamesTls) {
  const auto silent = Ref<GSocketListener>::adopt(g_socket_listener_new());
  const guint16 port = g_socket_listener_add_any_inet_port(silent.get(), nullptr, nullptr);
  const auto outcomes =
      gather({turnServer("turns:127.0.0.1:" + std::to_string(port), "bot", "botpw")});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
  EXPECT_EQ(outcomes[0].error_text, "TLS: no answer");
}

// libnice prunes a second relay on the same relayed IP address; the server did its part all the
// same.
TEST_F(ServerOutcome, OfEachTransportOfOneServerIsSuccess) {
  const Coturn coturn;
  const auto outcomes =
      gather({coturn.server(TurnTransport::kUdp), coturn.server(TurnTransport::kTcp),
              coturn.server(TurnTransport::kTls)});
  ASSERT_EQ(outcomes.size(), 3u);
  for (const auto& outcome : outcomes) {
    EXPECT_EQ(outcome.error_code, 0) << outcome.url << " " << outcome.error_text;
    EXPECT_THAT(outcome.address, StartsWith("127.0.0.1:"));
  }
}

TEST_F(ServerOutcome, IsExactWhenEqualUrlsDifferInCredentials) {
  const Coturn coturn;
  const IceServer good = coturn.server(TurnTransport::kTcp);
  const auto outcomes = gather({with(good, "bot", "wrong"), good, with(good, "bot", "wrong too")});
  ASSERT_EQ(outcomes.size(), 3u);
  const auto failed = std::count_if(outcomes.begin(), outcomes.end(),
                                    [](const auto& each) { return each.error_code == 401; });
  EXPECT_EQ(failed, 2);
}

TEST_F(ServerOutcome, OfStunIsTheMappedAddressEvenWithoutNat) {
  const Coturn coturn;
  const auto outcomes = gather({coturn.stunServer()});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 0) << outcomes[0].error_text;
  EXPECT_THAT(outcomes[0].address, StartsWith("127.0.0.1:"));
}

TEST_F(ServerOutcome, OfASilentStunServerIs701) {
  const IceServer silent = *parseIceServerUrl("stun:127.0.0.1:" + std::to_string(freePort()));
  const auto outcomes = gather({silent});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
}

TEST_F(ServerOutcome, OfStunAndTurnOnOnePortAreBothHad) {
  const Coturn coturn;
  const auto outcomes = gather({coturn.stunServer(), coturn.server(TurnTransport::kUdp)});
  ASSERT_EQ(outcomes.size(), 2u);
  for (const auto& outcome : outcomes)
    EXPECT_EQ(outcome.error_code, 0) << outcome.url << " " << outcome.error_text;
}

TEST_F(ServerOutcome, SaysWhichServersAreNotAsked) {
  const Coturn coturn;
  std::vector<IceServer> servers(10, coturn.server(TurnTransport::kTcp));  // libnice takes eight
  for (const IceServer& twice : {coturn.server(TurnTransport::kUdp), coturn.stunServer()})
    servers.insert(servers.begin(), 2, twice);
  const auto outcomes = gather(servers);
  ASSERT_EQ(outcomes.size(), servers.size());
  const auto not_asked =
      std::count_if(outcomes.begin(), outcomes.end(), [](const IceServerOutcome& each) {
        return each.error_code == 701 && each.error_text.starts_with("not asked");
      });
  EXPECT_EQ(not_asked, 5);  // three TURN/TCP, one TURN/UDP, one STUN
}

TEST_F(ServerOutcome, OfAServerOfAnotherAddressFamilyIs701) {
  const auto outcomes = gather({turnServer("turn:[::1]", "bot", "botpw")});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
  EXPECT_THAT(outcomes[0].error_text, HasSubstr("family"));
}

TEST_F(ServerOutcome, WaitsForEveryLocalAddressBeforeItIsAFailure) {
  IceConfig config = loopbackIce();
  config.local_addresses = {"127.0.0.1", "127.0.0.2"};
  const Coturn coturn({.extra = {"user-quota=1"}});
  config.servers = {coturn.server(TurnTransport::kUdp)};
  const auto outcomes = gather(config);
  ASSERT_EQ(outcomes.size(), 1u);  // one address is allocated, the other is over the quota
  EXPECT_EQ(outcomes[0].error_code, 0) << outcomes[0].error_text;
}

// Many agents on one control thread, each with one server of every kind: no answer may be taken for
// another's.
TEST_F(ServerOutcome, IsExactForManyAgentsAtOnce) {
  constexpr int kAgents = 40;
  const Coturn coturn;
  const Coturn full({.extra = {"user-quota=1"}});
  IceConfig holding = loopbackIce();
  holding.servers = {full.server(TurnTransport::kUdp)};
  WebrtcPair holder(loop_, threads_, holding, loopbackIce());
  holder.left().offer();
  ASSERT_TRUE(holder.run([&] { return !holder.left().events<IceServerOutcome>().empty(); }, 5s));

  IceConfig config = loopbackIce();
  config.servers = {with(coturn.server(TurnTransport::kUdp), "bot", "wrong"), nobodyAt("udp"),
                    full.server(TurnTransport::kUdp), coturn.server(TurnTransport::kTcp)};
  config.servers[0].url = "turn:wrong-password";
  std::vector<std::unique_ptr<WebrtcPeer>> peers;
  for (int i = 0; i < kAgents; ++i)
    peers.push_back(
        std::make_unique<WebrtcPeer>(loop_, threads_, config, "agent" + std::to_string(i)));
  for (const auto& peer : peers)
    peer->offer();
  const auto done = [&] {
    return std::all_of(peers.begin(), peers.end(), [](const auto& peer) {
      return !peer->template events<IceGatheringDone>().empty();
    });
  };
  ASSERT_TRUE(loop_.runUntil(done, 60s));
  for (const auto& peer : peers) {
    std::map<std::string, int> codes;
    const auto outcomes = peer->events<IceServerOutcome>();
    EXPECT_EQ(outcomes.size(), 4u);
    for (const auto& outcome : outcomes)
      codes[outcome.url] = outcome.error_code;
    EXPECT_EQ(codes[config.servers[0].url], 401);
    EXPECT_EQ(codes[config.servers[1].url], 701);
    EXPECT_EQ(codes[config.servers[2].url], 486);
    EXPECT_EQ(codes[config.servers[3].url], 0);
  }
  peers.clear();
  holder.dropLeft();
  EXPECT_TRUE(allAgentsAreGone(loop_, 1));  // the holder's right side
}

}  // namespace
}  // namespace turnout
