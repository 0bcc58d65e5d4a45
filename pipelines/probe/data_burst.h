// A second of data at a fixed rate from one allocation to another: what of it arrives, and how
// fast.
//
// Threads: the loop's. The handler may not destroy the burst.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/probe/probe_report.h"
#include "pipelines/probe/turn_leg.h"

#include <functional>

namespace turnout {

class DataBurst {
 public:
  static constexpr std::size_t kPacketSize = 1100;  // bytes; fits any path, TURN's header included
  static constexpr int kPackets = 500;              // in kLength: 4.4 Mbit/s, a good 720p call
  static constexpr Duration kLength = 1s;
  static constexpr Duration kTail = 300ms;  // for what is still on its way

  using OnDone = std::function<void(const ProbeBurst&)>;

  DataBurst(Loop& loop, TurnLeg& from, TurnLeg& to, OnDone on_done);

 private:
  void sendDue();
  void onArrival();
  void finish();

  Loop& loop_;
  TurnLeg &from_, &to_;
  OnDone on_done_;
  const Instant began_;
  const Bytes packet_ = Bytes(kPacketSize);
  int sent_ = 0, arrived_ = 0;
  Instant first_arrival_, last_arrival_;
  Timer tick_, tail_;
};

}  // namespace turnout
