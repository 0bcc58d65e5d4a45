// What became of each configured server, against real and missing ones.
#include "pipelines/ice/hooks/interposition.h"
#include "tests/support/coturn.h"
#include "tests/support/tcp_listener.h"
#include "tests/support/udp_path.h"
#include "tests/support/webrtc_pair.h"

#include <algorithm>
#include <array>
#include <map>

#include <gio/gio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST(AllocateHook, IsInForceInThisExecutable) {
  const auto hook = checkInterposition();
  EXPECT_TRUE(hook) << hook.error().what;
}

class ServerOutcome : public testing::Test {
 protected:
  // Gathers with these servers for so long, or until all have a result, leaves, and gives the
  // outcomes once all are there: a server that is silent has one after the call only.
  // `all`: how many there are to be; more than servers where they send us on to others.
  std::vector<IceServerOutcome> gather(IceConfig config, Duration limit, std::size_t all) {
    const unsigned before = IceAgent::liveCount();
    std::vector<IceServerOutcome> outcomes;
    Mailbox<IceEvent> late(loop_, [&outcomes](const IceEvent& event) {
      outcomes.push_back(std::get<IceServerOutcome>(event.body));
    });
    {
      WebrtcPair pair(loop_, threads_, std::move(config), loopbackIce(),
                      [to = late.sender()](IceEvent event) { to.send(std::move(event)); });
      pair.left().offer();
      pair.run([&] { return pair.left().events<IceServerOutcome>().size() >= all; }, limit);
      outcomes = pair.left().events<IceServerOutcome>();
    }
    EXPECT_TRUE(allAgentsAreGone(loop_, before, 5s));  // while the server can still answer
    loop_.runUntil([&] { return outcomes.size() >= all; }, 5s);
    return outcomes;
  }
  std::vector<IceServerOutcome> gather(IceConfig config, Duration limit = 1500ms) {
    const std::size_t all = config.servers.size();
    return gather(std::move(config), limit, all);
  }
  std::vector<IceServerOutcome> gather(std::vector<IceServer> servers, Duration limit = 1500ms) {
    IceConfig config = loopbackIce();
    config.servers = std::move(servers);
    return gather(std::move(config), limit);
  }
  std::vector<IceServerOutcome> gatherTwo(const IceServer& server) {
    IceConfig config = loopbackIce();
    config.servers = {server};
    return gather(std::move(config), 5s, 2);
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
    EXPECT_EQ(outcomes[0].stage, ServerStage::kAllocate);
    EXPECT_EQ(outcomes[0].fault, ServerFault::kErrorResponse);
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
    EXPECT_EQ(outcomes[0].fault,
              transport == std::string("udp") ? ServerFault::kTimeout : ServerFault::kRefused);
  }
}

TEST_F(ServerOutcome, OfATlsPortWhereNobodyListensSaysSo) {
  const IceServer server =
      turnServer("turns:127.0.0.1:" + std::to_string(freePort()), "bot", "botpw");
  const auto outcomes = gather({server});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
  EXPECT_EQ(outcomes[0].stage, ServerStage::kConnect);
  EXPECT_EQ(outcomes[0].fault, ServerFault::kRefused);
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
    EXPECT_EQ(by_url[url].stage, ServerStage::kName);
    EXPECT_THAT(by_url[url].fault, AnyOf(ServerFault::kUnknownName, ServerFault::kTimeout));
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
  EXPECT_EQ(outcomes[0].stage, ServerStage::kTls);
  EXPECT_EQ(outcomes[0].fault, ServerFault::kCertificate);
  EXPECT_EQ(outcomes[0].certificate_fault, CertificateFault::kUnknownIssuer);
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
  EXPECT_EQ(outcomes[0].fault, ServerFault::kOurSide);
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
  EXPECT_EQ(outcomes[0].stage, ServerStage::kTls);
}

TEST_F(ServerOutcome, OfATlsPortThatNeverAnswersNamesTls) {
  const auto silent = Ref<GSocketListener>::adopt(g_socket_listener_new());
  const guint16 port = g_socket_listener_add_any_inet_port(silent.get(), nullptr, nullptr);
  const auto outcomes =
      gather({turnServer("turns:127.0.0.1:" + std::to_string(port), "bot", "botpw")});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
  EXPECT_EQ(outcomes[0].stage, ServerStage::kTls);
  EXPECT_EQ(outcomes[0].fault, ServerFault::kTimeout);
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
        return each.error_code == 701 && isNotAsked(each.fault);
      });
  EXPECT_EQ(not_asked, 5);  // three TURN/TCP, one TURN/UDP, one STUN
}

TEST_F(ServerOutcome, OfAServerOfAnotherAddressFamilyIs701) {
  const auto outcomes = gather({turnServer("turn:[::1]", "bot", "botpw")});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 701);
  EXPECT_EQ(outcomes[0].fault, ServerFault::kOtherFamily);
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
  std::vector<std::string> silent;  // told after the agents had left
  Mailbox<IceEvent> late(loop_, [&silent](const IceEvent& event) {
    silent.push_back(std::get<IceServerOutcome>(event.body).url);
  });
  std::vector<std::unique_ptr<WebrtcPeer>> peers;
  for (int i = 0; i < kAgents; ++i)
    peers.push_back(
        std::make_unique<WebrtcPeer>(loop_, threads_, config, "agent" + std::to_string(i),
                                     [to = late.sender()](IceEvent event) { to.send(event); }));
  for (const auto& peer : peers)
    peer->offer();
  const auto done = [&] {
    return std::all_of(peers.begin(), peers.end(), [](const auto& peer) {
      return peer->template events<IceServerOutcome>().size() == 3;
    });
  };
  ASSERT_TRUE(loop_.runUntil(done, 60s));
  for (const auto& peer : peers) {
    std::map<std::string, int> codes;
    for (const auto& outcome : peer->events<IceServerOutcome>())
      codes[outcome.url] = outcome.error_code;
    EXPECT_EQ(codes[config.servers[0].url], 401);
    EXPECT_EQ(codes[config.servers[2].url], 486);
    EXPECT_EQ(codes[config.servers[3].url], 0);
  }
  peers.clear();
  EXPECT_TRUE(loop_.runUntil([&] { return silent.size() == kAgents; }, 10s));
  EXPECT_EQ(std::count(silent.begin(), silent.end(), config.servers[1].url), kAgents);
  peers.clear();
  holder.dropLeft();
  EXPECT_TRUE(allAgentsAreGone(loop_, 1));  // the holder's right side
}

IceServer turnAt(std::uint16_t port) {
  return turnServer("turn:127.0.0.1:" + std::to_string(port) + "?transport=udp", "bot", "botpw");
}

// libnice would ask such a server thousands of times in a call.
TEST_F(ServerOutcome, OfAServerThatCallsEveryNonceStaleIs438AfterThreeTries) {
  StubbornServer server(loop_, 438, [](unsigned n) {
    Datagram attributes = stunAttribute(0x0014, "realm");
    const Datagram nonce = stunAttribute(0x0015, "nonce " + std::to_string(n));
    attributes.insert(attributes.end(), nonce.begin(), nonce.end());
    return attributes;
  });
  const auto outcomes = gather({turnAt(server.port())});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 438);
  EXPECT_LE(server.requests(), 3u);
}

TEST_F(ServerOutcome, OfAServerThatChangesItsRealmForEverIs401AfterThreeTries) {
  StubbornServer server(loop_, 401, [](unsigned n) {
    Datagram attributes = stunAttribute(0x0014, "realm " + std::to_string(n));
    const Datagram nonce = stunAttribute(0x0015, "nonce");
    attributes.insert(attributes.end(), nonce.begin(), nonce.end());
    return attributes;
  });
  const auto outcomes = gather({turnAt(server.port())});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 401);
  EXPECT_LE(server.requests(), 3u);
}

TEST_F(ServerOutcome, OfAServerThatAsksWithoutARealmIs401AtOnce) {
  StubbornServer server(loop_, 401, [](unsigned) { return Datagram(); });
  const auto outcomes = gather({turnAt(server.port())});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 401);
  EXPECT_EQ(server.requests(), 1u);
}

Datagram alternateServer(std::uint16_t port) {  // RFC 8489 14.15
  return stunAttribute(0x8023,
                       std::array<std::uint8_t, 8>{0, 1, static_cast<std::uint8_t>(port >> 8),
                                                   static_cast<std::uint8_t>(port), 127, 0, 0, 1});
}

TEST_F(ServerOutcome, OfAServerThatSendsUsToItselfIs300) {
  std::uint16_t itself = 0;
  StubbornServer server(loop_, 300, [&itself](unsigned) { return alternateServer(itself); });
  itself = server.port();
  const auto outcomes = gather({turnAt(server.port())});
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 300);
  EXPECT_EQ(server.requests(), 1u);
}

TEST_F(ServerOutcome, OfAServerThatSendsUsOnIsThatAndTheOtherHasItsOwn) {
  const Coturn coturn;
  const IceServer other = coturn.server(TurnTransport::kUdp);
  StubbornServer server(loop_, 300, [&other](unsigned) { return alternateServer(other.port); });
  const auto outcomes = gatherTwo(turnAt(server.port()));
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[0].fault, ServerFault::kRedirected);
  EXPECT_EQ(outcomes[0].address, "127.0.0.1:" + std::to_string(other.port));
  EXPECT_EQ(outcomes[1].url, other.url);
  EXPECT_EQ(outcomes[1].error_code, 0);
}

// libnice alone would go on in clear text, with the user name.
TEST_F(ServerOutcome, OfAnAlternateOfATlsServerIsHadOverTlsToo) {
  const Coturn alternate;
  const auto port = alternate.server(TurnTransport::kTls).port;
  const Coturn first({.extra = {"tls-alternate-server=127.0.0.1:" + std::to_string(port)}});
  IceServer server = first.server(TurnTransport::kTls);
  const std::string other = "turns:127.0.0.1:" + std::to_string(port) + "?transport=tcp";
  {
    const auto outcomes = gatherTwo(server);  // the alternate's certificate is not trusted
    ASSERT_EQ(outcomes.size(), 2u);
    EXPECT_EQ(outcomes[0].fault, ServerFault::kRedirected);
    EXPECT_EQ(outcomes[1].url, other);
    EXPECT_EQ(outcomes[1].fault, ServerFault::kCertificate);
    EXPECT_THAT(alternate.log(), Not(HasSubstr("new, realm")));
  }
  server.tls_verify = false;
  const auto outcomes = gatherTwo(server);
  ASSERT_EQ(outcomes.size(), 2u);
  EXPECT_EQ(outcomes[1].url, other);
  EXPECT_EQ(outcomes[1].error_code, 0) << outcomes[1].error_text;
  EXPECT_THAT(alternate.log(), HasSubstr("cipher="));
}

// However short the call is.
TEST_F(ServerOutcome, OfASilentServerIsToldAfterTheCallToo) {
  const auto outcomes = gather({nobodyAt("udp")}, 50ms);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].fault, ServerFault::kTimeout);
  EXPECT_GE(outcomes[0].elapsed_ms, 1900);
}

TEST_F(ServerOutcome, OfAServerThatIsFarAwaySaysHowFar) {
  const Coturn coturn;
  SlowPath path(loop_, coturn.server(TurnTransport::kUdp).port, 150ms);
  const auto outcomes = gather({turnAt(path.port())}, 10s);
  ASSERT_EQ(outcomes.size(), 1u);
  EXPECT_EQ(outcomes[0].error_code, 0);
  ASSERT_TRUE(outcomes[0].rtt_ms);
  EXPECT_GE(*outcomes[0].rtt_ms, 300);
}

}  // namespace
}  // namespace turnout
