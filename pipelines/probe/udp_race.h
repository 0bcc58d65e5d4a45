// Which of a host's addresses answers over UDP: all are asked at one time (Binding), and the first
// that answers wins; what RFC 8305 is for TCP. When none answers in a second the first one is taken
// that has not refused: there are TURN servers that leave Binding alone.
//
// Threads: the loop's. The handler may not destroy the race.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/probe/udp_socket.h"
#include "pipelines/stun/stun_message.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

class UdpRace {
 public:
  static constexpr Duration kLength = 1s;

  struct Runner {
    std::string address;                // a literal
    std::unique_ptr<UdpSocket> socket;  // connected to it; null: refused
  };
  // Without a socket: all refused, and `why` is the last one's reason.
  using OnDone = std::function<void(Runner winner, const std::string& why)>;

  UdpRace(Loop& loop, std::vector<Runner> runners, OnDone on_done);

 private:
  void ask();
  void onMessage(std::size_t runner, std::span<const std::uint8_t> bytes);
  void onRefused(std::size_t runner, const std::string& why);
  void finish();

  Loop& loop_;
  std::vector<Runner> runners_;
  OnDone on_done_;
  StunCodec codec_;
  const StunCodec::Sent request_;
  std::vector<bool> is_out_;  // refused
  std::size_t winner_ = 0;    // so far
  bool has_answer_ = false;
  std::string why_;
  Timer again_, end_;
};

}  // namespace turnout
