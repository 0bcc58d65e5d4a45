// GLib says what it was doing, then why it failed: "Error receiving message: Connection refused".
// We know what was being done, and only the cause is the same for all.
#pragma once

#include <string>

namespace turnout {

inline std::string errorCause(const std::string& message) {
  const auto colon = message.rfind(": ");
  return colon == std::string::npos ? message : message.substr(colon + 2);
}

}  // namespace turnout
