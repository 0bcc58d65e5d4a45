// Joins what the ICE agent says of a local candidate (type, server) with the text webrtcbin gives
// for it, which take different threads to the loop; and holds back the end of gathering until both
// have come for every candidate. Pure; one thread.
#pragma once

#include "pipelines/ice/agent/ice_agent.h"

#include <string>
#include <vector>

namespace turnout {

class LocalCandidates {
 public:
  void described(IceCandidateInfo info) { described_.push_back(std::move(info)); }
  void gathered() { gathering_done_ = true; }

  // What is known of the candidate with this text ("candidate:..." of RFC 8839 5.1).
  IceCandidateInfo told(const std::string& candidate);
  // True once, when gathering is over and every described candidate was told.
  bool takeDone();

 private:
  std::vector<IceCandidateInfo> described_;  // not yet told
  bool gathering_done_ = false;
};

}  // namespace turnout
