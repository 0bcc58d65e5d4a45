// The signaling server of turnout: Socket.IO v4 with the room application of docs/PROTOCOL.md, for
// our bots and for any socket.io client.
//
// Threads: one loop, given at start; everything happens on it.
#pragma once

#include "bots/signaling/engine_server.h"
#include "bots/signaling/room_app.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"

#include <cstdint>
#include <memory>
#include <string>

namespace turnout {

struct SignalingServerOptions {
  EngineServer::Options engine;   // address, port, limits, ping times
  std::size_t room_capacity = 8;  // members of one room
};

class SignalingServer {
 public:
  struct Stats {
    EngineServer::Stats engine;
    RoomApp::Stats room;
    std::uint64_t broken_connections = 0;              // closed for speaking against Socket.IO
    std::size_t sessions = 0, rooms = 0, members = 0;  // now
  };

  static Result<std::unique_ptr<SignalingServer>> start(Loop& loop,
                                                        SignalingServerOptions options = {});
  virtual ~SignalingServer() = default;  // drops every connection without a goodbye

  virtual int port() const = 0;
  virtual std::string url() const = 0;  // "http://127.0.0.1:41234"
  virtual Stats stats() const = 0;
};

}  // namespace turnout
