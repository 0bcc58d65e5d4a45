// One Engine.IO connection from the client's side, on libsoup: WebSocket at once, or long polling
// and then the upgrade, staying on polling where the upgrade is refused. Answers pings and watches
// for them: none for pingInterval + pingTimeout means the server is gone.
//
// Threads: the loop's. Handlers run on it; they may call send() but not destroy the client.
// Destroying it ends the connection without a goodbye, as a browser tab that crashes.
#pragma once

#include "bots/signaling/wire/engine_io.h"
#include "pipelines/base/loop.h"

#include <functional>
#include <memory>
#include <string>

namespace turnout {

class EngineClient {
 public:
  enum class Start { kWebSocket, kPollingThenUpgrade };
  struct Options {
    std::string url;  // scheme http, https, ws or wss, host, port; nothing more
    std::string path = "/socket.io/";
    Start start = Start::kWebSocket;
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
  // Ends the connection in order, after what was sent; on_close follows. On polling it ends at
  // once.
  virtual void finish() = 0;
  // Ends the connection by a TCP reset; nothing follows.
  virtual void reset() = 0;
  // While paused nothing passes a WebSocket, either way, pings included; it waits, in order.
  // Polling is not paused.
  virtual void setPaused(bool is_paused) = 0;
  virtual Transport transport() const = 0;
};

}  // namespace turnout
