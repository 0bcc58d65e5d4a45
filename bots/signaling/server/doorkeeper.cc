#include "bots/signaling/server/doorkeeper.h"

#include <algorithm>

namespace turnout {

Doorkeeper::Verdict Doorkeeper::judge(const std::string& address,
                                      const std::optional<std::string>& origin) const {
  const auto& allowed = options_.origins;
  if (origin && !allowed.empty() &&
      std::find(allowed.begin(), allowed.end(), *origin) == allowed.end())
    return Verdict::kForeignOrigin;
  const auto here = inside_.find(address);
  if (options_.max_per_address && here != inside_.end() &&
      here->second >= *options_.max_per_address)
    return Verdict::kCrowdedAddress;
  return Verdict::kWelcome;
}

void Doorkeeper::left(const std::string& address) {
  if (const auto here = inside_.find(address); here != inside_.end() && --here->second == 0)
    inside_.erase(here);
}

}  // namespace turnout
