// Who may open a session at all: pages of which origins, how many sessions from one address, and how
// few of those that have not shown yet that they may be here (the right token, or the first word).
// Pure.
#pragma once

#include "pipelines/base/clock.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace turnout {

class Admission {
 public:
  struct Options {
    // Of web pages, as browsers send them: "https://app.example:8443". Empty: all. A client that
    // sends no Origin is no browser, which this list cannot keep out; a token can.
    std::vector<std::string> origins{};
    // Sessions at one time. Behind a reverse proxy all clients come from its address.
    std::optional<std::size_t> max_per_address{};
    // Sessions that have not been confirmed, of one address and of all.
    std::size_t max_unconfirmed_per_address = 10'000, max_unconfirmed = 10'000;
  };
  enum class Verdict { kAdmitted, kForeignOrigin, kCrowdedAddress, kTooManyUnconfirmed, kBarred };

  explicit Admission(Options options) : options_(std::move(options)) {}

  Verdict judge(const std::string& address, const std::optional<std::string>& origin,
                Instant at) const;
  bool isListed(const std::string& origin) const;  // in `origins`, which is not empty
  void entered(const std::string& address);
  void confirmed(const std::string& address);  // one of those that entered
  enum class Left { kConfirmed, kUnconfirmed };
  void left(const std::string& address, Left how);
  void bar(const std::string& address, Instant until);  // it guessed tokens

 private:
  static constexpr std::size_t kMostBarred = 10'000;
  struct Here {
    std::size_t sessions = 0, unconfirmed = 0;
  };
  const Options options_;
  std::unordered_map<std::string, Here> inside_;  // by address; nobody with no sessions
  std::size_t unconfirmed_ = 0;
  std::unordered_map<std::string, Instant> barred_;  // until when
};

}  // namespace turnout
