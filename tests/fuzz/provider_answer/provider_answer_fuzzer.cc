// Any bytes as a provider's answer, of every kind: servers that can be used, a next request, or a
// reason; never a crash, and never the token in a reason. The first byte chooses kind and status.
#include "orchestrator/ice_servers/supply/provider_exchange.h"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;  // NOLINT(google-build-using-namespace)
  if (size == 0)
    return 0;
  constexpr unsigned kStatus[] = {200, 201, 401, 404, 429, 500, 302, 403};
  CredentialProvider provider{.kind = static_cast<ProviderKind>(data[0] & 3)};
  provider.account = "account";
  provider.token = Secret("t0ken-of-ours");
  provider.list_path = (data[0] & 4) != 0 ? "a.b[0]" : "";
  if ((data[0] & 128) != 0)
    provider.ttl = std::chrono::seconds(60);
  ProviderExchange exchange(provider);
  exchange.begin();
  const auto next = exchange.take({kStatus[(data[0] >> 3) & 7],
                                   std::nullopt,
                                   {reinterpret_cast<const char*>(data + 1), size - 1}},
                                  std::chrono::seconds(1'800'000'000));
  if (const auto* failure = std::get_if<FetchFailure>(&next))
    TURNOUT_CHECK(
        !failure->what.empty() && failure->what.find("t0ken-of-ours") == std::string::npos,
        "a reason, without the token");
  if (const auto* fetched = std::get_if<FetchedServers>(&next))
    TURNOUT_CHECK(!fetched->servers.empty() &&
                      fetched->lifetime.value_or(std::chrono::seconds(1)).count() > 0,
                  "servers that are valid");
  return 0;
}
