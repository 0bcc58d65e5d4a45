// Mistakes of real signaling servers that ours can make on purpose, so that tests and users see the
// fleet catch each one. Every bug is planted at exactly one place, marked "Planted bug".
#pragma once

#include <array>
#include <optional>
#include <set>
#include <string_view>

namespace turnout {

enum class PlantedBug {
  kNoCleanup,            // a lost connection's session is never freed nor resumed
  kNoGrace,              // a lost connection ends its session at once
  kRingTimeoutRace,      // answering does not stop the ring timeout
  kKeepRoom,             // leaving does not free the place
  kStaleId,              // a user who comes back is still reached by the old socket id
  kDuplicateCandidates,  // each candidate is handed on twice
};

inline constexpr std::array kPlantedBugs = {
    PlantedBug::kNoCleanup, PlantedBug::kNoGrace, PlantedBug::kRingTimeoutRace,
    PlantedBug::kKeepRoom,  PlantedBug::kStaleId, PlantedBug::kDuplicateCandidates};

using PlantedBugs = std::set<PlantedBug>;

const char* toString(PlantedBug bug);  // "no-cleanup", as on the command line
std::optional<PlantedBug> plantedBugNamed(std::string_view name);

}  // namespace turnout
