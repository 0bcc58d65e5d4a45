#include "pipelines/ice/ice_server.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>

#include <arpa/inet.h>

namespace turnout {
namespace {

constexpr std::uint16_t kPort = 3478;     // RFC 8489 8.2, RFC 8656 3.1
constexpr std::uint16_t kTlsPort = 5349;  // the same, over TLS

// Locale-free, unlike <cctype>.
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}
bool isAlpha(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
char toLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), toLower);
  return out;
}

bool isLiteral(int family, const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> parsed{};
  return inet_pton(family, text.c_str(), parsed.data()) == 1;
}

// A label of a host name (RFC 1123 2.1; underscores exist in practice).
bool isLabel(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return isAlpha(c) || isDigit(c) || c == '-' || c == '_'; });
}

std::optional<std::string> whyNotHost(const std::string& host) {
  if (host.empty())
    return "the host is missing";
  if (host.size() > 253)
    return "the host name is longer than 253 characters";
  std::string_view rest = host;
  if (rest.back() == '.')
    rest.remove_suffix(1);  // a fully qualified name may end in a dot
  std::string_view label;
  for (bool more = true; more;) {
    const auto dot = rest.find('.');
    label = rest.substr(0, dot);
    if (!isLabel(label))
      return "the host is not a name, an IPv4 address or an IPv6 address in brackets";
    more = dot != std::string_view::npos;
    rest.remove_prefix(more ? dot + 1 : rest.size());
  }
  if (std::all_of(label.begin(), label.end(), isDigit) && !isLiteral(AF_INET, host))
    return "the host is not an IPv4 address";
  return std::nullopt;
}

std::optional<std::uint16_t> parsePort(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0)
    return std::nullopt;
  return port;
}

// What the URL parser of browsers does first (WHATWG URL, 4.4): C0 controls and spaces at both ends
// go, tabs and line ends everywhere; the scheme counts in lower case.
std::string asBrowsersRead(std::string_view url) {
  while (!url.empty() && static_cast<unsigned char>(url.front()) <= ' ')
    url.remove_prefix(1);
  while (!url.empty() && static_cast<unsigned char>(url.back()) <= ' ')
    url.remove_suffix(1);
  std::string text;
  std::ranges::copy_if(url, std::back_inserter(text),
                       [](char c) { return c != '\t' && c != '\n' && c != '\r'; });
  const std::size_t colon = std::min(text.find(':'), text.size());
  std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(colon), text.begin(),
                 toLower);
  return text;
}

// The characters that may stand in a host (RFC 3986, reg-name); browsers write all that is not ASCII
// as "%XX" before they look.
bool isHostCharacter(char c) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=%";
  return isAlpha(c) || isDigit(c) || static_cast<unsigned char>(c) >= 0x7f ||
         static_cast<unsigned char>(c) < ' ' || kOthers.find(c) != std::string_view::npos;
}

// One URL, taken apart as Chromium does it (tests/browser/ice_urls.mjs compares the two). `why` is
// what RTCPeerConnection() would throw for; what it takes and nobody can use is for the caller.
class IceUrl {
 public:
  IceUrl(std::string_view url, IceServer& server) : server_(server) {
    server_.url = asBrowsersRead(url);
    why_ = parse(server_.url);
  }
  const std::optional<std::string>& why() const { return why_; }

 private:
  using Why = std::optional<std::string>;

  Why parse(std::string_view url) {
    const auto colon = url.find(':');
    if (colon == std::string_view::npos)
      return "the scheme is missing";
    if (auto why = parseScheme(url.substr(0, colon)))
      return why;
    const std::string_view rest = url.substr(colon + 1);
    if (rest.starts_with("//"))
      return "there are no slashes after the colon";
    if (rest.find('@') != std::string_view::npos)
      return "credentials do not belong into the URL";
    const auto mark = rest.find('?');
    if (mark != std::string_view::npos)
      if (auto why = parseQuery(rest.substr(mark + 1)))
        return why;
    return parseAuthority(rest.substr(0, mark));
  }

  // Browsers ask a stuns: server as a stun: one, over UDP.
  Why parseScheme(std::string_view scheme) {
    if (scheme != "stun" && scheme != "stuns" && scheme != "turn" && scheme != "turns")
      return "the scheme is not stun:, turn: or turns:";
    server_.scheme = scheme.starts_with("stun") ? IceScheme::kStun : IceScheme::kTurn;
    server_.transport = scheme == "turns" ? TurnTransport::kTls : TurnTransport::kUdp;
    server_.port = scheme == "turns" ? kTlsPort : kPort;
    return std::nullopt;
  }

  // turns: stays TLS over TCP whatever its transport says.
  Why parseQuery(std::string_view query) {
    constexpr std::string_view kKey = "transport=";
    if (server_.scheme == IceScheme::kStun)
      return "stun: takes no parameters";
    if (!query.starts_with(kKey))
      return "the only parameter is transport";
    std::string transport = lowered(query.substr(kKey.size()));
    if (transport.find('?') != std::string::npos)
      transport = "udp";  // with a second question mark it counts as not given
    if (transport != "udp" && transport != "tcp")
      return "transport is udp or tcp; for TLS write turns:";
    if (transport == "tcp" && server_.transport == TurnTransport::kUdp)
      server_.transport = TurnTransport::kTcp;
    return std::nullopt;
  }

  // What stands between the scheme and the query.
  Why parseAuthority(std::string_view text) {
    if (text.starts_with('['))
      return parseBracketed(text);
    const auto colon = text.find(':');
    server_.host = text.substr(0, colon);
    if (server_.host.empty())
      return "the host is missing";
    if (!std::ranges::all_of(server_.host, isHostCharacter))
      return "the host is not a name, an IPv4 address or an IPv6 address in brackets";
    if (colon == std::string_view::npos)
      return std::nullopt;
    const std::string_view port = text.substr(colon + 1);
    if (port.find(':') != std::string_view::npos)
      return "there is more than one colon; an IPv6 address needs brackets";
    return takePort(port);
  }

  Why parseBracketed(std::string_view text) {
    const auto end = text.find(']');
    if (end == std::string_view::npos)
      return "the bracket of the IPv6 address is not closed";
    server_.host = text.substr(1, end - 1);
    if (server_.host.empty())
      return "what is in brackets is not an IPv6 address";
    const std::string_view after = text.substr(end + 1);
    const auto colon = after.find(':');
    return colon == std::string_view::npos ? Why() : takePort(after.substr(colon + 1));
  }

  Why takePort(std::string_view text) {
    const auto port = parsePort(text);
    if (!port)
      return "the port is not a number in 1..65535";
    server_.port = *port;
    return std::nullopt;
  }

  IceServer& server_;
  Why why_;
};

// Browsers take such a URL and get nothing from it: the name cannot exist.
std::optional<std::string> whyUseless(const IceServer& server) {
  const std::size_t bracket = server.url.find('[');
  if (bracket == std::string::npos)
    return whyNotHost(server.host);
  if (!isLiteral(AF_INET6, server.host))
    return "what is in brackets is not an IPv6 address";
  const std::string_view after = std::string_view(server.url).substr(server.url.find(']') + 1);
  return after.empty() || after.starts_with(':') || after.starts_with('?')
             ? std::nullopt
             : std::optional<std::string>("only a port may follow the IPv6 address");
}

// Not when it may hold a password, or bytes that a terminal should not see.
std::string named(const IceServer& server) {
  const bool may_be_shown =
      server.url.find('@') == std::string::npos &&
      std::ranges::all_of(server.url, [](char c) { return c > ' ' && c <= '~'; });
  return may_be_shown ? "server URL " + server.url + ": " : "server URL: ";
}

}  // namespace

const char* toString(TurnTransport transport) {
  switch (transport) {
    case TurnTransport::kUdp:
      return "udp";
    case TurnTransport::kTcp:
      return "tcp";
    case TurnTransport::kTls:
      return "tls";
  }
  return "";
}

std::string iceUrlAsBrowsersRead(std::string_view url) {
  return asBrowsersRead(url);
}

std::optional<std::string> whyBrowsersThrow(std::string_view url) {
  IceServer server;
  return IceUrl(url, server).why();
}

Result<IceServer> parseIceServerUrl(std::string_view url) {
  IceServer server;
  auto why = IceUrl(url, server).why();
  if (!why)
    why = whyUseless(server);
  return why ? Result<IceServer>(Error{ErrorCode::kBadScenario, named(server) + *why}) : server;
}

}  // namespace turnout
