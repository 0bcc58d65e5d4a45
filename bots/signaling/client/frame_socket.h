// One WebSocket from the client's side: dialled at once, frames out, frames in. What Engine.IO and
// apps with plain WebSockets have in common: it can be paused, as a network that drops everything,
// and ended in ways that are no goodbye.
//
// Threads: the loop's. The receiver may destroy it inside any handler; none is called afterwards.
#pragma once

#include "pipelines/base/http/web_socket.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/signal.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace turnout {

class FrameSocket {
 public:
  struct Handlers {
    std::function<void()> on_open;
    std::function<void(std::string_view data, bool is_binary)> on_frame;
    std::function<void(const std::string& why)> on_gone;  // once, last: not opened, or closed
  };

  FrameSocket(Loop& loop, WebSocketDial::Options options, Handlers handlers);
  ~FrameSocket() { forget(); }
  FrameSocket(const FrameSocket&) = delete;
  FrameSocket& operator=(const FrameSocket&) = delete;

  bool isOpen() const { return socket_.get() != nullptr; }
  void send(std::string_view data, bool is_binary = false);  // dropped unless it is open
  void close();  // in order, by a close frame; on_gone follows
  void reset();  // by a TCP reset; nothing follows
  // While paused nothing passes, either way, not even that it has gone; it waits, in order.
  void setPaused(bool is_paused);

 private:
  void onOpen(Ref<SoupWebsocketConnection> socket);
  void onFrame(std::string_view data, bool is_binary);
  void onGone(const std::string& why);
  void forget();

  Loop& loop_;
  const std::shared_ptr<const Handlers> handlers_;  // one that runs may destroy us
  std::unique_ptr<WebSocketDial> dial_;
  Ref<SoupWebsocketConnection> socket_;
  SignalConnection on_frame_, on_error_, on_closed_;
  bool is_paused_ = false;
  using Frame = std::pair<std::string, bool>;  // and whether it is binary
  std::vector<Frame> held_out_, held_in_;
  bool held_open_ = false;
  std::optional<std::string> held_gone_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace turnout
