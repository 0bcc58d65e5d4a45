#include "orchestrator/ice_servers/supply/server_sources.h"

#include "orchestrator/ice_servers/read/ice_server_json.h"
#include "orchestrator/ice_servers/read/server_check.h"
#include "orchestrator/ice_servers/read/settings.h"
#include "pipelines/base/files.h"
#include "pipelines/base/log.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace turnout {
namespace {

// Takes the values one by one; the first that is missing is the error of all.
class SecretTaking {
 public:
  explicit SecretTaking(const TurnArm& arm) : arm_(arm.name) {}

  void fromVariable(const std::string& variable, Secret& into) {
    if (variable.empty() || error_)
      return;
    const char* value = std::getenv(variable.c_str());
    if (value && *value != '\0')
      into = Secret(value);
    else
      fail("the environment variable " + variable + " is " + (value ? "empty" : "not set"));
  }

  void fromVariable(const std::string& variable, std::string& into) {
    Secret value(into);
    fromVariable(variable, value);
    into = value.reveal();
  }

  void fromFile(const std::string& file, Secret& into) {
    if (file.empty() || error_)
      return;
    auto value = readSecretFile(file, "token");
    if (!value)
      return fail(value.error().what);
    into = *std::move(value);
  }

  Result<Done> result() const { return error_ ? Result<Done>(*error_) : Done{}; }

 private:
  void fail(const std::string& what) {
    error_ = Error{ErrorCode::kEnvironment, what + "; it is for arm \"" + arm_ + "\""};
  }

  const std::string arm_;
  std::optional<Error> error_;
};

void takeFor(CredentialProvider& provider, SecretTaking& taking) {
  taking.fromVariable(provider.account_env, provider.account);
  taking.fromVariable(provider.token_env, provider.token);
  taking.fromFile(provider.token_file, provider.token);
  provider.url = Secret(provider.base_url);
  taking.fromVariable(provider.url_env, provider.url);
  for (ProviderHeader& header : provider.headers)
    taking.fromVariable(header.value_env, header.value);
}

using std::chrono::seconds;

LogLevel levelOf(Severity severity) {
  switch (severity) {
    case Severity::kNote:
      return LogLevel::kInfo;
    case Severity::kWarning:
      return LogLevel::kWarning;
    case Severity::kError:
      return LogLevel::kError;
  }
  return LogLevel::kError;
}

bool areLocal(const std::vector<IceServer>& servers) {
  return std::all_of(servers.begin(), servers.end(), [](const IceServer& server) {
    return server.host == "localhost" || server.host.starts_with("127.");
  });
}

Error errorOf(const ServerFinding& finding) {
  return {ErrorCode::kBadScenario,
          (finding.where.empty() ? "" : finding.where + ": ") + finding.what};
}

void keepEarlier(std::optional<seconds>& first, const std::optional<seconds>& other) {
  if (other)
    first = std::min(first.value_or(*other), *other);
}

}  // namespace

Result<Done> takeSecretsFromEnvironment(TurnArm& arm) {
  SecretTaking taking(arm);
  for (ScenarioServer& server : arm.ice_servers) {
    taking.fromVariable(server.credential_env, server.credential);
    taking.fromVariable(server.rest_secret_env, server.rest_secret);
    if (auto* provider = server.source ? std::get_if<CredentialProvider>(&*server.source) : nullptr)
      takeFor(*provider, taking);
  }
  return taking.result();
}

Result<Done> takeSecretsFromEnvironment(Scenario& scenario) {
  for (TurnArm& arm : scenario.turn)
    if (auto taken = takeSecretsFromEnvironment(arm); !taken)
      return taken;
  return Done{};
}

ServerSources::ServerSources(Loop& loop, Config config)
    : loop_(loop), config_(std::move(config)), client_(loop, {.timeout = config_.timeout}) {
  for (std::size_t arm = 0; arm < config_.arms.size(); ++arm)
    for (std::size_t entry = 0; entry < config_.arms[arm].ice_servers.size(); ++entry)
      if (config_.arms[arm].ice_servers[entry].source)
        sources_.push_back({.arm = arm, .entry = entry});
}

ServerSources::~ServerSources() = default;

Result<Done> ServerSources::start(std::function<void(Result<Done>)> on_ready) {
  on_ready_ = std::move(on_ready);
  for (Source& source : sources_)
    if (auto opened = open(source, *config_.arms[source.arm].ice_servers[source.entry].source);
        !opened)
      return Error{opened.error().code, "arm \"" + nameOf(source) + "\": " + opened.error().what};
  for (Source& source : sources_)
    if (source.feed)
      source.feed->start();
  told_ = loop_.after(Duration::zero(), [this] { tellIfReady(); });
  return Done{};
}

Result<Done> ServerSources::open(Source& source, const ServerSource& from) {
  if (const auto* environment = std::get_if<EnvironmentServers>(&from))
    return readEnvironment(source, *environment);
  if (const auto* file = std::get_if<ServerFile>(&from))
    return readFile(source, *file);
  if (const auto* given = std::get_if<GivenServers>(&from)) {
    source.fixed = given->servers;
    return Done{};
  }
  CredentialFeed::Listener& listener = *this;
  source.feed = std::make_unique<CredentialFeed>(loop_, client_, std::get<CredentialProvider>(from),
                                                 listener);
  return Done{};
}

Result<Done> ServerSources::readEnvironment(Source& source, const EnvironmentServers& from) {
  std::vector<Settings> layers = config_.layers;
  if (!from.env_file.empty()) {
    auto file = readDotEnv(from.env_file);
    if (!file)
      return file.error();
    layers.push_back(*std::move(file));
  }
  ResolvedServers resolved = resolveServers(layers, config_.policy);
  log(LogLevel::kInfo, "servers", "arm \"" + nameOf(source) + "\" from " + resolved.source);
  tell(source, resolved.findings);
  if (const ServerFinding* error = firstError(resolved.findings))
    return errorOf(*error);
  source.fixed = std::move(resolved.servers);
  return Done{};
}

Result<Done> ServerSources::readFile(Source& source, const ServerFile& from) {
  const auto text = readTextFile(from.path);
  if (!text)
    return text.error();
  const ServerList list = parseIceServers(*text, from.path);
  CheckedServers checked = checkServers(list.entries);
  tell(source, list.findings);
  tell(source, checked.findings);
  for (const Findings* findings : {&list.findings, &std::as_const(checked.findings)})
    if (const ServerFinding* error = firstError(*findings))
      return errorOf(*error);
  if (checked.servers.empty())
    return Error{ErrorCode::kBadScenario, from.path + " holds no server that can be used"};
  source.fixed = std::move(checked.servers);
  return Done{};
}

void ServerSources::tell(const Source& source, const Findings& findings) const {
  for (const ServerFinding& finding : findings)
    log(levelOf(finding.severity), "servers",
        "arm \"" + nameOf(source) + "\": " + (finding.where.empty() ? "" : finding.where + ": ") +
            finding.what);
}

ServerSources::Source& ServerSources::sourceOf(const CredentialFeed& feed) {
  return *std::find_if(sources_.begin(), sources_.end(),
                       [&](const Source& source) { return source.feed.get() == &feed; });
}

void ServerSources::onRenewed(CredentialFeed& feed) {
  if (config_.on_renewed)
    config_.on_renewed(sourceOf(feed).arm);
}

void ServerSources::onFetched(CredentialFeed& feed, const FetchedServers& fetched) {
  Source& source = sourceOf(feed);
  source.is_local = areLocal(fetched.servers);
  source.failure.reset();
  if (!std::exchange(source.has_answered, true))
    tell(source, fetched.findings);
  if (!source.last_trouble.empty())
    log(LogLevel::kWarning, "servers", "arm \"" + nameOf(source) + "\": credentials again");
  source.last_trouble.clear();
  tellIfReady();
}

// One that fails the same way again and again is told of once.
void ServerSources::onFetchFailed(CredentialFeed& feed, const FetchFailure& failure) {
  Source& source = sourceOf(feed);
  source.failure = failure;
  source.has_answered = true;
  if (std::exchange(source.last_trouble, failure.what) != failure.what)
    log(LogLevel::kWarning, "servers", "arm \"" + nameOf(source) + "\": " + failure.what);
  tellIfReady();
}

void ServerSources::tellIfReady() {
  const bool ready = std::all_of(sources_.begin(), sources_.end(), [](const Source& source) {
    return !source.feed || source.has_answered;
  });
  if (!ready || !on_ready_)
    return;
  const auto on_ready = std::exchange(on_ready_, nullptr);
  for (const Source& source : sources_)
    if (source.failure)
      return on_ready(Error{ErrorCode::kEnvironment,
                            "arm \"" + nameOf(source) + "\": " + source.failure->what});
  on_ready(Done{});
}

Result<ServerSources::Lease> ServerSources::lease(std::size_t arm, seconds now) {
  const TurnArm& of = config_.arms.at(arm);
  Lease lease{.servers = SourcedServers(of.ice_servers.size())};
  for (Source& source : sources_) {
    if (source.arm != arm)
      continue;
    std::vector<IceServer>& given = lease.servers[source.entry];
    given = source.fixed;
    if (!source.feed)
      continue;
    auto issued = source.feed->issue(now);
    if (!issued)
      return Error{ErrorCode::kEnvironment,
                   "arm \"" + of.name + "\" has no valid credentials" +
                       (source.failure ? ": " + source.failure->what : "")};
    given = std::move(issued->servers);
    keepEarlier(lease.valid_until, issued->valid_until);
  }
  return lease;
}

bool ServerSources::areAllOnThisMachine() const {
  return std::all_of(sources_.begin(), sources_.end(), [](const Source& source) {
    return source.is_local && areLocal(source.fixed);
  });
}

void ServerSources::renew(std::size_t arm) {
  for (Source& source : sources_)
    if (source.arm == arm && source.feed)
      source.feed->renew();
}

}  // namespace turnout
