// The Socket.IO side of one connection at the server: into the namespace "/", out of it, events
// while inside. Other namespaces are refused, and clients without the server's token, if it has
// one. Pure: Engine.IO messages in, actions out.
#pragma once

#include "bots/signaling/wire/socket_io.h"
#include "pipelines/base/secret.h"

#include <string>
#include <variant>
#include <vector>

namespace turnout {

class SocketSession {
 public:
  static constexpr int kMostTokens = 3;  // that a client may try on one connection
  struct Reply {                         // as an Engine.IO message
    std::string text;
  };
  struct Entered {};
  struct Refused {};  // for its token; it has been told, and may try again until Broken follows
  struct Event {
    SocketPacket packet;
  };
  struct Left {};
  struct Broken {  // against the protocol: close the connection
    std::string why;
  };
  using Action = std::variant<Reply, Entered, Refused, Event, Left, Broken>;

  // `token`: what the client must send as {"token": ...} to come in; empty for nothing.
  explicit SocketSession(std::string id, Secret token = {})
      : id_(std::move(id)), token_(std::move(token)) {}

  std::vector<Action> take(const EnginePacket& message);
  const std::string& id() const { return id_; }

 private:
  std::vector<Action> connect(const SocketPacket& packet);

  const std::string id_;  // the socket id others see; not the Engine.IO session's
  const Secret token_;
  bool inside_ = false;
  int wrong_tokens_ = 0;
  SocketPacketReader reader_;
};

}  // namespace turnout
