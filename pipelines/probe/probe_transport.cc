#include "pipelines/probe/probe_transport.h"

#include "pipelines/ice/servers/server_connection.h"
#include "pipelines/stun/stun_message.h"

#include <array>
#include <optional>
#include <utility>

namespace turnout {
namespace {

constexpr std::size_t kChunk = 16 * 1024;

GPollableInputStream* inputOf(GIOStream* stream) {
  return G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(stream));
}
GPollableOutputStream* outputOf(GIOStream* stream) {
  return G_POLLABLE_OUTPUT_STREAM(g_io_stream_get_output_stream(stream));
}

Timer attach(GSource* source, GPollableSourceFunc call, gpointer data, Loop& loop) {
  g_source_set_callback(source, G_SOURCE_FUNC(call), data, nullptr);
  g_source_attach(source, loop.context());
  return Timer(Ref<GSource>::adopt(source));
}

bool wouldBlock(const Owned<GError>& error) {
  return g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

}  // namespace

void UdpTransport::listen(Handlers handlers) {
  socket_->listen(
      {[this, on_message = std::move(handlers.on_message)](const sockaddr_storage&, auto message) {
         if (!is_ended_)
           on_message(message);
       },
       [this, on_end = std::move(handlers.on_end)](const GError& error) {
         if (!std::exchange(is_ended_, true))
           on_end({serverFaultOf(error), errorCause(error.message)});
       }});
}

StreamTransport::StreamTransport(Loop& loop, Ref<GIOStream> stream)
    : loop_(loop), stream_(std::move(stream)) {}

void StreamTransport::listen(Handlers handlers) {
  handlers_ = std::move(handlers);
  const GPollableSourceFunc readable = [](GObject*, gpointer self) -> gboolean {
    static_cast<StreamTransport*>(self)->onReadable();
    return G_SOURCE_CONTINUE;
  };
  input_ = attach(g_pollable_input_stream_create_source(inputOf(stream_.get()), nullptr), readable,
                  this, loop_);
}

void StreamTransport::send(std::span<const std::uint8_t> message) {
  unsent_.insert(unsent_.end(), message.begin(), message.end());
  flush();
}

void StreamTransport::flush() {
  output_.cancel();
  while (!is_ended_ && !unsent_.empty()) {
    Owned<GError> error;
    const gssize sent = g_pollable_output_stream_write_nonblocking(
        outputOf(stream_.get()), unsent_.data(), unsent_.size(), nullptr, error.out());
    if (sent >= 0) {
      unsent_.erase(unsent_.begin(), unsent_.begin() + sent);
      continue;
    }
    if (!wouldBlock(error))
      return end({serverFaultOf(*error.get()), errorCause(error->message)});
    const GPollableSourceFunc writable = [](GObject*, gpointer self) -> gboolean {
      static_cast<StreamTransport*>(self)->flush();
      return G_SOURCE_REMOVE;
    };
    output_ = attach(g_pollable_output_stream_create_source(outputOf(stream_.get()), nullptr),
                     writable, this, loop_);
    return;
  }
}

void StreamTransport::onReadable() {
  while (!is_ended_) {
    std::array<std::uint8_t, kChunk> chunk;
    Owned<GError> error;
    const gssize size = g_pollable_input_stream_read_nonblocking(
        inputOf(stream_.get()), chunk.data(), chunk.size(), nullptr, error.out());
    if (size < 0 && wouldBlock(error))
      return;
    if (size <= 0)
      return end(size < 0 ? TransportEnd{serverFaultOf(*error.get()), errorCause(error->message)}
                          : TransportEnd{ServerFault::kClosed, {}});
    received_.insert(received_.end(), chunk.begin(), chunk.begin() + size);
    cutMessages();
  }
}

void StreamTransport::cutMessages() {
  std::size_t begin = 0;
  while (!is_ended_) {
    const std::span<const std::uint8_t> rest(received_.data() + begin, received_.size() - begin);
    const auto size = turnMessageSize(rest);
    if (!size || *size > rest.size())
      break;
    begin += *size;
    handlers_.on_message(rest.first(*size));
  }
  received_.erase(received_.begin(), received_.begin() + static_cast<std::ptrdiff_t>(begin));
}

void StreamTransport::end(TransportEnd why) {
  if (std::exchange(is_ended_, true))
    return;
  input_.cancel();
  output_.cancel();
  handlers_.on_end(why);
}

}  // namespace turnout
