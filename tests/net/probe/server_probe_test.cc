// What the probe says of real servers, good and broken, and that it leaves no allocation behind.
#include "orchestrator/results/diagnosis/server_diagnosis.h"
#include "tests/net/probe/probe_run.h"
#include "tests/support/coturn.h"
#include "tests/support/tcp_listener.h"

#include <regex>

#include <gio/gio.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr TurnTransport kTransports[] = {TurnTransport::kUdp, TurnTransport::kTcp,
                                         TurnTransport::kTls};

IceServer with(IceServer server, const std::string& user, const std::string& password) {
  server.username = user;
  server.credential = Secret(password);
  return server;
}

std::ptrdiff_t count(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  return std::distance(std::sregex_iterator(text.begin(), text.end(), regex),
                       std::sregex_iterator());
}

// coturn writes its log a moment after it has answered.
void expectAllReleased(const Coturn& coturn, std::ptrdiff_t allocations) {
  Loop loop;
  const auto deletions = [&] { return count(coturn.log(), "lifetime=0"); };
  loop.runUntil([&] { return deletions() >= allocations; }, 3s);
  EXPECT_EQ(count(coturn.log(), "session \\d+: new, realm"), allocations) << coturn.log();
  EXPECT_EQ(deletions(), allocations) << coturn.log();
}

IceServerOutcome faultOf(const ServerReport& report) {
  EXPECT_TRUE(report.fault) << report.url << " works";
  return report.fault.value_or(IceServerOutcome{});
}

TEST(ServerProbe, FindsThatAServerWorksOnEveryTransport) {
  const Coturn coturn;
  for (const auto transport : kTransports) {
    const ServerReport report = probe(coturn.server(transport));
    EXPECT_FALSE(report.fault) << serverFaultText(*report.fault);
    EXPECT_THAT(report.mapped_address, StartsWith("127.0.0.1:"));
    EXPECT_THAT(report.relayed_address, StartsWith("127.0.0.1:"));
    EXPECT_EQ(report.lifetime_s, 600u);
    EXPECT_TRUE(report.stun_ms && report.allocate_ms && report.echo_ms);
    EXPECT_FALSE(report.dns_ms) << "an address needs no DNS";
    EXPECT_EQ(report.tcp_ms.has_value(), transport != TurnTransport::kUdp);
    EXPECT_EQ(report.tls_ms.has_value(), transport == TurnTransport::kTls);
    EXPECT_EQ(report.is_released, true);
    EXPECT_LT(report.elapsed_ms, 2000);
  }
  expectAllReleased(coturn, 6);
}

TEST(ServerProbe, TellsTheCertificateThatItTrusts) {
  const Coturn coturn;
  IceServer server = coturn.server(TurnTransport::kTls);
  server.host = "localhost";
  const ServerReport report = probe(server);
  ASSERT_TRUE(report.works()) << serverFaultText(*report.fault);
  ASSERT_TRUE(report.certificate);
  EXPECT_EQ(report.certificate->fault, CertificateFault::kNone);
  EXPECT_EQ(report.certificate->subject, "CN=localhost");
  EXPECT_THAT(report.certificate->expires, StartsWith("20"));
  EXPECT_TRUE(report.dns_ms) << "a name needs DNS";
}

// Where localhost is ::1 as well, only one of the two answers.
TEST(ServerProbe, OfANameTakesTheAddressThatAnswers) {
  const Coturn coturn;
  for (const auto transport : kTransports) {
    IceServer server = coturn.server(transport);
    server.host = "localhost";
    const ServerReport report = probe(server);
    EXPECT_TRUE(report.works()) << serverFaultText(faultOf(report));
    EXPECT_THAT(report.address, StartsWith("127.0.0.1:"));
    EXPECT_TRUE(report.dns_ms) << "a name needs DNS";
  }
}

TEST(ServerProbe, OfANameOfWhichAllAddressesRefuseFailsAtOnce) {
  const ServerReport report =
      probe(turnServer("turn:localhost:" + std::to_string(freePort()), "bot", "botpw"));
  EXPECT_EQ(faultOf(report).stage, ServerStage::kStun);
  EXPECT_EQ(faultOf(report).fault, ServerFault::kRefused);
  EXPECT_LT(report.elapsed_ms, 900);
}

TEST(ServerProbe, OfAStunUrlAsksForTheMappedAddressAlone) {
  const Coturn coturn;
  const ServerReport report = probe(coturn.stunServer());
  EXPECT_TRUE(report.works());
  EXPECT_THAT(report.mapped_address, StartsWith("127.0.0.1:"));
  EXPECT_FALSE(report.allocate_ms);
  EXPECT_FALSE(report.is_released);
}

TEST(ServerProbe, OfAWrongPasswordOrUserIs401OnEveryTransport) {
  const Coturn coturn;
  for (const auto transport : kTransports) {
    for (const char* user : {"bot", "nobody"}) {
      const ServerReport report = probe(with(coturn.server(transport), user, "wrong"));
      EXPECT_EQ(faultOf(report).stage, ServerStage::kAllocate);
      EXPECT_EQ(faultOf(report).error_code, 401) << serverFaultText(faultOf(report));
      EXPECT_THAT(report.mapped_address, StartsWith("127.0.0.1:")) << "STUN worked";
    }
  }
}

TEST(ServerProbe, WithoutACredentialIs401) {
  const Coturn coturn;
  const ServerReport report = probe(with(coturn.server(TurnTransport::kUdp), "", ""));
  EXPECT_EQ(faultOf(report).error_code, 401);
  EXPECT_TRUE(report.wantsCredential());
  EXPECT_TRUE(report.stun_ms);
}

TEST(ServerProbe, OfAnExpiredRestCredentialIs401) {
  const Coturn coturn({.extra = {"use-auth-secret", "static-auth-secret=north"}});
  const ServerReport report = probe(
      with(coturn.server(TurnTransport::kUdp), "1500000000:bot", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="));
  EXPECT_EQ(faultOf(report).error_code, 401);
}

TEST(ServerProbe, OfAQuotaReachedByTheSecondAllocationIs486) {
  const Coturn coturn({.extra = {"user-quota=1"}});
  const ServerReport report = probe(coturn.server(TurnTransport::kUdp));
  EXPECT_EQ(faultOf(report).stage, ServerStage::kSecondAllocate);
  EXPECT_EQ(faultOf(report).error_code, 486);
  EXPECT_TRUE(report.allocate_ms);
  expectAllReleased(coturn, 1);
}

TEST(ServerProbe, WithoutEchoNeedsOneAllocationOnly) {
  const Coturn coturn({.extra = {"user-quota=1"}});
  const ServerReport report = probe(coturn.server(TurnTransport::kTcp), {.with_echo = false});
  EXPECT_TRUE(report.works());
  EXPECT_FALSE(report.echo_ms);
  expectAllReleased(coturn, 1);
}

TEST(ServerProbe, OfAPortRangeThatIsUsedUpIs508) {
  const std::string port = std::to_string(freePort());
  const Coturn coturn({.extra = {"min-port=" + port, "max-port=" + port}});
  const ServerReport report = probe(coturn.server(TurnTransport::kUdp));
  EXPECT_EQ(faultOf(report).error_code, 508) << serverFaultText(faultOf(report));
  expectAllReleased(coturn, 1);
}

TEST(ServerProbe, OfAServerThatSendsItsClientsElsewhereAsksBoth) {
  const Coturn other;
  const IceServer target = other.server(TurnTransport::kUdp);
  const Coturn coturn({.extra = {"alternate-server=127.0.0.1:" + std::to_string(target.port)}});
  const ProbeReport both = probe(std::vector{coturn.server(TurnTransport::kUdp)});
  ASSERT_EQ(both.servers.size(), 2u);
  EXPECT_TRUE(both.servers[0].works());
  EXPECT_EQ(both.servers[0].alternate_address, "127.0.0.1:" + std::to_string(target.port));
  EXPECT_FALSE(both.servers[0].allocate_ms);
  EXPECT_TRUE(both.servers[1].works()) << codedFaultText(faultOf(both.servers[1]));
  EXPECT_EQ(both.servers[1].redirected_by, both.servers[0].address);
  EXPECT_EQ(both.servers[1].address, both.servers[0].alternate_address);
  EXPECT_TRUE(both.servers[1].outside_ms);
}

TEST(ServerProbe, OfAnAlternateThatDoesNotAnswerThatOneFails) {
  const Coturn coturn({.extra = {"alternate-server=127.0.0.9:3999"}});
  const ProbeReport both = probe(std::vector{coturn.server(TurnTransport::kUdp)});
  ASSERT_EQ(both.servers.size(), 2u);
  EXPECT_TRUE(both.servers[0].works());
  EXPECT_EQ(both.servers[0].alternate_address, "127.0.0.9:3999");
  EXPECT_EQ(faultOf(both.servers[1]).error_code, kNoStunAnswer);
  EXPECT_FALSE(both.passes());
}

// What goes between two relays of one server never leaves its host (203.0.113.0/24: RFC 5737).
TEST(ServerProbe, OfAWrongExternalAddressFailsFromOutside) {
  const Coturn coturn({.extra = {"external-ip=203.0.113.9/127.0.0.1"}});
  for (const auto transport : kTransports) {
    const ServerReport report = probe(coturn.server(transport));
    EXPECT_TRUE(report.echo_ms) << "inside all is well";
    EXPECT_FALSE(report.outside_ms);
    EXPECT_TRUE(report.has(ProbeNotice::kRelayElsewhere));
    if (transport == TurnTransport::kTls) {
      EXPECT_TRUE(report.has(ProbeNotice::kOutsideNotTested)) << "nothing there answers over UDP";
      continue;
    }
    EXPECT_EQ(faultOf(report).stage, ServerStage::kOutside) << toString(transport);
    EXPECT_EQ(faultOf(report).fault, ServerFault::kLost);
  }
}

TEST(ServerProbe, TriesTheRelayOfOneServerAgainstThatOfAnother) {
  const Coturn one, other({.relay_ip = "127.0.0.2"});
  const ProbeReport report =
      probe({one.server(TurnTransport::kUdp), other.server(TurnTransport::kUdp)});
  ASSERT_EQ(report.crossings.size(), 1u);
  EXPECT_FALSE(report.crossings[0].fault);
  EXPECT_TRUE(report.crossings[0].echo_ms);
  EXPECT_TRUE(report.servers[1].has(ProbeNotice::kRelayElsewhere)) << "and it works";
  expectAllReleased(one, 3);
  expectAllReleased(other, 3);
}

TEST(ServerProbe, OfAServerThatDeniesTheOtherOnesRelayTheCrossingFails) {
  const Coturn one({.extra = {"denied-peer-ip=127.0.0.2"}});
  const Coturn other({.relay_ip = "127.0.0.2"});
  const ProbeReport report =
      probe({one.server(TurnTransport::kUdp), other.server(TurnTransport::kUdp)});
  ASSERT_EQ(report.crossings.size(), 1u);
  EXPECT_TRUE(report.servers[0].works() && report.servers[1].works());
  ASSERT_TRUE(report.crossings[0].fault);
  EXPECT_EQ(report.crossings[0].fault->error_code, 403);
  EXPECT_FALSE(report.passes());
}

TEST(ServerProbe, OfAServerWithoutAuthenticationSaysSo) {
  const Coturn coturn({.authentication = "no-auth"});
  const ServerReport report = probe(coturn.server(TurnTransport::kUdp));
  EXPECT_EQ(faultOf(report).fault, ServerFault::kUnsigned);
  EXPECT_EQ(faultOf(report).error_code, kNoStunAnswer) << "as browsers say it";
  EXPECT_EQ(report.is_released, true);
}

TEST(ServerProbe, WorksOverIpv6) {
  const Coturn coturn({.extra = {"listening-ip=::1"}});
  for (const auto transport : kTransports) {
    IceServer server = coturn.server(transport);
    server.host = "::1";
    server.tls_verify = false;  // the certificate is for 127.0.0.1
    const ServerReport report = probe(server);
    EXPECT_TRUE(report.works()) << serverFaultText(faultOf(report));
    EXPECT_THAT(report.mapped_address, StartsWith("[::1]:"));
  }
}

TEST(ServerProbe, AsksForARelayOfAFamily) {
  const Coturn both({.extra = {"relay-ip=::1"}}), one;
  for (const auto transport : kTransports) {
    IceServer server = both.server(transport);
    EXPECT_THAT(probe(server).relayed_address, StartsWith("127.0.0.1:")) << "nobody asked";
    server.relay_family = RelayFamily::kIpv6;
    const ServerReport report = probe(server);
    EXPECT_TRUE(report.works()) << serverFaultText(faultOf(report));
    EXPECT_THAT(report.relayed_address, StartsWith("[::1]:"));
  }
  IceServer server = one.server(TurnTransport::kUdp);
  server.relay_family = RelayFamily::kIpv6;
  EXPECT_EQ(faultOf(probe(server)).error_code, 440);
}

TEST(ServerProbe, OfADeniedPeerIs403) {
  const Coturn coturn({.extra = {"denied-peer-ip=127.0.0.1"}});
  const ServerReport report = probe(coturn.server(TurnTransport::kUdp));
  EXPECT_EQ(faultOf(report).stage, ServerStage::kPermission);
  EXPECT_EQ(faultOf(report).error_code, 403);
  expectAllReleased(coturn, 2);
}

TEST(ServerProbe, MeasuresABurst) {
  const Coturn coturn;
  for (const auto transport : kTransports) {
    const ServerReport report = probe(coturn.server(transport), {.with_burst = true});
    ASSERT_TRUE(report.burst) << toString(transport);
    EXPECT_GT(report.burst->received_mbps, 1);
    EXPECT_LT(report.burst->received_mbps, 10);
    EXPECT_LT(report.burst->lost, 0.5);
  }
}

TEST(ServerProbe, OfAServerThatLetsLittleThroughTheBurstFails) {
  const Coturn coturn({.extra = {"max-bps=6000"}});
  const ServerReport report = probe(coturn.server(TurnTransport::kUdp), {.with_burst = true});
  EXPECT_TRUE(report.echo_ms && report.outside_ms) << "small packets pass";
  EXPECT_EQ(faultOf(report).stage, ServerStage::kBurst);
  EXPECT_EQ(faultOf(report).fault, ServerFault::kLost);
}

TEST(ServerProbe, OfAPortWhereNobodyListensFailsAtOnce) {
  const std::string port = std::to_string(freePort());
  for (const std::string& url :
       {"turn:127.0.0.1:" + port, "turn:127.0.0.1:" + port + "?transport=tcp",
        "turns:127.0.0.1:" + port}) {
    const ServerReport report = probe(turnServer(url, "bot", "botpw"));
    const bool is_udp = report.transport == TurnTransport::kUdp;
    EXPECT_EQ(faultOf(report).stage, is_udp ? ServerStage::kStun : ServerStage::kConnect);
    EXPECT_EQ(faultOf(report).error_code, 701);
    EXPECT_EQ(faultOf(report).fault, ServerFault::kRefused);
    EXPECT_LT(report.elapsed_ms, 1000);
  }
}

// UDP that is received and never answered; TCP that is accepted by the kernel, and by nobody else.
class SilentServer {
 public:
  SilentServer() {
    for (const auto type : {G_SOCKET_TYPE_DATAGRAM, G_SOCKET_TYPE_STREAM}) {
      auto socket = Ref<GSocket>::adopt(
          g_socket_new(G_SOCKET_FAMILY_IPV4, type, G_SOCKET_PROTOCOL_DEFAULT, nullptr));
      const auto any =
          Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", 0));
      g_socket_bind(socket.get(), any.get(), FALSE, nullptr);
      if (type == G_SOCKET_TYPE_STREAM)
        g_socket_listen(socket.get(), nullptr);
      const auto bound =
          Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket.get(), nullptr));
      ports_.push_back(g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get())));
      sockets_.push_back(std::move(socket));
    }
  }
  std::string udp() const { return "turn:127.0.0.1:" + std::to_string(ports_[0]); }
  std::string tcp() const {
    return "turn:127.0.0.1:" + std::to_string(ports_[1]) + "?transport=tcp";
  }
  std::string tls() const { return "turns:127.0.0.1:" + std::to_string(ports_[1]); }

 private:
  std::vector<Ref<GSocket>> sockets_;
  std::vector<std::uint16_t> ports_;
};

TEST(ServerProbe, OfSilentServersEndsInTimeAndNamesTheStage) {
  const SilentServer silent;
  const Coturn coturn;
  const ProbeReport report =
      probe({turnServer(silent.udp(), "bot", "botpw"), turnServer(silent.tcp(), "bot", "botpw"),
             turnServer(silent.tls(), "bot", "botpw"), coturn.server(TurnTransport::kUdp),
             coturn.server(TurnTransport::kTcp), coturn.server(TurnTransport::kTls)});
  ASSERT_EQ(report.servers.size(), 6u);
  EXPECT_EQ(faultOf(report.servers[0]).stage, ServerStage::kStun);
  EXPECT_EQ(faultOf(report.servers[1]).stage, ServerStage::kStun);
  EXPECT_EQ(faultOf(report.servers[2]).stage, ServerStage::kTls);
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_EQ(faultOf(report.servers[i]).fault, ServerFault::kTimeout);
  for (std::size_t i = 3; i < 6; ++i)
    EXPECT_TRUE(report.servers[i].works()) << i;
  EXPECT_LT(report.elapsed_ms, 5000);
  EXPECT_FALSE(report.passes());
}

TEST(ServerProbe, OfAConnectionThatTheKernelNeverAnswersEndsInTime) {
  // A full backlog: further SYNs are dropped, as by a firewall.
  const auto listener = Ref<GSocket>::adopt(
      g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, nullptr));
  const auto any =
      Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", 0));
  ASSERT_TRUE(g_socket_bind(listener.get(), any.get(), FALSE, nullptr));
  g_socket_set_listen_backlog(listener.get(), 0);
  ASSERT_TRUE(g_socket_listen(listener.get(), nullptr));
  const auto bound =
      Ref<GSocketAddress>::adopt(g_socket_get_local_address(listener.get(), nullptr));
  std::vector<Ref<GSocket>> crowd;
  for (int i = 0; i < 4; ++i) {
    crowd.push_back(Ref<GSocket>::adopt(g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM,
                                                     G_SOCKET_PROTOCOL_DEFAULT, nullptr)));
    g_socket_set_blocking(crowd.back().get(), FALSE);
    g_socket_connect(crowd.back().get(), bound.get(), nullptr, nullptr);
  }
  const std::string port =
      std::to_string(g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get())));
  const ServerReport report =
      probe(turnServer("turn:127.0.0.1:" + port + "?transport=tcp", "bot", "botpw"), {.limit = 1s});
  EXPECT_EQ(faultOf(report).stage, ServerStage::kConnect);
  EXPECT_EQ(faultOf(report).fault, ServerFault::kTimeout);
  EXPECT_LT(report.elapsed_ms, 1500);
}

TEST(ServerProbe, OfAPlainServerOnTheTlsPortFailsInTls) {
  LoopThread thread("plain");  // it reads, and waits for what it reads
  std::optional<TcpListener> plain;
  thread.sync([&] { plain.emplace(thread.loop()); });
  const ServerReport report =
      probe(turnServer("turns:127.0.0.1:" + std::to_string(plain->port()), "bot", "botpw"));
  EXPECT_EQ(faultOf(report).stage, ServerStage::kTls);
  EXPECT_EQ(faultOf(report).error_code, 701);
  EXPECT_FALSE(report.certificate);
  thread.sync([&] { plain.reset(); });
}

TEST(ServerProbe, TellsWhatIsWrongWithACertificate) {
  const Coturn coturn, stranger;
  IceServer other_ca = coturn.server(TurnTransport::kTls);
  other_ca.tls_ca_file = stranger.certificate();
  const Coturn elsewhere({.extra = {"listening-ip=127.0.0.2"}});
  IceServer other_name = elsewhere.server(TurnTransport::kTls);
  other_name.host = "127.0.0.2";
  for (const auto& [server, fault] : {std::pair(other_ca, CertificateFault::kUnknownIssuer),
                                      std::pair(other_name, CertificateFault::kOtherHost)}) {
    const ServerReport report = probe(server);
    EXPECT_EQ(faultOf(report).stage, ServerStage::kTls);
    EXPECT_EQ(faultOf(report).certificate_fault, fault);
    ASSERT_TRUE(report.certificate);
    EXPECT_EQ(report.certificate->fault, fault);
    EXPECT_EQ(report.certificate->subject, "CN=localhost");
  }
}

// What GnuTLS takes and browsers do not.
TEST(ServerProbe, JudgesTlsAsBrowsersDo) {
  const ProbeOptions briefly{.limit = 1500ms};
  const TlsServer good({});
  EXPECT_EQ(faultOf(probe(good.server(), briefly)).stage, ServerStage::kStun) << "TLS is well";
  const TlsServer nameless({.alt_name = ""});
  EXPECT_EQ(faultOf(probe(nameless.server(), briefly)).certificate_fault,
            CertificateFault::kNoName);
  const TlsServer old({.options = {"-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"}});
  EXPECT_EQ(faultOf(probe(old.server(), briefly)).fault, ServerFault::kTlsTooOld);
  for (const char* version : {"-tls1_2", "-tls1_3"})
    for (const char* asks : {"-verify", "-Verify"}) {
      const TlsServer curious({.options = {version, asks, "1"}});
      const IceServerOutcome fault = faultOf(probe(curious.server(), briefly));
      EXPECT_EQ(fault.fault, ServerFault::kClientCertificate) << version << " " << asks;
      EXPECT_EQ(fault.stage, ServerStage::kTls);
    }
}

TEST(ServerProbe, OfANameThatDoesNotExistFailsInDns) {
  for (const char* url : {"turn:no-such-host.invalid", "turn:no-such-host.invalid?transport=tcp",
                          "turns:no-such-host.invalid", "stun:no-such-host.invalid"}) {
    const ServerReport report = probe(turnServer(url, "bot", "botpw"));
    EXPECT_EQ(faultOf(report).stage, ServerStage::kName) << url;
    EXPECT_EQ(faultOf(report).error_code, 701);
    EXPECT_FALSE(report.dns_ms);
  }
}

TEST(ServerProbe, ThatIsStoppedReleasesWhatItHas) {
  const Coturn coturn;
  Loop loop;
  std::optional<ProbeReport> report;
  Probe run(loop, {{coturn.server(TurnTransport::kUdp)}}, {.with_burst = true},
            [&](const ProbeReport& done) { report = done; });
  const auto hasTwo = [&] { return count(coturn.log(), "session \\d+: new, realm") == 2; };
  ASSERT_TRUE(loop.runUntil(hasTwo, 5s));
  run.stop();
  ASSERT_TRUE(loop.runUntil([&] { return report.has_value(); }, 10s));
  EXPECT_EQ(faultOf(report->servers[0]).error_text, "stopped");
  expectAllReleased(coturn, 2);
}

TEST(ServerProbe, ComesFromTheLocalAddressThatIsAskedFor) {
  const Coturn coturn;
  for (const auto transport : kTransports) {
    const ServerReport report = probe(coturn.server(transport), {.local_address = "127.0.0.3"});
    EXPECT_TRUE(report.works()) << serverFaultText(faultOf(report));
    EXPECT_THAT(report.mapped_address, StartsWith("127.0.0.3:"));
  }
}

}  // namespace
}  // namespace turnout
