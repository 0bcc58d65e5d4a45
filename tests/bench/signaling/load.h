// Many clients of one signaling server, in this process: they come in a ramp, find partners, and
// talk at a fixed rate whatever the server does (an open model: each message is due at an instant
// set beforehand, so that a slow server cannot slow its own measurement down). Meanwhile guests
// past the server's limit knock and must be told why they cannot come in.
//
// Threads: the loop's.
#pragma once

#include "bots/signaling/client/socket_io_client.h"
#include "pipelines/base/loop_group.h"
#include "tests/bench/signaling/figures.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace turnout::bench {

class Load {
 public:
  Load(Loop& loop, std::string url, const LoadOptions& options);

  void connect();  // all sockets
  void match();    // the pairs
  void talk();
  Figures& figures() { return figures_; }

 private:
  struct Bot {
    std::unique_ptr<SocketIoClient> client;
    Instant began{};  // to connect, or to look for a partner
    std::string partner;
    bool leads = false;  // sends first
  };

  void onEvent(Bot& bot, SocketIoClient::Event& event);
  void onMessage(Bot& bot, Instant at, const SocketIoClient::Message& message);
  void say(Bot& bot, std::size_t number, const char* word);
  void knock();
  // Calls `act` with 0, 1 .. count-1, each at its instant of `rate` a second.
  void pace(int count, int rate, const std::function<void(std::size_t, Instant due)>& act);

  Loop& loop_;
  LoopGroup loops_{loop_};  // of the bots: one loop would look at all sockets in every turn
  const std::string url_;
  const LoadOptions options_;
  Figures figures_;
  std::deque<Bot> bots_;
  std::vector<Bot*> leaders_;
  std::vector<Instant> due_;  // by number of the message
  std::size_t answered_ = 0;
  std::deque<std::unique_ptr<SocketIoClient>> guests_;
};

}  // namespace turnout::bench
