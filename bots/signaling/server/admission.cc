#include "bots/signaling/server/admission.h"

#include <algorithm>

namespace turnout {

bool Admission::isListed(const std::string& origin) const {
  return std::ranges::find(options_.origins, origin) != options_.origins.end();
}

Admission::Verdict Admission::judge(const std::string& address,
                                    const std::optional<std::string>& origin, Instant at) const {
  if (origin && !options_.origins.empty() && !isListed(*origin))
    return Verdict::kForeignOrigin;
  if (const auto barred = barred_.find(address); barred != barred_.end() && at < barred->second)
    return Verdict::kBarred;
  const auto found = inside_.find(address);
  const Here here = found == inside_.end() ? Here{} : found->second;
  if (options_.max_per_address && here.sessions >= *options_.max_per_address)
    return Verdict::kCrowdedAddress;
  if (here.unconfirmed >= options_.max_unconfirmed_per_address ||
      unconfirmed_ >= options_.max_unconfirmed)
    return Verdict::kTooManyUnconfirmed;
  return Verdict::kAdmitted;
}

void Admission::entered(const std::string& address) {
  Here& here = inside_[address];
  here.sessions++;
  here.unconfirmed++;
  unconfirmed_++;
}

void Admission::confirmed(const std::string& address) {
  inside_.at(address).unconfirmed--;
  unconfirmed_--;
}

void Admission::left(const std::string& address, Left how) {
  const auto here = inside_.find(address);
  if (here == inside_.end())
    return;
  if (how == Left::kUnconfirmed)
    confirmed(address);
  if (--here->second.sessions == 0)
    inside_.erase(here);
}

void Admission::bar(const std::string& address, Instant until) {
  if (barred_.size() >= kMostBarred)  // the one that would be free first
    barred_.erase(
        std::ranges::min_element(barred_, {}, [](const auto& one) { return one.second; }));
  barred_[address] = until;
}

}  // namespace turnout
