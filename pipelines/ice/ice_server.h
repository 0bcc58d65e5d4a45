// One STUN or TURN URL with what is needed to use it. The W3C RTCIceServer dictionary may hold
// several URLs; this tool measures per URL, so a list of IceServer is already flattened, in the
// order given, which is the order used.
// URI syntax: RFC 7064 (stun), RFC 7065 (turn).
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace turnout {

enum class IceScheme { kStun, kTurn };
// The leg from client to server; the W3C name is relayProtocol. kTls is turns: (RFC 8656 over TLS).
enum class TurnTransport { kUdp, kTcp, kTls };
// The address family of a relay that is asked for (REQUESTED-ADDRESS-FAMILY, RFC 8656 18.6). kServers:
// nothing is said, as browsers do; then the standard has the server make an IPv4 relay.
enum class RelayFamily { kServers, kIpv4, kIpv6 };
inline constexpr std::array<std::string_view, 3> kRelayFamilyWords{"", "ipv4", "ipv6"};

struct IceServer {
  std::string url;  // as written (iceUrlAsBrowsersRead); the name of this server in every report
  IceScheme scheme = IceScheme::kStun;
  std::string host;  // name or literal, IPv6 without brackets
  std::uint16_t port = 3478;
  TurnTransport transport = TurnTransport::kUdp;
  std::string username;
  Secret credential;
  RelayFamily relay_family = RelayFamily::kServers;  // kTurn only
  bool tls_verify = true;                            // kTls only
  std::string tls_ca_file;                           // kTls only; empty: the system's trust store
};

const char* toString(TurnTransport transport);  // "udp", "tcp", "tls"

// The URL as a browser understands it before it takes it apart: without white space at its ends,
// without tabs and line ends, the scheme in lower case. The name of a server everywhere.
std::string iceUrlAsBrowsersRead(std::string_view url);

// Why RTCPeerConnection() throws for a list with this URL, which makes the whole list useless;
// nullopt: it does not. Chromium's rules, which are W3C webrtc's and RFC 7064/7065's, and laxer.
std::optional<std::string> whyBrowsersThrow(std::string_view url);

// Fills url, scheme, host, port, transport. Defaults: port 3478, 5349 for turns; transport udp, tls
// for turns, where a transport parameter changes nothing. stuns: is asked over UDP, as browsers do.
// Error (kBadScenario): what whyBrowsersThrow() tells, or a host that cannot exist, which browsers
// take and ask in vain. The URL is quoted unless it may hold a password.
Result<IceServer> parseIceServerUrl(std::string_view url);

}  // namespace turnout
