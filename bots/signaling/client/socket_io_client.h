// A Socket.IO client of one namespace, for servers of Socket.IO 3 and 4 (Engine.IO 4), or 1 and 2 (3): connect, emit, acknowledgements, events.
//
// Threads: the loop's. Events are posted to it as values, so the receiver may destroy the client
// inside one; none comes after the destructor. Destroying it drops the connection without goodbye.
#pragma once

#include "bots/signaling/client/engine_client.h"
#include "bots/signaling/wire/socket_io.h"
#include "pipelines/base/mailbox.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

class SocketIoClient {
 public:
  struct Options {
    EngineClient::Options engine;
    std::string nsp = "/";   // the namespace
    std::string auth;        // a JSON object for the server's middleware, or empty
    Duration timeout = 20s;  // from connect() to Connected, as the original client
  };

  struct Connected {
    std::string id;  // our socket id
  };
  struct ConnectRefused {  // by the server, into this namespace; nothing more will come
    std::string message;
  };
  struct Message {  // an event the server sent
    std::string name;
    std::vector<JsonValue> arguments;
  };
  struct Acknowledged {
    std::uint64_t id;  // as emitWithAck() gave it
    std::vector<JsonValue> arguments;
  };
  struct Disconnected {  // nothing more will come
    std::string why;
  };
  struct Event {
    Instant at;
    std::variant<Connected, ConnectRefused, Message, Acknowledged, Disconnected> body;
  };
  using OnEvent = std::function<void(Event)>;

  SocketIoClient(Loop& loop, Options options, OnEvent on_event);  // connects at once
  ~SocketIoClient() = default;
  SocketIoClient(const SocketIoClient&) = delete;
  SocketIoClient& operator=(const SocketIoClient&) = delete;

  // `arguments`: JSON texts. Before Connected and after Disconnected they are dropped.
  void emit(std::string_view name, const std::vector<std::string>& arguments);
  std::uint64_t emitWithAck(std::string_view name, const std::vector<std::string>& arguments);
  void disconnect();  // says goodbye and closes; Disconnected follows
  void setPaused(bool is_paused) { engine_->setPaused(is_paused); }
  void closeSocket() { engine_->finish(); }  // without a goodbye; Disconnected follows
  void resetSocket() { engine_->reset(); }   // nothing follows
  EngineClient::Transport transport() const { return engine_->transport(); }

 private:
  enum class Phase { kConnecting, kConnected, kClosed };

  bool isOfThree() const { return options_.engine.protocol == EngineProtocol::kThree; }
  void enter();
  std::string idIn(const SocketPacket& packet) const;
  void onMessage(const EnginePacket& message);
  void onPacket(SocketPacket& packet);
  void sendText(const std::string& text);
  void finish(decltype(Event::body) last);
  void report(decltype(Event::body) body);

  const Options options_;
  Phase phase_ = Phase::kConnecting;
  std::uint64_t next_ack_ = 0;
  SocketPacketReader reader_;
  Mailbox<Event> events_;
  Timer timeout_;
  std::shared_ptr<EngineClient> engine_;  // shared with libsoup's callbacks, weakly
};

}  // namespace turnout
