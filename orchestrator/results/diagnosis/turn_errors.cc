#include "orchestrator/results/diagnosis/turn_errors.h"

#include "orchestrator/results/fold/figures.h"
#include "pipelines/ice/ice_server.h"
#include "scenarios/placeholder.h"

#include <algorithm>
#include <charconv>

namespace turnout {
namespace {

// What ServerOutcome has as its code where no STUN answer came.
constexpr int kNoStunAnswer = 701;
// A URL that was not asked at all says nothing.
constexpr std::string_view kNotAsked = "not asked";

struct Endpoint {
  std::string host;
  TurnTransport transport;
};

// The host of a placeholder is the placeholder.
std::optional<Endpoint> turnEndpoint(const std::string& url) {
  const auto server = parseIceServerUrl(withAddress(url, "placeholder.invalid"));
  if (!server || server->scheme != IceScheme::kTurn)
    return std::nullopt;
  const std::size_t open = url.find('{'), close = url.find('}');
  if (open != std::string::npos && close != std::string::npos)
    return Endpoint{url.substr(open, close - open + 1), server->transport};
  return Endpoint{server->host, server->transport};
}

bool startsWith(const ServerResult& server, std::string_view words) {
  return server.text.starts_with(words);
}

class Reading {
 public:
  Reading(const ServerResult& server, const TurnCircumstances& circumstances)
      : server_(server), circumstances_(circumstances) {}

  Diagnosis diagnosis() const { return server_.code == kNoStunAnswer ? ofSilence() : ofCode(); }

 private:
  Diagnosis ofCode() const;
  Diagnosis ofSilence() const;
  std::string answered() const;

  const ServerResult& server_;
  const TurnCircumstances& circumstances_;
};

// "turn:a:3478 answered 401 Unauthorized to user x"
std::string Reading::answered() const {
  std::string text = server_.url + " answered " + std::to_string(server_.code);
  if (!server_.text.empty())
    text += " " + server_.text;
  return server_.user.empty() ? text : text + " to user " + server_.user;
}

Diagnosis Reading::ofCode() const {
  switch (server_.code) {
    case 401: {
      const auto expiry = expiryOf(server_.user);
      if (!expiry || !circumstances_.unix_time || *expiry > *circumstances_.unix_time)
        return {PrimaryCause::kTurnAuth, answered()};
      const auto since = *circumstances_.unix_time - *expiry;
      return {PrimaryCause::kTurnCredentialExpired,
              answered() + ", which had expired " +
                  countText(static_cast<int>(since.count()), "second") + " before"};
    }
    case 403:
      return {PrimaryCause::kTurnForbidden, answered()};
    case 486:
      return {PrimaryCause::kTurnQuota, answered()};
    case 508:
      return {PrimaryCause::kTurnNoCapacity, answered()};
    default:
      return {PrimaryCause::kTurnError, answered()};
  }
}

Diagnosis Reading::ofSilence() const {
  const std::string evidence = server_.url + ": " + server_.text;
  if (startsWith(server_, "TLS: certificate not for this host"))
    return {PrimaryCause::kTlsWrongName, evidence};
  if (startsWith(server_, "TLS: certificate"))
    return {PrimaryCause::kTlsUntrusted, evidence};
  if (startsWith(server_, "TLS"))
    return {PrimaryCause::kTlsNotSpoken, evidence};
  if (startsWith(server_, "name"))
    return {PrimaryCause::kDnsFailure, evidence};
  const auto endpoint = turnEndpoint(server_.url);
  if (endpoint && endpoint->transport == TurnTransport::kUdp &&
      circumstances_.stream_hosts.contains(endpoint->host))
    return {PrimaryCause::kUdpBlocked,
            evidence + ", while " + endpoint->host + " answers over TCP or TLS"};
  return {PrimaryCause::kTurnUnreachable, evidence};
}

}  // namespace

bool isTurn(const std::string& url) {
  return url.starts_with("turn");
}

void addStreamHosts(const std::vector<ServerResult>& servers, std::set<std::string>& hosts) {
  for (const ServerResult& server : servers) {
    if (server.code == kNoStunAnswer || !isTurn(server.url))
      continue;
    const auto endpoint = turnEndpoint(server.url);
    if (endpoint && endpoint->transport != TurnTransport::kUdp)
      hosts.insert(endpoint->host);
  }
}

std::optional<Diagnosis> worstTurnError(const std::vector<ServerResult>& servers,
                                        const TurnCircumstances& circumstances) {
  std::optional<Diagnosis> worst;
  for (const ServerResult& server : servers) {
    if (server.code == 0 || !isTurn(server.url) || startsWith(server, kNotAsked))
      continue;
    Diagnosis found = Reading(server, circumstances).diagnosis();
    if (!worst || found.cause < worst->cause)
      worst = std::move(found);
  }
  return worst;
}

std::optional<std::chrono::seconds> expiryOf(const std::string& user) {
  constexpr std::ptrdiff_t kDigits = 10;  // of the years 2001 to 2286
  std::int64_t seconds = 0;
  const char* const end = user.data() + user.size();
  const auto [rest, failure] = std::from_chars(user.data(), end, seconds);
  if (failure != std::errc() || rest - user.data() != kDigits || (rest != end && *rest != ':'))
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace turnout
