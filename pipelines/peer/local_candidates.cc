#include "pipelines/peer/local_candidates.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

#include <glib.h>

namespace turnout {
namespace {

CandidateType typeOf(const std::string& word) {
  for (const CandidateType type :
       {CandidateType::kServerReflexive, CandidateType::kPeerReflexive, CandidateType::kRelay})
    if (word == toString(type))
      return type;
  return CandidateType::kHost;
}

// candidate:<foundation> <component> <transport> <priority> <address> <port> typ <type> ...
IceCandidateInfo parse(const std::string& candidate) {
  std::istringstream words(candidate);
  std::array<std::string, 8> word;
  for (std::string& each : word)
    words >> each;
  IceCandidateInfo info;
  info.type = typeOf(word[7]);
  for (char& c : word[2])
    c = g_ascii_tolower(c);
  info.protocol = word[2];
  const bool is_v6 = word[4].find(':') != std::string::npos;
  info.address = (is_v6 ? "[" + word[4] + "]" : word[4]) + ":" + word[5];
  return info;
}

}  // namespace

IceCandidateInfo LocalCandidates::told(const std::string& candidate) {
  const IceCandidateInfo parsed = parse(candidate);
  const auto found =
      std::find_if(described_.begin(), described_.end(), [&parsed](const IceCandidateInfo& each) {
        return each.type == parsed.type && each.protocol == parsed.protocol &&
               each.address == parsed.address;
      });
  if (found == described_.end())
    return parsed;
  IceCandidateInfo info = std::move(*found);
  described_.erase(found);
  return info;
}

bool LocalCandidates::takeDone() {
  return described_.empty() && std::exchange(gathering_done_, false);
}

}  // namespace turnout
