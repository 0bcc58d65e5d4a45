// Does to the sites of a run's lab what its scenario says: other NATs and firewalls, lost mappings, cut links,
// other lines; and takes it back.
//
// Threads: the loop's. Blocks for the time that `ip` and `nft` take, some 10 ms.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/lab/lab.h"
#include "scenarios/scenario.h"

#include <optional>
#include <vector>

namespace turnout {

class LabFaults {
 public:
  // `lab` has labPlacesOf(networks), and outlives this; null without networks.
  LabFaults(Lab* lab, const std::optional<Networks>& networks);

  // At all places of the site. Error: as of Lab.
  Result<Done> begin(const ServiceFault& fault);
  Result<Done> end(const ServiceFault& fault);

 private:
  Result<Done> beginAt(std::size_t place, const SiteSpec& site, const ServiceFault& fault);
  Result<Done> endAt(std::size_t place, const SiteSpec& site, const ServiceFault& fault);
  std::vector<std::size_t> placesOf(std::size_t site) const;
  std::size_t siteOf(const ServiceFault& fault) const;

  Lab* lab_;
  std::vector<SiteSpec> sites_;  // as the scenario has them
  LabPlaces places_;
};

}  // namespace turnout
