#include "scenarios/sections.h"
#include "scenarios/server_source.h"

#include <algorithm>
#include <set>

namespace turnout {
namespace {

using Kind = ServiceFaultKind;

constexpr milliseconds kRestartTakes{1000};  // unless the scenario says otherwise

std::vector<std::pair<std::string, Kind>> kinds() {
  std::vector<std::pair<std::string, Kind>> all;
  for (const Kind kind :
       {Kind::kTurnKill, Kind::kServerRestart, Kind::kTurnCredentialsExpire, Kind::kNatRebind,
        Kind::kNatChange, Kind::kFirewallChange, Kind::kLinkDown, Kind::kOutage, Kind::kLink})
    all.emplace_back(toString(kind), kind);
  return all;
}

// One of a few words, into a field that is absent otherwise.
template <class T>
Key<ServiceFault> word(std::string name, std::optional<T> ServiceFault::*field,
                       std::vector<std::pair<std::string, T>> choices) {
  return {std::move(name), [=](const Place& place, ServiceFault& fault) {
            std::vector<std::string> words;
            for (const auto& [text, value] : choices)
              words.push_back(text);
            const auto read = readWord(place, words);
            for (const auto& [text, value] : choices)
              if (read == text)
                fault.*field = value;
          }};
}

Keys<ServiceFault> faultKeys() {
  const auto lasting = [](const Place& place, ServiceFault& fault) {
    if (const auto ms = readInteger(place, {1, kHourMs}))
      fault.lasting = milliseconds(*ms);
  };
  return {
      required(choice("do", &ServiceFault::kind, kinds())),
      text("service", &ServiceFault::service),
      required(integer("at_ms", &ServiceFault::at, {0, kHourMs})),
      {"for_ms", lasting},
      text("site", &ServiceFault::service),
      word("nat", &ServiceFault::nat, wordsOf(allNatKinds())),
      word("firewall", &ServiceFault::firewall, wordsOf(allFirewallKinds())),
      word<FirewallAction>("action", &ServiceFault::action,
                           {{"drop", FirewallAction::kDrop}, {"reject", FirewallAction::kReject}}),
      objectOrNull("up", &ServiceFault::up, lineKeys()),
      objectOrNull("down", &ServiceFault::down, lineKeys())};
}

// What does not belong to its kind, and what its kind wants.
void checkKeys(const Place& place, const ServiceFault& fault) {
  struct Rule {
    const char* key;
    std::vector<Kind> of;
    bool is_needed;
  };
  const std::vector<Kind> of_sites{Kind::kNatRebind, Kind::kNatChange, Kind::kFirewallChange,
                                   Kind::kLinkDown,  Kind::kOutage,    Kind::kLink};
  const Rule rules[] = {{"site", of_sites, true},
                        {"nat", {Kind::kNatChange}, true},
                        {"firewall", {Kind::kFirewallChange}, true},
                        {"action", {Kind::kFirewallChange}, false},
                        {"up", {Kind::kLink}, false},
                        {"down", {Kind::kLink}, false}};
  for (const Rule& rule : rules) {
    const bool is_there = place.value.get(rule.key).isPresent();
    const bool is_its = std::ranges::count(rule.of, fault.kind) > 0;
    if (is_there && !is_its)
      place.at(rule.key).problem("is no key of " + std::string(toString(fault.kind)));
    else if (!is_there && is_its && rule.is_needed)
      place.problem(std::string(toString(fault.kind)) + ": \"" + rule.key + "\" is missing");
  }
  if (isOfSite(fault.kind) && place.value.get("service").isPresent())
    place.at("service").problem("is no key of " + std::string(toString(fault.kind)) +
                                ", which is of a \"site\"");
  if (fault.kind == Kind::kNatRebind && fault.lasting)
    place.at("for_ms").problem("is no key of nat_rebind: what is forgotten does not come back");
  if (fault.kind == Kind::kLink && !fault.up && !fault.down)
    place.problem("link: \"up\" or \"down\" is missing");
}

void readFault(const Place& place, ServiceFault& fault) {
  readObject(place, faultKeys(), fault);
  if (place.value.isObject() && serviceFaultKind(place.value.stringOr("do", "")))
    checkKeys(place, fault);
  if (fault.kind == Kind::kServerRestart && !fault.lasting)
    fault.lasting = kRestartTakes;
}

// What a fault can hit. The run's TURN servers are those that the arms name.
struct Targets {
  std::set<std::string> turn, rest;  // by name; rest: of those, the ones with TURN REST
  bool has_rest = false;             // credentials that we make, for whatever server

  explicit Targets(const std::vector<TurnArm>& arms);
};

Targets::Targets(const std::vector<TurnArm>& arms) {
  for (const TurnArm& arm : arms) {
    for (const ScenarioServer& server : arm.ice_servers) {
      for (const std::string& url : server.urls) {
        const auto placeholder = placeholderOf(url);
        if (!placeholder)
          continue;
        turn.insert(nameOf(*placeholder));
        if (placeholder->kind == Placeholder::Kind::kCoturnRest)
          rest.insert(nameOf(*placeholder));
      }
      has_rest = has_rest || server.usesRest();
    }
  }
  has_rest = has_rest || !rest.empty();
}

// A service that is named must be there; one that is left out must be the only one.
void settleService(const Place& place, ServiceFault& fault, const std::set<std::string>& known,
                   const std::string& with) {
  if (fault.service.empty() && known.size() == 1)
    fault.service = *known.begin();
  if (known.contains(fault.service))
    return;
  const std::vector<std::string> names(known.begin(), known.end());
  if (fault.service.empty())
    place.problem("which server? \"service\" is missing" + suggestion("", names));
  else
    place.at("service").problem("no arm uses {" + fault.service + "}" + with +
                                suggestion(fault.service, names));
}

void settle(const Place& place, ServiceFault& fault, const Targets& targets) {
  switch (fault.kind) {
    case Kind::kServerRestart:
      if (!fault.service.empty() && fault.service != kSignalingService)
        place.at("service").problem(
            "only the signaling server restarts so; a TURN server: \"turn_kill\" with \"for_ms\"");
      fault.service = kSignalingService;
      return;
    case Kind::kTurnKill:
      if (targets.turn.empty())
        return place.at("do").problem("no arm uses a TURN server of the run, such as {coturn}");
      return settleService(place, fault, targets.turn, "");
    case Kind::kTurnCredentialsExpire:
      if (!targets.has_rest)
        return place.at("do").problem(
            "no arm has TURN REST credentials, which alone can expire: {coturn-rest} or \"rest\"");
      if (!fault.service.empty())  // else all of them
        settleService(place, fault, targets.rest, " with TURN REST");
      return;
    case Kind::kNatRebind:
    case Kind::kNatChange:
    case Kind::kFirewallChange:
    case Kind::kLinkDown:
    case Kind::kOutage:
    case Kind::kLink:
      return;  // settleSite
  }
}

bool hasOwnLinks(NatKind nat) {
  return nat == NatKind::kPublic || nat == NatKind::kCgnat;
}

void settleSite(const Place& place, const ServiceFault& fault, const Scenario& scenario) {
  if (!scenario.networks)
    return place.at("do").problem("is of a site, and the scenario has no \"networks\"");
  const auto& sites = scenario.networks->sites;
  const auto site = std::ranges::find(sites, fault.service, &SiteSpec::name);
  if (site == sites.end()) {
    std::vector<std::string> names;
    for (const SiteSpec& each : sites)
      names.push_back(each.name);
    if (!fault.service.empty())
      place.at("site").problem("no site \"" + fault.service + "\"" +
                               suggestion(fault.service, names));
    return;
  }
  if (fault.kind == Kind::kNatChange && fault.nat &&
      (hasOwnLinks(*fault.nat) || hasOwnLinks(site->nat)))
    place.at("nat").problem(
        "public and cgnat have links of their own: no other NAT becomes one, or "
        "the other way round");
  if (fault.kind == Kind::kNatRebind && site->nat == NatKind::kPublic)
    place.at("site").problem("a public site has no NAT");
  if (fault.kind == Kind::kLink && !site->hasLine())
    place.at("site").problem(
        "the site has no line: give it \"up\" or \"down\", a delay_ms of 1 for one");
}

bool overlap(const ServiceFault& a, const ServiceFault& b) {
  const auto ends_before = [](const ServiceFault& first, const ServiceFault& second) {
    return first.lasting && first.at + *first.lasting < second.at;
  };
  return !ends_before(a, b) && !ends_before(b, a);
}

}  // namespace

Key<Scenario> faultsSection() {
  return list("faults", {0, 100}, &Scenario::faults, faultKeys(), readFault);
}

void checkFaults(const Place& root, Scenario& scenario) {
  const Targets targets(scenario.turn);
  const std::vector<Place> places = root.at("faults").elements();
  for (std::size_t i = 0; i < scenario.faults.size(); i++) {
    ServiceFault& fault = scenario.faults[i];
    if (isOfSite(fault.kind))
      settleSite(places.at(i), fault, scenario);
    else
      settle(places.at(i), fault, targets);
    for (std::size_t j = 0; j < i; j++) {
      const ServiceFault& earlier = scenario.faults[j];
      if (earlier.kind == fault.kind && earlier.service == fault.service && overlap(earlier, fault))
        places[i].at("at_ms").problem("while " + places[j].path + " is not over");
    }
  }
}

}  // namespace turnout
