#include "orchestrator/ice_servers/supply/credential_endpoint.h"

#include "orchestrator/ice_servers/read/ice_server_json.h"
#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/log.h"

#include <algorithm>

namespace turnout {
namespace {

using Answer = HttpEndpoint::Answer;

constexpr const char* kRetryAfterFailure = "5";  // seconds

Answer refusal(unsigned status, const std::string& why) {
  return {status, JsonWriter().beginObject().field("error", why).endObject().text() + "\n"};
}

// What would hand the same password to everybody for ever.
Result<Done> checkTemporary(const std::vector<ScenarioServer>& servers) {
  for (std::size_t i = 0; i < servers.size(); ++i) {
    const ScenarioServer& server = servers[i];
    const auto bad = [i](const std::string& why) {
      return Error{ErrorCode::kBadScenario, "[" + std::to_string(i) + "]: " + why};
    };
    if (!server.credential.empty() ||
        (server.source && !std::holds_alternative<CredentialProvider>(*server.source)))
      return bad("a fixed password would go to everybody who asks: use \"rest\" or a provider");
    for (const std::string& url : server.urls)
      if (placeholderOf(url))
        return bad("{...} stands for a server of a run; there is none here");
  }
  return Done{};
}

using UnixTime = std::chrono::seconds;

std::optional<UnixTime> earlier(std::optional<UnixTime> a, std::optional<UnixTime> b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

std::optional<UnixTime> restExpiry(const TurnArm& arm, UnixTime now) {
  std::optional<UnixTime> first;
  for (const ScenarioServer& server : arm.ice_servers)
    if (makesRestCredentials(server))
      first = earlier(first, now + std::chrono::duration_cast<UnixTime>(server.rest_ttl));
  return first;
}

}  // namespace

CredentialEndpoint::CredentialEndpoint(Loop& loop, Config config)
    : config_(std::move(config)),
      limit_(config_.per_minute),
      arm_{.name = "clients", .ice_servers = config_.servers},
      sources_(loop, {.arms = {arm_}, .timeout = config_.timeout}) {}

Result<std::unique_ptr<CredentialEndpoint>> CredentialEndpoint::start(Loop& loop, Config config) {
  if (auto checked = checkTemporary(config.servers); !checked)
    return checked.error();
  std::unique_ptr<CredentialEndpoint> made(new CredentialEndpoint(loop, std::move(config)));
  // A provider that is down now is asked again; until then the answer is 503.
  if (auto started = made->sources_.start([](const Result<Done>&) {}); !started)
    return started.error();
  return made;
}

HttpEndpoint CredentialEndpoint::endpoint() {
  return {kPath, [this](const HttpEndpoint::Request& request) { return answer(request); }};
}

Answer CredentialEndpoint::answer(const HttpEndpoint::Request& request) {
  Answer answer = judge(request);
  answer.headers.emplace_back("Cache-Control", "no-store");
  answer.headers.emplace_back("Vary", "Origin");
  if (request.origin && isListed(*request.origin))
    answer.headers.emplace_back("Access-Control-Allow-Origin", *request.origin);
  return answer;
}

Answer CredentialEndpoint::judge(const HttpEndpoint::Request& request) {
  if (request.origin && !config_.origins.empty() && !isListed(*request.origin))
    return refusal(403, "pages of this origin may not ask");
  if (request.method == "OPTIONS")  // the browser asks before it sends a token
    return {204,
            "",
            {{"Access-Control-Allow-Methods", "GET, POST"},
             {"Access-Control-Allow-Headers", "Authorization, Content-Type"},
             {"Access-Control-Max-Age", "600"}}};
  if (request.method != "GET" && request.method != "POST") {
    Answer answer = refusal(405, "GET or POST");
    answer.headers.emplace_back("Allow", "GET, POST, OPTIONS");
    return answer;
  }
  // Before the token: who guesses is limited as well.
  if (const auto wait = limit_.ask(request.address, now())) {
    Answer answer = refusal(429, "asked too often");
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*wait);
    answer.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
    return answer;
  }
  if (!config_.token.empty() && !config_.token.matches(request.bearer.reveal())) {
    Answer answer = refusal(401, "asks for the token");
    answer.headers.emplace_back("WWW-Authenticate", "Bearer");
    return answer;
  }
  return issue();
}

Answer CredentialEndpoint::issue() {
  const auto at = unixTime();
  const auto unavailable = [](const Error& error) {
    log(LogLevel::kWarning, "credentials", error.what);
    Answer answer = refusal(503, "no credentials at the moment");
    answer.headers.emplace_back("Retry-After", kRetryAfterFailure);
    return answer;
  };
  auto lease = sources_.lease(0, at);
  if (!lease)
    return unavailable(lease.error());
  // A name of its own for each, which says nothing about who it is.
  const Owned<char> user(g_uuid_string_random());
  const auto servers =
      iceServersOf(arm_, {}, {.user = user.get(), .now = at, .sourced = std::move(lease->servers)});
  if (!servers)
    return unavailable(servers.error());
  JsonWriter json;
  json.beginObject().key("iceServers");
  writeIceServers(json, *servers);
  if (const auto until = earlier(lease->valid_until, restExpiry(arm_, at)))
    json.field("ttl", std::int64_t{(*until - at).count()});
  json.endObject();
  return {200, json.take() + "\n"};
}

bool CredentialEndpoint::isListed(const std::string& origin) const {
  return std::find(config_.origins.begin(), config_.origins.end(), origin) != config_.origins.end();
}

}  // namespace turnout
