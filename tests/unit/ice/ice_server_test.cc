#include "pipelines/ice/ice_server.h"

#include <ostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Accepted {
  std::string url;
  IceScheme scheme;
  std::string host;
  int port;
  TurnTransport transport;
};
std::ostream& operator<<(std::ostream& out, const Accepted& row) {
  return out << row.url;
}

class IceServerUrl : public testing::TestWithParam<Accepted> {};

TEST_P(IceServerUrl, IsTakenApart) {
  const auto server = parseIceServerUrl(GetParam().url);
  ASSERT_TRUE(server) << server.error().what;
  EXPECT_EQ(server->url, GetParam().url);
  EXPECT_EQ(server->scheme, GetParam().scheme);
  EXPECT_EQ(server->host, GetParam().host);
  EXPECT_EQ(server->port, GetParam().port);
  EXPECT_EQ(server->transport, GetParam().transport);
}

constexpr auto kStun = IceScheme::kStun;
constexpr auto kTurn = IceScheme::kTurn;
constexpr auto kUdp = TurnTransport::kUdp;
constexpr auto kTcp = TurnTransport::kTcp;
constexpr auto kTls = TurnTransport::kTls;

INSTANTIATE_TEST_SUITE_P(
    Rfc7064And7065, IceServerUrl,
    testing::Values(
        Accepted{"stun:example.org", kStun, "example.org", 3478, kUdp},
        Accepted{"stun:192.0.2.7:19302", kStun, "192.0.2.7", 19302, kUdp},
        Accepted{"turn:example.org", kTurn, "example.org", 3478, kUdp},
        Accepted{"turn:example.org:8000", kTurn, "example.org", 8000, kUdp},
        Accepted{"turn:example.org?transport=udp", kTurn, "example.org", 3478, kUdp},
        Accepted{"turn:example.org?transport=tcp", kTurn, "example.org", 3478, kTcp},
        Accepted{"turn:example.org:1?transport=tcp", kTurn, "example.org", 1, kTcp},
        Accepted{"turn:example.org:65535", kTurn, "example.org", 65535, kUdp},
        Accepted{"turns:example.org", kTurn, "example.org", 5349, kTls},
        Accepted{"turns:example.org:443?transport=tcp", kTurn, "example.org", 443, kTls},
        // Scheme and transport are case-insensitive (RFC 3986 3.1, RFC 5234 2.3).
        Accepted{"turn:example.org?transport=TCP", kTurn, "example.org", 3478, kTcp},
        // As browsers do: TLS over TCP, and STUN over UDP.
        Accepted{"turns:example.org?transport=udp", kTurn, "example.org", 5349, kTls},
        Accepted{"stuns:example.org", kStun, "example.org", 3478, kUdp},
        Accepted{"turn:example.org:03478", kTurn, "example.org", 3478, kUdp},
        Accepted{"stun:[::1]", kStun, "::1", 3478, kUdp},
        Accepted{"turn:[2001:db8::5]:5000?transport=tcp", kTurn, "2001:db8::5", 5000, kTcp},
        Accepted{"turns:[::ffff:192.0.2.1]", kTurn, "::ffff:192.0.2.1", 5349, kTls},
        Accepted{"turn:localhost", kTurn, "localhost", 3478, kUdp},
        Accepted{"turn:turn-1.my_net.example.", kTurn, "turn-1.my_net.example.", 3478, kUdp},
        Accepted{"turn:1.2.3.4.example", kTurn, "1.2.3.4.example", 3478, kUdp}));

struct Refused {
  std::string url;
  std::string reason;  // a part of it
};
std::ostream& operator<<(std::ostream& out, const Refused& row) {
  return out << row.url;
}

class BadIceServerUrl : public testing::TestWithParam<Refused> {};

TEST_P(BadIceServerUrl, IsRefusedWithTheReason) {
  const auto server = parseIceServerUrl(GetParam().url);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, ErrorCode::kBadScenario);
  EXPECT_THAT(server.error().what, HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Table, BadIceServerUrl,
    testing::Values(
        Refused{"", "scheme is missing"}, Refused{"example.org", "scheme is missing"},
        Refused{"http:example.org", "scheme is not"}, Refused{"turn:", "host is missing"},
        Refused{"turn::3478", "host is missing"}, Refused{"turn:?transport=udp", "host is missing"},
        Refused{"turn://example.org", "no slashes"}, Refused{"turn:example.org/path", "not a name"},
        Refused{"turn:example.org#f", "not a name"}, Refused{"turn:example.org:", "port"},
        Refused{"turn:example.org:0", "port"}, Refused{"turn:example.org:65536", "port"},
        Refused{"turn:example.org:99999999999999999999", "port"},
        Refused{"turn:example.org:-1", "port"}, Refused{"turn:example.org:+1", "port"},
        Refused{"turn:example.org:34x8", "port"}, Refused{"turn:example.org:3478:3479", "brackets"},
        Refused{"turn:2001:db8::1", "brackets"}, Refused{"turn:[2001:db8::1", "not closed"},
        Refused{"turn:[]", "not an IPv6 address"},
        Refused{"turn:[192.0.2.1]", "not an IPv6 address"},
        Refused{"turn:[fe80::1%25eth0]", "not an IPv6 address"},
        Refused{"turn:[::1]3478", "only a port"}, Refused{"turn:[::1]:", "port"},
        Refused{"turn:256.1.1.1", "not an IPv4 address"},
        Refused{"turn:1.2.3", "not an IPv4 address"}, Refused{"turn:a..b", "not a name"},
        Refused{"turn:.example.org", "not a name"}, Refused{"turn:-a.example", "not a name"},
        Refused{"turn:" + std::string(64, 'a'), "not a name"},
        Refused{"turn:" + std::string(254, 'a'), "longer than 253"},
        // Percent-encoding is legal in a reg-name, but no host name needs it.
        Refused{"turn:%65xample.org", "not a name"}, Refused{"turn:example.org%00", "not a name"},
        Refused{"turn:example.org%3A3478", "not a name"},
        Refused{"turn:example.org?", "only parameter"},
        Refused{"turn:example.org?transport", "only parameter"},
        Refused{"turn:example.org?ttl=1", "only parameter"},
        Refused{"turn:example.org?transport=", "udp or tcp"},
        Refused{"turn:example.org?transport=tls", "write turns:"},
        Refused{"turn:example.org?transport=sctp", "udp or tcp"},
        Refused{"turn:example.org?transport=udp&x=1", "udp or tcp"},
        Refused{"stun:example.org?transport=udp", "no parameters"},
        Refused{"turn: example.org", "not a name"},
        Refused{"turn:ex\xc3\xa4mple.org", "not a name"},
        Refused{std::string("turn:a\0b", 8), "not a name"}));

TEST(IceServerUrl, IsReadAsBrowsersReadIt) {
  for (const std::string written :
       {" TURN:a.example:80?transport=tcp\n", "tu\nrn:a.exa\tmple:80?transport=tcp",
        "\x01Turn:a.example:80?transport=tcp\r\n "}) {
    const auto server = parseIceServerUrl(written);
    ASSERT_TRUE(server) << written;
    EXPECT_EQ(server->url, "turn:a.example:80?transport=tcp");
    EXPECT_EQ(server->host, "a.example");
    EXPECT_EQ(server->transport, kTcp);
  }
}

TEST(IceServerUrl, ThatNobodyCanUseNeedNotMakeBrowsersThrow) {
  for (const char* useless : {"turn:a..b", "turn:1.2.3", "turn:%65xample.org", "turn:[192.0.2.1]",
                              "turn:ex\xc3\xa4mple.org", "turn:[::1]3478"}) {
    EXPECT_FALSE(parseIceServerUrl(useless)) << useless;
    EXPECT_EQ(whyBrowsersThrow(useless), std::nullopt) << useless;
  }
  for (const char* bad : {"stun:a.example?transport=udp", "turn:a.example:0", "turn:", "http:a",
                          "turn:a.example/", "turn:me@a.example", "turn:a b"})
    EXPECT_NE(whyBrowsersThrow(bad), std::nullopt) << bad;
}

TEST(BadIceServerUrl, WithCredentialsIsRefusedWithoutRepeatingThem) {
  const auto server = parseIceServerUrl("turn:alice:hunter2@example.org");
  ASSERT_FALSE(server);
  EXPECT_THAT(server.error().what, HasSubstr("credentials"));
  EXPECT_THAT(server.error().what, Not(HasSubstr("hunter2")));
}

TEST(TurnTransport, IsNamedAsInTheW3cRelayProtocol) {
  EXPECT_STREQ(toString(kUdp), "udp");
  EXPECT_STREQ(toString(kTcp), "tcp");
  EXPECT_STREQ(toString(kTls), "tls");
}

}  // namespace
}  // namespace turnout
