// The listening socket of a server: takes connections and gives each to libsoup on the next of many
// loops. Not soup_server_listen(), which keeps all connections on one loop and has a backlog of 10,
// which makes a crowd wait for TCP to try again, a second.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/loop_group.h"
#include "pipelines/base/result.h"

#include <cstdint>
#include <memory>
#include <string>

#include <libsoup/soup.h>

namespace turnout {

class Acceptor {
 public:
  // `address`: an IP literal. `server` and `loops` must outlive the Acceptor.
  static Result<std::unique_ptr<Acceptor>> listen(Loop& loop, LoopGroup& loops, SoupServer* server,
                                                  const std::string& address, int port);
  ~Acceptor() = default;
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;

  int port() const;
  // Times that the system had no descriptor or memory left; those who knock wait meanwhile.
  std::uint64_t pauses() const { return pauses_; }

 private:
  Acceptor(Loop& loop, LoopGroup& loops, SoupServer* server, Ref<GSocket> socket)
      : loop_(loop), loops_(loops), server_(server), socket_(std::move(socket)) {}
  void watch();
  void acceptSome();
  void hand(Ref<GSocket> connection);

  Loop& loop_;
  LoopGroup& loops_;
  SoupServer* const server_;
  Ref<GSocket> socket_;
  std::uint64_t pauses_ = 0;
  Timer watch_;  // of the socket; a Timer only in that it owns a source
  Timer pause_;
};

// Of the connection that a message came on. libsoup tells that only of connections it accepted.
GSocket* socketOf(SoupServerMessage* message);

}  // namespace turnout
