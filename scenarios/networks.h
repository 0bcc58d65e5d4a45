// The networks that bots are in: sites of the lab (pipelines/lab/site.h), and between which of them calls
// are made. A cell of such a run is a TURN configuration and a pair of sites.
//
// Pure.
#pragma once

#include "pipelines/lab/site.h"

#include <cstddef>
#include <string>
#include <vector>

namespace turnout {

// Indices into Networks::sites. Bot 0, which offers, is at the first. The same site twice: two places of
// that kind, each behind a NAT of its own.
struct SitePair {
  std::size_t one = 0, other = 0;

  bool operator==(const SitePair&) const = default;
};

struct Networks {
  std::vector<SiteSpec> sites;
  std::vector<SitePair> pairs;  // at least one
  // "nat_mix": the share of a population at each site, as sites; they sum to 1. Empty: none is given.
  std::vector<double> mix;

  std::string nameOf(const SitePair& pair) const;  // "home - office"
};

// The places that a lab has to have for that: each site that a pair names, a second one where a pair
// names it twice. Indices as a Lab counts sites.
struct LabPlaces {
  std::vector<SiteSpec> sites;
  std::vector<std::size_t> site_of;  // of each place, as in Networks::sites
  struct Ends {
    std::size_t one = 0, other = 0;
    std::size_t of(int bot) const { return bot == 0 ? one : other; }
  };
  std::vector<Ends> pairs;  // as in Networks::pairs
};
LabPlaces labPlacesOf(const Networks& networks);

}  // namespace turnout
