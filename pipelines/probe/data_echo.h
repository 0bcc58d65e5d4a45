// Data through two allocations: sent by one leg to the relayed address of the other, which sends it
// back. Both must permit each other. What gets lost is sent again.
//
// Threads: the loop's. The handler may not destroy the echo.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/probe/turn_leg.h"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace turnout {

class DataEcho {
 public:
  // The round trip in ms; absent: nothing came back within `limit`.
  using OnDone = std::function<void(std::optional<double> echo_ms)>;

  DataEcho(Loop& loop, TurnLeg& near, TurnLeg& far, Duration limit, OnDone on_done);

 private:
  void send();
  void onEcho(const Bytes& data);
  void finish(std::optional<double> echo_ms);

  Loop& loop_;
  TurnLeg &near_, &far_;
  OnDone on_done_;
  std::map<std::string, Instant> sent_;  // each has another text: the round trip is that of one
  Timer again_, limit_;
};

}  // namespace turnout
