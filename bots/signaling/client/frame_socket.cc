#include "bots/signaling/client/frame_socket.h"

#include <gio/gio.h>
#include <sys/socket.h>

namespace turnout {
namespace {

using SoupSocket = SoupWebsocketConnection;

// Closes the TCP socket under `stream` so that the far end sees a reset (SO_LINGER of zero).
void resetConnection(GIOStream* stream) {
  GSocket* socket = socketUnder(stream);
  if (!socket)
    return;
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(g_socket_get_fd(socket), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  g_socket_close(socket, nullptr);
}

std::string closeReason(SoupSocket* closed) {
  const char* said = soup_websocket_connection_get_close_data(closed);
  return "closed by the server, code " +
         std::to_string(soup_websocket_connection_get_close_code(closed)) +
         (said && *said ? std::string(" ") + said : "");
}

}  // namespace

FrameSocket::FrameSocket(Loop& loop, WebSocketDial::Options options, Handlers handlers)
    : loop_(loop), handlers_(std::make_shared<const Handlers>(std::move(handlers))) {
  dial_ = std::make_unique<WebSocketDial>(
      loop_, std::move(options),
      WebSocketDial::Handlers{[this](Ref<SoupSocket> socket) { onOpen(std::move(socket)); },
                              [this](const std::string& why) { onGone(why); }});
}

void FrameSocket::onOpen(Ref<SoupSocket> socket) {
  dial_.reset();
  socket_ = std::move(socket);
  on_frame_ = connect<void(SoupSocket*, gint, GBytes*)>(
      socket_.get(), "message", [this](SoupSocket*, gint type, GBytes* bytes) {
        gsize size = 0;
        const auto* data = static_cast<const char*>(g_bytes_get_data(bytes, &size));
        const std::string_view text(size ? data : "", size);
        const bool is_binary = type == SOUP_WEBSOCKET_DATA_BINARY;
        const auto handlers = handlers_;
        if (is_paused_)
          held_in_.emplace_back(text, is_binary);
        else
          handlers->on_frame(text, is_binary);
      });
  on_error_ = connect<void(SoupSocket*, GError*)>(
      socket_.get(), "error", [this](SoupSocket*, GError* error) { onGone(error->message); });
  on_closed_ = connect<void(SoupSocket*)>(
      socket_.get(), "closed", [this](SoupSocket* closed) { onGone(closeReason(closed)); });
  const auto handlers = handlers_;
  if (is_paused_)
    held_open_ = true;
  else
    handlers->on_open();
}

void FrameSocket::onGone(const std::string& why) {
  if (is_paused_) {  // of this, too, nothing can be known yet
    held_gone_ = why;
    return;
  }
  const std::string kept = why;
  const auto handlers = handlers_;
  forget();
  handlers->on_gone(kept);
}

void FrameSocket::forget() {
  const OnLoopContext on_loop(loop_);
  for (auto* signal : {&on_frame_, &on_error_, &on_closed_})
    signal->disconnect();
  dial_.reset();
  socket_.reset();
}

void FrameSocket::send(std::string_view data, bool is_binary) {
  if (is_paused_) {
    held_out_.emplace_back(data, is_binary);
    return;
  }
  if (!socket_ || soup_websocket_connection_get_state(socket_.get()) != SOUP_WEBSOCKET_STATE_OPEN)
    return;  // its "closed" is on the way
  const OnLoopContext on_loop(loop_);
  const auto bytes = Ref<GBytes>::adopt(g_bytes_new(data.data(), data.size()));
  soup_websocket_connection_send_message(
      socket_.get(), is_binary ? SOUP_WEBSOCKET_DATA_BINARY : SOUP_WEBSOCKET_DATA_TEXT,
      bytes.get());
}

void FrameSocket::close() {
  const OnLoopContext on_loop(loop_);
  if (socket_ && soup_websocket_connection_get_state(socket_.get()) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close(socket_.get(), SOUP_WEBSOCKET_CLOSE_NORMAL, nullptr);
}

void FrameSocket::reset() {
  if (socket_)
    resetConnection(soup_websocket_connection_get_io_stream(socket_.get()));
  forget();
}

void FrameSocket::setPaused(bool is_paused) {
  is_paused_ = is_paused;
  if (is_paused_)
    return;
  const std::weak_ptr<bool> alive = alive_;
  const auto handlers = handlers_;
  if (std::exchange(held_open_, false))
    handlers->on_open();
  if (alive.expired())
    return;
  for (const auto& [data, is_binary] : std::exchange(held_out_, {}))
    send(data, is_binary);
  for (const auto& [data, is_binary] : std::exchange(held_in_, {})) {
    handlers->on_frame(data, is_binary);
    if (alive.expired())
      return;
  }
  if (const auto gone = std::exchange(held_gone_, std::nullopt))
    onGone(*gone);
}

}  // namespace turnout
