#include "scenarios/networks.h"

#include <map>

namespace turnout {

std::string Networks::nameOf(const SitePair& pair) const {
  return sites[pair.one].name + " - " + sites[pair.other].name;
}

LabPlaces labPlacesOf(const Networks& networks) {
  LabPlaces places;
  std::map<std::size_t, std::size_t> first, second;  // by site
  const auto placeOf = [&](std::map<std::size_t, std::size_t>& known, std::size_t site) {
    const auto [at, is_new] = known.emplace(site, places.sites.size());
    if (is_new) {
      places.sites.push_back(networks.sites[site]);
      places.site_of.push_back(site);
      if (&known == &second)
        places.sites.back().name += " (second)";
    }
    return at->second;
  };
  for (const SitePair& pair : networks.pairs) {
    const std::size_t one = placeOf(first, pair.one);
    places.pairs.push_back({one, placeOf(pair.one == pair.other ? second : first, pair.other)});
  }
  return places;
}

}  // namespace turnout
