// When a bot whose socket to the signaling server is gone tries to connect again: as Socket.IO
// clients do, after a second, then twice as long each time up to five, each varied by up to a half
// (https://socket.io/docs/v4/client-options/#reconnectiondelay). Values: no sockets, no clocks.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/random.h"

#include <optional>

namespace turnout {

class Reconnection {
 public:
  explicit Reconnection(std::uint64_t seed) : random_(seed, 0) {}

  void lost(Instant at);    // the socket, when it was there
  void failed(Instant at);  // a try
  void tried() { due_.reset(), attempts_++; }
  struct Back {
    int attempts = 1;
    Duration away{};
  };
  Back back(Instant at);  // connected and registered
  void giveUp() { lost_at_.reset(), due_.reset(); }

  bool isOngoing() const { return lost_at_.has_value(); }
  std::optional<Instant> due() const { return due_; }  // of the next try
  int attempts() const { return attempts_; }

 private:
  void plan(Instant at);

  Random random_;
  std::optional<Instant> lost_at_, due_;
  int attempts_ = 0;
};

}  // namespace turnout
