#include "orchestrator/run/local_addresses.h"

#include "pipelines/base/server_url.h"

#include <algorithm>

#include <gio/gio.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

namespace turnout {
namespace {

enum class Where { kThisMachine, kThisMachineByIpv6, kElsewhere };

Where whereIs(const std::string& host) {
  if (host == "localhost" || host.starts_with("127."))
    return Where::kThisMachine;
  return host == "::1" ? Where::kThisMachineByIpv6 : Where::kElsewhere;
}

Where whereIsServer(const std::string& url) {
  if (placeholderOf(url))
    return Where::kThisMachine;
  const auto server = parseIceServerUrl(url);
  return server ? whereIs(server->host) : Where::kElsewhere;
}

// "http://[::1]:3000"
Where whereIsSignaling(const std::string& url) {
  if (url.empty())  // the run's own
    return Where::kThisMachine;
  const auto server = serverUrl(url);
  if (!server)
    return Where::kElsewhere;
  std::string host = server->origin.substr(server->origin.find("://") + 3);
  if (host.starts_with('['))
    return whereIs(host.substr(1, host.find(']') - 1));
  return whereIs(host.substr(0, host.find(':')));
}

}  // namespace

std::vector<std::string> localAddressesFor(const Scenario& scenario,
                                           bool are_fetched_servers_here) {
  const auto& given = scenario.local_addresses;
  if (!given.empty())
    return given.front() == kAllAddresses ? std::vector<std::string>() : given;
  std::vector<Where> named{whereIsSignaling(scenario.signaling.url)};
  for (const TurnArm& arm : scenario.turn)
    for (const ScenarioServer& server : arm.ice_servers)
      std::ranges::transform(server.urls, std::back_inserter(named), whereIsServer);
  const bool is_all_here =
      are_fetched_servers_here && std::ranges::count(named, Where::kElsewhere) == 0;
  const bool is_among_bots = scenario.shape.guests == 0;
  if (is_all_here && !is_among_bots && !hasAddressBeyondLoopback())
    return {"127.0.0.1", "::1"};
  if (!is_all_here || !is_among_bots)
    return {};
  if (std::ranges::count(named, Where::kThisMachineByIpv6) > 0)
    return {"127.0.0.1", "::1"};
  return {"127.0.0.1"};
}

std::string addressesText(const std::vector<std::string>& addresses) {
  std::string text;
  for (const std::string& address : addresses)
    text += (text.empty() ? "" : ", ") + address;
  return text.empty() ? kAllAddresses : text;
}

bool hasAddressBeyondLoopback() {
  ifaddrs* all = nullptr;
  if (getifaddrs(&all) != 0)
    return true;  // nobody knows
  bool found = false;
  for (const ifaddrs* each = all; each; each = each->ifa_next) {
    const int family = each->ifa_addr ? each->ifa_addr->sa_family : AF_UNSPEC;
    const bool is_up = (each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0;
    found |= is_up && (family == AF_INET || family == AF_INET6);
  }
  freeifaddrs(all);
  return found;
}

}  // namespace turnout
