// The user-name fragment and password of one side of one ICE generation (RFC 8445 5.3).
#pragma once

#include <string>

namespace turnout {

struct IceCredentials {
  std::string ufrag, pwd;
  bool empty() const { return ufrag.empty(); }
  bool operator==(const IceCredentials&) const = default;
};

}  // namespace turnout
