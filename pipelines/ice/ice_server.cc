#include "pipelines/ice/ice_server.h"

#include <algorithm>
#include <array>
#include <charconv>
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

// What stands between the scheme and the query; an error is a reason.
std::optional<std::string> parseAuthority(std::string_view text, IceServer& server) {
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos)
      return "the bracket of the IPv6 address is not closed";
    server.host = text.substr(1, end - 1);
    if (!isLiteral(AF_INET6, server.host))
      return "what is in brackets is not an IPv6 address";
    const std::string_view after = text.substr(end + 1);
    has_port = after.starts_with(':');
    if (!after.empty() && !has_port)
      return "only a port may follow the IPv6 address";
    port = after.substr(has_port ? 1 : 0);
  } else {
    const auto colon = text.find(':');
    has_port = colon != std::string_view::npos;
    server.host = text.substr(0, colon);
    port = has_port ? text.substr(colon + 1) : std::string_view();
    if (port.find(':') != std::string_view::npos)
      return "there is more than one colon; an IPv6 address needs brackets";
    if (const auto why = whyNotHost(server.host))
      return why;
  }
  if (!has_port)
    return std::nullopt;
  const auto number = parsePort(port);
  if (!number)
    return "the port is not a number in 1..65535";
  server.port = *number;
  return std::nullopt;
}

std::optional<std::string> parseQuery(std::string_view query, IceServer& server) {
  constexpr std::string_view kKey = "transport=";
  if (!query.starts_with(kKey))
    return "the only parameter is transport";
  const std::string transport = lowered(query.substr(kKey.size()));
  if (transport != "udp" && transport != "tcp")
    return "transport is udp or tcp; for TLS write turns:";
  const bool is_tls = server.transport == TurnTransport::kTls;
  if (is_tls && transport == "udp")
    return "turns: over UDP (DTLS) is not supported";
  if (!is_tls && transport == "tcp")
    server.transport = TurnTransport::kTcp;
  return std::nullopt;
}

std::optional<std::string> parseScheme(const std::string& scheme, IceServer& server) {
  if (scheme == "stuns")
    return "stuns: is not supported, STUN is asked over UDP only";
  if (scheme != "stun" && scheme != "turn" && scheme != "turns")
    return "the scheme is not stun:, turn: or turns:";
  server.scheme = scheme == "stun" ? IceScheme::kStun : IceScheme::kTurn;
  server.transport = scheme == "turns" ? TurnTransport::kTls : TurnTransport::kUdp;
  server.port = scheme == "turns" ? kTlsPort : kPort;
  return std::nullopt;
}

std::optional<std::string> parseInto(std::string_view url, IceServer& server) {
  const auto colon = url.find(':');
  if (colon == std::string_view::npos)
    return "the scheme is missing";
  if (auto why = parseScheme(lowered(url.substr(0, colon)), server))
    return why;
  const std::string_view rest = url.substr(colon + 1);
  if (rest.starts_with("//"))
    return "there are no slashes after the colon";
  const auto mark = rest.find('?');
  if (auto why = parseAuthority(rest.substr(0, mark), server))
    return why;
  if (mark == std::string_view::npos)
    return std::nullopt;
  if (server.scheme == IceScheme::kStun)
    return "stun: takes no parameters";
  return parseQuery(rest.substr(mark + 1), server);
}

bool isPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
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

Result<IceServer> parseIceServerUrl(std::string_view url) {
  const auto refuse = [](const std::string& what) { return Error{ErrorCode::kBadScenario, what}; };
  if (!isPrintable(url))
    return refuse("server URL: there is a space or a character that is not printable ASCII");
  if (url.find('@') != std::string_view::npos)  // never quoted: it may hold a password
    return refuse("server URL: credentials do not belong into the URL");
  IceServer server;
  server.url = url;
  if (const auto why = parseInto(url, server))
    return refuse("server URL " + server.url + ": " + *why);
  return server;
}

}  // namespace turnout
