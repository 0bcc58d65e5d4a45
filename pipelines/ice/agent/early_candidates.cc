#include "pipelines/ice/agent/early_candidates.h"

namespace turnout {

void EarlyCandidates::keep(std::string ufrag, std::string line) {
  if (kept_.size() == kLimit)
    kept_.pop_front();
  kept_.emplace_back(std::move(ufrag), std::move(line));
}

std::vector<std::string> EarlyCandidates::take(const std::string& ufrag) {
  std::vector<std::string> lines;
  for (const auto& [of, line] : kept_)
    if (of == ufrag)
      lines.push_back(line);
  std::erase_if(kept_, [&ufrag](const auto& each) { return each.first == ufrag; });
  return lines;
}

}  // namespace turnout
