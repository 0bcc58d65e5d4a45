#include "orchestrator/ice_servers/supply/credential_feed.h"

#include <algorithm>
#include <utility>

namespace turnout {
namespace {

using std::chrono::seconds;

// Refusals that come so soon after a fetch are of credentials from before it.
constexpr Duration kSettling = 2s;
constexpr Duration kLeastPause = 1s;  // between fetches

}  // namespace

std::chrono::milliseconds retryAfter(int failures, std::optional<seconds> asked) {
  constexpr int kMostDoublings = 6;
  const seconds own(std::min(60, 1 << std::clamp(failures - 1, 0, kMostDoublings)));
  return std::max(own, asked.value_or(seconds(0)));
}

CredentialFeed::CredentialFeed(Loop& loop, HttpClient& client, CredentialProvider provider,
                               Listener& listener)
    : loop_(loop),
      client_(client),
      provider_(std::move(provider)),
      listener_(listener),
      exchange_(provider_) {}

void CredentialFeed::start() {
  fetch();
}

std::optional<IssuedServers> CredentialFeed::issue(seconds now) {
  dropExpired(now);
  if (stock_.empty())
    return std::nullopt;
  IssuedServers issued = stock_.front();
  if (provider_.scope == CredentialScope::kCall && stock_.size() > 1)
    stock_.pop_front();
  fetchIfWanted();
  return issued;
}

void CredentialFeed::renew() {
  if (renewing_ || (last_ && now() - *last_ < kSettling))
    return;
  renewing_ = true;
  if (!pending_ && failures_ == 0)  // else one is under way, or due
    fetch();
}

std::size_t CredentialFeed::wanted() const {
  return provider_.scope == CredentialScope::kCall ? kStock : 1;
}

// Never over a fetch that is under way, nor before the pause after a failure is over.
void CredentialFeed::fetchIfWanted() {
  if (!pending_ && failures_ == 0 && stock_.size() < wanted())
    fetch();
}

void CredentialFeed::fetch() {
  next_.cancel();
  fetches_++;
  exchange_ = ProviderExchange(provider_);
  send(exchange_.begin());
}

void CredentialFeed::send(const HttpRequest& request) {
  pending_ = client_.send(request, [this](const HttpClient::Answer& answer) { onAnswer(answer); });
}

void CredentialFeed::onAnswer(const HttpClient::Answer& answer) {
  const auto done = std::move(pending_);
  if (const auto* failure = std::get_if<HttpFailure>(&answer))
    return take(exchange_.failed(*failure));
  const auto next = exchange_.take(std::get<HttpResponse>(answer), unixTime());
  std::visit([this](const auto& what) { take(what); }, next);
}

void CredentialFeed::take(const FetchedServers& fetched) {
  failures_ = 0;
  const bool renewed =
      std::exchange(renewing_, false) || (last_ && provider_.scope == CredentialScope::kRun);
  last_ = now();
  if (renewed)
    stock_.clear();
  IssuedServers issued{fetched.servers, std::nullopt};
  if (fetched.lifetime) {
    const Duration pause = std::max(renewAfter(*fetched.lifetime), kLeastPause);
    issued.valid_until = unixTime() + *fetched.lifetime;
    next_ = loop_.after(pause, [this] {
      renewing_ = true;
      fetch();
    });
  }
  stock_.push_back(std::move(issued));
  fetchIfWanted();
  listener_.onFetched(*this, fetched);
  if (renewed)
    listener_.onRenewed(*this);
}

void CredentialFeed::take(const FetchFailure& failure) {
  failures_++;
  next_ = loop_.after(retryAfter(failures_, failure.retry_after), [this] { fetch(); });
  listener_.onFetchFailed(*this, failure);
}

void CredentialFeed::dropExpired(seconds now) {
  std::erase_if(stock_, [now](const IssuedServers& issued) {
    return issued.valid_until && *issued.valid_until <= now;
  });
}

}  // namespace turnout
