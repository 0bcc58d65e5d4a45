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
  for (const Kind kind : {Kind::kTurnKill, Kind::kServerRestart, Kind::kTurnCredentialsExpire})
    all.emplace_back(toString(kind), kind);
  return all;
}

Keys<ServiceFault> faultKeys() {
  const auto lasting = [](const Place& place, ServiceFault& fault) {
    if (const auto ms = readInteger(place, {1, kHourMs}))
      fault.lasting = milliseconds(*ms);
  };
  return {required(choice("do", &ServiceFault::kind, kinds())),
          text("service", &ServiceFault::service),
          required(integer("at_ms", &ServiceFault::at, {0, kHourMs})),
          {"for_ms", lasting}};
}

void readFault(const Place& place, ServiceFault& fault) {
  readObject(place, faultKeys(), fault);
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
  }
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
    settle(places.at(i), fault, targets);
    for (std::size_t j = 0; j < i; j++) {
      const ServiceFault& earlier = scenario.faults[j];
      if (earlier.kind == fault.kind && earlier.service == fault.service && overlap(earlier, fault))
        places[i].at("at_ms").problem("while " + places[j].path + " is not over");
    }
  }
}

}  // namespace turnout
