#include "bots/signaling/app/planted_bug.h"

namespace turnout {

const char* toString(PlantedBug bug) {
  switch (bug) {
    case PlantedBug::kNoCleanup:
      return "no-cleanup";
    case PlantedBug::kNoGrace:
      return "no-grace";
    case PlantedBug::kRingTimeoutRace:
      return "ring-timeout-race";
    case PlantedBug::kKeepRoom:
      return "keep-room";
    case PlantedBug::kStaleId:
      return "stale-id";
    case PlantedBug::kDuplicateCandidates:
      return "duplicate-candidates";
  }
  return "";
}

std::optional<PlantedBug> plantedBugNamed(std::string_view name) {
  for (const PlantedBug bug : kPlantedBugs)
    if (name == toString(bug))
      return bug;
  return std::nullopt;
}

}  // namespace turnout
