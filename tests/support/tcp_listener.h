// A TCP server on a free loopback port that takes one connection, keeps the first bytes it gets and
// closes. Runs on the test's loop.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/signal.h"

#include <cstdint>
#include <vector>

namespace turnout {

class TcpListener {
 public:
  explicit TcpListener(Loop& loop);
  ~TcpListener();
  TcpListener(const TcpListener&) = delete;
  TcpListener& operator=(const TcpListener&) = delete;

  std::uint16_t port() const { return port_; }
  const std::vector<std::uint8_t>& received() const { return received_; }

 private:
  Ref<GSocketService> service_;
  SignalConnection incoming_;
  std::uint16_t port_ = 0;
  std::vector<std::uint8_t> received_;
};

}  // namespace turnout
