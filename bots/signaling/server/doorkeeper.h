// Who may open a session at all: pages of which origins, and how many sessions from one address.
// Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace turnout {

class Doorkeeper {
 public:
  struct Options {
    // Of web pages, as browsers send them: "https://app.example:8443". Empty: all. A client that
    // sends no Origin is no browser, which this list cannot keep out; a token can.
    std::vector<std::string> origins{};
    // Sessions at one time. Behind a reverse proxy all clients come from its address.
    std::optional<std::size_t> max_per_address{};
  };
  enum class Verdict { kWelcome, kForeignOrigin, kCrowdedAddress };

  explicit Doorkeeper(Options options) : options_(std::move(options)) {}

  Verdict judge(const std::string& address, const std::optional<std::string>& origin) const;
  void entered(const std::string& address) { inside_[address]++; }
  void left(const std::string& address);

 private:
  const Options options_;
  std::unordered_map<std::string, std::size_t> inside_;  // by address; none are zero
};

}  // namespace turnout
