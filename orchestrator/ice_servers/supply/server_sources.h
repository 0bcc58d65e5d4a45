// What the sources of the arms (scenarios/server_source.h) give at any moment: reads files and
// environment once, and keeps a CredentialFeed for each provider.
//
// A call takes a lease when it begins, and another when on_renewed names its arm, which is in time
// before the old credentials expire.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/ice_servers/read/resolved_servers.h"
#include "orchestrator/ice_servers/supply/credential_feed.h"
#include "orchestrator/ice_servers/supply/turn_servers.h"
#include "pipelines/base/http/http_client.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "scenarios/scenario.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// Fills in what a scenario only names by environment variables (credential_env, secret_env,
// token_env, ...) or by a file (token_file). Error (kEnvironment): the first variable that is not set or empty, or file that
// cannot be read.
Result<Done> takeSecretsFromEnvironment(TurnArm& arm);
Result<Done> takeSecretsFromEnvironment(Scenario& scenario);

class ServerSources : private CredentialFeed::Listener {
 public:
  struct Config {
    std::vector<TurnArm> arms;       // with their secrets (takeSecretsFromEnvironment)
    std::vector<Settings> layers{};  // for the source "environment", the strongest first
    ServerPolicy policy{};
    Duration timeout = 5s;  // of a request to a provider
    // Credentials of an arm were replaced, before they expired or after renew(). Never from within
    // a call of ours.
    std::function<void(std::size_t arm)> on_renewed{};
  };

  ServerSources(Loop& loop, Config config);
  ~ServerSources() override;
  ServerSources(const ServerSources&) = delete;
  ServerSources& operator=(const ServerSources&) = delete;

  // Reads what there is to read, at once: Error (kBadScenario) when a file cannot be used. Then
  // asks every provider; `on_ready` once, from the loop, when each has answered: Error
  // (kEnvironment) of the first that gave nothing. All are asked again until they answer, also
  // after that.
  Result<Done> start(std::function<void(Result<Done>)> on_ready);

  struct Lease {
    SourcedServers servers;                             // of every entry of the arm
    std::optional<std::chrono::seconds> valid_until{};  // Unix time; absent: nobody told
  };
  // For arm `arm` at `now` (Unix time). Error (kEnvironment): a provider's credentials have expired
  // and it gives no others.
  Result<Lease> lease(std::size_t arm, std::chrono::seconds now);

  // A TURN server of the arm answered 401 to credentials that a provider gave.
  void renew(std::size_t arm);

  // Everything that sources gave so far is on this machine.
  bool areAllOnThisMachine() const;

 private:
  struct Source {  // of one entry of an arm
    std::size_t arm = 0, entry = 0;
    std::vector<IceServer> fixed{};
    std::unique_ptr<CredentialFeed> feed{};
    std::string last_trouble{};  // told already
    bool has_answered = false;
    std::optional<FetchFailure> failure{};  // of the last fetch
    bool is_local = true;                   // what it gave is all on this machine
  };

  Result<Done> open(Source& source, const ServerSource& from);
  Result<Done> readEnvironment(Source& source, const EnvironmentServers& from);
  Result<Done> readFile(Source& source, const ServerFile& from);
  void onFetched(CredentialFeed& feed, const FetchedServers& fetched) override;
  void onRenewed(CredentialFeed& feed) override;
  void onFetchFailed(CredentialFeed& feed, const FetchFailure& failure) override;
  void tellIfReady();
  Source& sourceOf(const CredentialFeed& feed);
  void tell(const Source& source, const Findings& findings) const;
  const std::string& nameOf(const Source& source) const { return config_.arms[source.arm].name; }

  Loop& loop_;
  const Config config_;
  HttpClient client_;
  std::vector<Source> sources_;
  std::function<void(Result<Done>)> on_ready_;
  Timer told_;  // when there is no provider to wait for
};

}  // namespace turnout
