// The credentials of one side of one ICE generation, and what depends on them: the description that
// carries them, and the remote candidates that arrive before it.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

typedef struct _GstWebRTCSessionDescription GstWebRTCSessionDescription;  // webrtc_fwd.h

namespace turnout {

struct IceCredentials {  // RFC 8445 5.3
  std::string ufrag, pwd;
  bool empty() const { return ufrag.empty(); }
  bool operator==(const IceCredentials&) const = default;
};

// Rewrites a=ice-ufrag and a=ice-pwd of every media section (RFC 8839 5.4).
void setSdpCredentials(GstWebRTCSessionDescription* description, const IceCredentials& credentials);

// Remote candidates that came before the description with their credentials, as trickled ones of an
// ICE restart do at times (RFC 8838 14). The newest 64 are kept. Pure.
class EarlyCandidates {
 public:
  void keep(std::string ufrag, std::string line);
  std::vector<std::string> take(const std::string& ufrag);  // in the order they came

 private:
  static constexpr std::size_t kLimit = 64;
  std::deque<std::pair<std::string, std::string>> kept_;
};

}  // namespace turnout
