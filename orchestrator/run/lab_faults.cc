#include "orchestrator/run/lab_faults.h"

#include <algorithm>

namespace turnout {

LabFaults::LabFaults(Lab* lab, const std::optional<Networks>& networks) : lab_(lab) {
  if (networks) {
    sites_ = networks->sites;
    places_ = labPlacesOf(*networks);
  }
}

std::size_t LabFaults::siteOf(const ServiceFault& fault) const {
  const auto site = std::ranges::find(sites_, fault.service, &SiteSpec::name);
  TURNOUT_CHECK(lab_ && site != sites_.end(), "a fault of a site that is not there");
  return static_cast<std::size_t>(site - sites_.begin());
}

std::vector<std::size_t> LabFaults::placesOf(std::size_t site) const {
  std::vector<std::size_t> places;
  for (std::size_t place = 0; place < places_.site_of.size(); ++place)
    if (places_.site_of[place] == site)
      places.push_back(place);
  return places;
}

Result<Done> LabFaults::begin(const ServiceFault& fault) {
  const std::size_t site = siteOf(fault);
  for (const std::size_t place : placesOf(site))
    if (auto begun = beginAt(place, sites_[site], fault); !begun)
      return begun;
  return Done{};
}

Result<Done> LabFaults::end(const ServiceFault& fault) {
  const std::size_t site = siteOf(fault);
  for (const std::size_t place : placesOf(site))
    if (auto ended = endAt(place, sites_[site], fault); !ended)
      return ended;
  return Done{};
}

Result<Done> LabFaults::beginAt(std::size_t place, const SiteSpec& site,
                                const ServiceFault& fault) {
  switch (fault.kind) {
    case ServiceFaultKind::kNatRebind:
      return lab_->rebind(place);
    case ServiceFaultKind::kNatChange:
      return lab_->setNat(place, fault.nat.value_or(site.nat));
    case ServiceFaultKind::kFirewallChange:
      return lab_->setFirewall(place, fault.firewall.value_or(site.firewall),
                               fault.action.value_or(site.action));
    case ServiceFaultKind::kLinkDown:
      return lab_->cutLink(place);
    case ServiceFaultKind::kOutage:
      return lab_->beginOutage(place);
    case ServiceFaultKind::kLink:
      lab_->setLine(place, fault.up.value_or(site.up), fault.down.value_or(site.down));
      return Done{};
    case ServiceFaultKind::kTurnKill:
    case ServiceFaultKind::kServerRestart:
    case ServiceFaultKind::kTurnCredentialsExpire:
      break;
  }
  return Error{ErrorCode::kInternal, "no fault of a site"};
}

Result<Done> LabFaults::endAt(std::size_t place, const SiteSpec& site, const ServiceFault& fault) {
  switch (fault.kind) {
    case ServiceFaultKind::kNatChange:
      return lab_->setNat(place, site.nat);
    case ServiceFaultKind::kFirewallChange:
      return lab_->setFirewall(place, site.firewall, site.action);
    case ServiceFaultKind::kLinkDown:
      return lab_->restoreLink(place);
    case ServiceFaultKind::kOutage:
      return lab_->endOutage(place);
    case ServiceFaultKind::kLink:
      lab_->setLine(place, site.up, site.down);
      return Done{};
    case ServiceFaultKind::kNatRebind:
    case ServiceFaultKind::kTurnKill:
    case ServiceFaultKind::kServerRestart:
    case ServiceFaultKind::kTurnCredentialsExpire:
      break;
  }
  return Error{ErrorCode::kInternal, "no fault of a site that ends"};
}

}  // namespace turnout
