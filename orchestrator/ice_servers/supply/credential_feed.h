// The credentials of one provider, always fresh: fetched, kept, renewed before they expire and when
// somebody says that they are refused, with growing pauses while the provider fails.
//
// Threads: the loop's.
#pragma once

#include "orchestrator/ice_servers/supply/provider_exchange.h"
#include "pipelines/base/http/http_client.h"
#include "pipelines/base/loop.h"
#include "scenarios/server_source.h"

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// The one rule of when temporary credentials are replaced, fetched or made: so long after they were
// received, with a fifth of their lifetime left, so that a provider that is down for a while costs
// nothing.
constexpr Duration renewAfter(Duration lifetime) {
  return lifetime / 5 * 4;
}

// When a provider is asked again after the `failures`-th failure in a row (1..): 1 s, 2 s, 4 s, up to 60 s; what the provider
// asked for when that is longer.
std::chrono::milliseconds retryAfter(int failures, std::optional<std::chrono::seconds> asked);

struct IssuedServers {
  std::vector<IceServer> servers;
  std::optional<std::chrono::seconds> valid_until;  // Unix time; absent: nobody told
};

class CredentialFeed {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void onFetched(CredentialFeed& feed, const FetchedServers& fetched) = 0;
    virtual void onRenewed(CredentialFeed& feed) = 0;  // then: what was issued so far is old
    virtual void onFetchFailed(CredentialFeed& feed, const FetchFailure& failure) = 0;
  };

  // `provider` has its secrets. `client` and `listener` outlive the feed.
  CredentialFeed(Loop& loop, HttpClient& client, CredentialProvider provider, Listener& listener);

  void start();
  // What is valid at `now` (Unix time). Scope kCall: of its own as long as the provider keeps up,
  // and then shared with others. nullopt: there is none.
  std::optional<IssuedServers> issue(std::chrono::seconds now);
  // A TURN server refuses what was issued last: fetch anew. Many such words at once are one fetch.
  void renew();
  int fetches() const { return fetches_; }

 private:
  static constexpr std::size_t kStock = 4;  // of scope kCall: fetched ahead
  std::size_t wanted() const;
  void fetchIfWanted();
  void fetch();
  void send(const HttpRequest& request);
  void onAnswer(const HttpClient::Answer& answer);
  void take(const FetchedServers& fetched);
  void take(const HttpRequest& next) { send(next); }
  void take(const FetchFailure& failure);
  void dropExpired(std::chrono::seconds now);

  Loop& loop_;
  HttpClient& client_;
  const CredentialProvider provider_;
  Listener& listener_;
  ProviderExchange exchange_;
  std::deque<IssuedServers> stock_;  // the oldest first; scope kRun: at most one
  std::unique_ptr<HttpClient::Pending> pending_;
  int failures_ = 0, fetches_ = 0;
  bool renewing_ = false;        // what is in stock is to be replaced
  std::optional<Instant> last_;  // receipt
  Timer next_;                   // fetch
};

}  // namespace turnout
