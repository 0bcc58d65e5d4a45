// The connection to an app's server that a dialect speaks over, whatever it is made of: a Socket.IO
// namespace, or a plain WebSocket with a JSON value in each message. Events with arguments and
// acknowledgements pass; what they mean is the dialect's.
//
// Threads: one loop, given at creation; events come on it as values and never after the destructor.
// Destroying it drops the connection without a goodbye.
#pragma once

#include "bots/signaling/dialect/dialect_session.h"
#include "pipelines/base/http/http_message.h"
#include "pipelines/base/loop.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

class AppWire {
 public:
  // Everything filled in, nothing a template any more.
  struct Address {
    std::string origin;  // "http://host:port"
    std::string path;    // of the WebSocket, or of Engine.IO
    std::string query;   // percent-encoded, without "?"
    std::vector<HttpHeader> headers;
    std::vector<Secret> cookies;                  // "name=value"
    std::string nsp = "/";                        // Socket.IO: the namespace
    std::string auth;                             // Socket.IO: a JSON object, or empty
    EngineStart start = EngineStart::kWebSocket;  // Socket.IO
    TlsTrust tls;
  };

  struct Connected {
    std::string id;  // of our socket; empty: a plain WebSocket has none
  };
  struct TurnedAway {  // by the server, from its namespace; nothing more will come
    std::string message;
  };
  struct Acknowledged {
    std::uint64_t ack = 0;  // Emit::ack
    std::vector<JsonValue> arguments;
  };
  struct Gone {  // nothing more will come
    std::string why;
  };
  struct Event {
    Instant at;
    std::variant<Connected, TurnedAway, DialectSession::Heard, Acknowledged, Gone> body;
  };
  using OnEvent = std::function<void(Event)>;

  static std::unique_ptr<AppWire> open(Loop& loop, const DialectTransport& transport,
                                       Address address, OnEvent on_event);
  virtual ~AppWire() = default;

  virtual void send(const DialectSession::Emit& emit) = 0;
  virtual void sayGoodbye() = 0;   // Gone follows
  virtual void closeSocket() = 0;  // no goodbye of the protocol's; Gone follows
  virtual void resetSocket() = 0;  // nothing follows
  virtual void setPaused(bool is_paused) = 0;
};

}  // namespace turnout
