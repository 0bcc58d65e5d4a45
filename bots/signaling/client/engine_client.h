// One Engine.IO connection from the client's side, on libsoup: WebSocket at once, long polling alone,
// or long polling and then the upgrade, staying on polling where the upgrade is refused. Of protocol 4
// (Socket.IO 3 and 4) it answers pings and watches for them: none for pingInterval + pingTimeout means
// the server is gone. Of protocol 3 (Socket.IO 1 and 2) it sends them, and a pong is due. Cookies that
// the server sets are sent back, as a browser does: a load balancer may know its server by them.
//
// Threads: the loop's. Handlers run on it; they may call send() but not destroy the client.
// Destroying it ends the connection without a goodbye, as a browser tab that crashes.
#pragma once

#include "bots/signaling/wire/engine_io.h"
#include "pipelines/base/http/http_message.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/server_url.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

class EngineClient {
 public:
  struct Options {
    std::string url;  // of the server alone, engineOrigin()
    std::string path = "/socket.io/";
    std::string query{};  // more of it, percent-encoded: "token=x&v=2"
    std::vector<HttpHeader> headers{};
    std::vector<Secret> cookies{};  // "name=value"
    EngineStart start = EngineStart::kWebSocket;
    EngineProtocol protocol = EngineProtocol::kFour;
    TlsTrust tls{};
  };
  struct Handlers {
    std::function<void()> on_open;
    std::function<void(const EnginePacket& message)> on_message;
    std::function<void(const std::string& why)> on_close;  // once, last; perhaps within open()
  };
  enum class Transport { kPolling, kWebSocket };

  static std::shared_ptr<EngineClient> open(Loop& loop, const Options& options, Handlers handlers);
  virtual ~EngineClient() = default;

  virtual void send(EnginePacket message) = 0;  // after on_open; dropped after on_close
  // Ends the connection in order, after what was sent; on_close follows.
  virtual void finish() = 0;
  // Ends the connection by a TCP reset; nothing follows.
  virtual void reset() = 0;
  // While paused nothing passes, either way, pings included; it waits, in order.
  virtual void setPaused(bool is_paused) = 0;
  virtual Transport transport() const = 0;
  virtual const std::string& sessionId() const = 0;  // from on_open on
};

}  // namespace turnout
