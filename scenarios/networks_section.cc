#include "scenarios/sections.h"
#include "scenarios/server_source.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace turnout {
namespace {

constexpr std::int64_t kMostSitesNamed = 64;
constexpr std::int64_t kMostPairs = kMostSitesNamed * (kMostSitesNamed + 1) / 2;
constexpr std::int64_t kLongestDelayMs = 10'000;
constexpr std::int64_t kFastestKbps = 10'000'000;

}  // namespace

Keys<LineDirection> lineKeys() {
  const auto ms = [](std::string name, Duration LineDirection::*field) {
    return Key<LineDirection>(std::move(name), [field](const Place& place, LineDirection& line) {
      if (const auto value = readInteger(place, {0, kLongestDelayMs}))
        line.*field = milliseconds(*value);
    });
  };
  return {ms("delay_ms", &LineDirection::delay), ms("jitter_ms", &LineDirection::jitter),
          number("loss", &LineDirection::loss, {0, 1}),
          integer("rate_kbps", &LineDirection::rate_kbps, {1, kFastestKbps}),
          ms("queue_ms", &LineDirection::queue)};
}

namespace {

void readPreset(const Place& place, SiteSpec& site) {
  const auto word = readWord(place, siteWords());
  if (!word)
    return;
  std::string name = std::move(site.name);
  site = *siteNamed(*word);
  site.name = std::move(name);
}

// "preset" stands before what differs from it, wherever the file has it.
Keys<SiteSpec> siteKeys() {
  return {required(plainName("name", &SiteSpec::name)),
          {"preset", readPreset},
          choice("nat", &SiteSpec::nat, wordsOf(allNatKinds())),
          choice("firewall", &SiteSpec::firewall, wordsOf(allFirewallKinds())),
          choice("action", &SiteSpec::action,
                 {{toString(FirewallAction::kDrop), FirewallAction::kDrop},
                  {toString(FirewallAction::kReject), FirewallAction::kReject}}),
          object("up", &SiteSpec::up, lineKeys()),
          object("down", &SiteSpec::down, lineKeys())};
}

// A word alone is its own name: a preset's, or the kind of a NAT.
void readSite(const Place& place, SiteSpec& site) {
  if (place.value.isObject())
    return readObject(place, siteKeys(), site);
  if (!place.value.isString())
    return place.expected("the name of a preset or of a NAT, or an object");
  if (const auto word = readWord(place, siteWords()))
    site = *siteNamed(*word);
}

std::optional<std::size_t> readSiteName(const Place& place, const Networks& networks) {
  std::vector<std::string> names;
  for (const SiteSpec& site : networks.sites)
    names.push_back(site.name);
  const auto name = readWord(place, names);
  if (!name)
    return std::nullopt;
  return static_cast<std::size_t>(std::ranges::find(names, *name) - names.begin());
}

void readPairs(const Place& place, Networks& networks) {
  for (const Place& item : readList(place, {1, kMostPairs})) {
    const std::vector<Place> ends = item.elements();
    if (ends.size() != 2) {
      item.expected("two sites, the first for the bot that offers: [\"home\", \"office\"]");
      continue;
    }
    const auto one = readSiteName(ends[0], networks), other = readSiteName(ends[1], networks);
    if (!one || !other)
      continue;
    const SitePair pair{*one, *other};
    if (std::ranges::count(networks.pairs, pair) > 0)
      item.problem("the pair is there already");
    else
      networks.pairs.push_back(pair);
  }
}

// All pairs of these sites, each with itself too.
void addGrid(const std::vector<std::size_t>& sites, Networks& networks) {
  for (std::size_t one = 0; one < sites.size(); ++one)
    for (std::size_t other = one; other < sites.size(); ++other)
      networks.pairs.push_back({sites[one], sites[other]});
}

void readGrid(const Place& place, Networks& networks) {
  std::vector<std::size_t> sites;
  for (const Place& item : readList(place, {1, kMostSitesNamed})) {
    const auto site = readSiteName(item, networks);
    if (site && std::ranges::count(sites, *site) > 0)
      item.problem("the site is there already");
    else if (site)
      sites.push_back(*site);
  }
  addGrid(sites, networks);
}

void checkNames(const Place& sites, const Networks& networks) {
  std::set<std::string> names;
  const std::vector<Place> places = sites.elements();
  for (std::size_t i = 0; i < networks.sites.size(); ++i)
    if (const std::string& name = networks.sites[i].name;
        !name.empty() && !names.insert(name).second)
      places[i].problem("a site named \"" + name + "\" is there already");
}

Keys<Networks> networkKeys() {
  const auto later = [](const Place&, Networks&) {};  // they need all sites
  auto sites = list("sites", {1, kMostSitesNamed}, &Networks::sites, siteKeys(), readSite);
  return {required(std::move(sites)), {"pairs", later}, {"grid", later}, {"nat_mix", later}};
}

// Whoever calls whom must be in the grid.
void checkMix(const Place& place, const Networks& networks) {
  for (std::size_t one = 0; one < networks.mix.size(); ++one)
    for (std::size_t other = one; other < networks.mix.size(); ++other) {
      const bool is_there = std::ranges::count(networks.pairs, SitePair{one, other}) +
                                std::ranges::count(networks.pairs, SitePair{other, one}) >
                            0;
      if (!is_there && networks.mix[one] > 0 && networks.mix[other] > 0)
        place.problem("people at " + networks.sites[one].name + " and " +
                      networks.sites[other].name + " call each other, and no pair is of these two");
    }
}

void readMix(const Place& place, Networks& networks) {
  if (!place.value.isObject())
    return place.expected("an object: a weight for each site");
  std::vector<std::string> names;
  for (const SiteSpec& site : networks.sites)
    names.push_back(site.name);
  reportUnknownKeys(place, names);
  std::vector<double> weights(names.size());
  for (std::size_t site = 0; site < names.size(); ++site)
    if (const Place weight = place.at(names[site]); weight.value.isPresent())
      weights[site] = readNumber(weight, {0, 1e6}).value_or(0);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (sum <= 0)
    return place.problem("expected a weight above 0");
  for (double& weight : weights)
    weight /= sum;
  networks.mix = std::move(weights);
  checkMix(place, networks);
}

void readPairsOrGrid(const Place& place, Networks& networks) {
  const Place pairs = place.at("pairs"), grid = place.at("grid");
  if (pairs.value.isPresent() && grid.value.isPresent())
    return place.problem("expected \"pairs\" or \"grid\", got both");
  if (pairs.value.isPresent())
    return readPairs(pairs, networks);
  if (grid.value.isPresent())
    return readGrid(grid, networks);
  std::vector<std::size_t> all(networks.sites.size());
  std::iota(all.begin(), all.end(), 0);
  addGrid(all, networks);
}

void readNetworks(const Place& place, Scenario& scenario) {
  Networks& networks = scenario.networks.emplace();
  readObject(place, networkKeys(), networks);
  checkNames(place.at("sites"), networks);
  readPairsOrGrid(place, networks);
  if (const Place mix = place.at("nat_mix"); mix.value.isPresent())
    readMix(mix, networks);
}

// A server of the run, which is in the lab.
void checkServers(const Place& root, const Scenario& scenario) {
  const std::vector<Place> arms = root.at("turn").elements();
  for (std::size_t arm = 0; arm < arms.size() && arm < scenario.turn.size(); ++arm) {
    const std::vector<Place> places = arms[arm].at("ice_servers").elements();
    const auto& servers = scenario.turn[arm].ice_servers;
    for (std::size_t i = 0; i < places.size() && i < servers.size(); ++i)
      if (servers[i].source || !std::ranges::all_of(servers[i].urls, [](const std::string& url) {
            return placeholderOf(url).has_value();
          }))
        places[i].problem(
            "with \"networks\" there is no way out of the lab: expected a server of the run, such "
            "as \"turn:{coturn}\" or \"stun:{coturn}\"");
  }
}

}  // namespace

Key<Scenario> networksSection() {
  return {"networks", readNetworks, keyNames(networkKeys(), ".")};
}

void checkNetworks(const Place& root, const Scenario& scenario) {
  if (!scenario.networks) {
    if (std::ranges::count(scenario.thresholds, Measure::kPredictedRate, &Threshold::measure) > 0)
      root.at("thresholds").problem("\"predicted_rate\" is of a scenario with \"networks\"");
    return;
  }
  const Place calls = root.at("calls");
  if (scenario.shape.bots != 2 || scenario.shape.guests != 0)
    calls.problem("with \"networks\" a call is two bots, one at each site of a pair");
  if (scenario.hosts != 0)
    root.at("hosts").problem("with \"networks\" each site has one host process: leave it out");
  if (!scenario.signaling.url.empty())
    root.at("signaling")
        .at("url")
        .problem(
            "with \"networks\" there is no way out of the lab: leave it out, the run starts its "
            "own");
  checkServers(root, scenario);
}

}  // namespace turnout
