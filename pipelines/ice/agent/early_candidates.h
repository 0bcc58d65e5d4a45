// Remote candidates that came before the description with their credentials: trickled ones of an
// ICE restart do so at times (RFC 8838 14). The newest 64 are kept. Pure.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

class EarlyCandidates {
 public:
  void keep(std::string ufrag, std::string line);
  std::vector<std::string> take(const std::string& ufrag);  // in the order they came

 private:
  static constexpr std::size_t kLimit = 64;
  std::deque<std::pair<std::string, std::string>> kept_;
};

}  // namespace turnout
