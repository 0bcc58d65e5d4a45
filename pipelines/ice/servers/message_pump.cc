#include "pipelines/ice/servers/message_pump.h"

#include "pipelines/ice/hooks/early_indication.h"
#include "pipelines/ice/servers/turn_framing.h"

namespace turnout {

void MessagePump::read() {
  g_input_stream_read_async(
      g_io_stream_get_input_stream(ends_.from.get()), chunk_.data(), chunk_.size(),
      G_PRIORITY_DEFAULT, ends_.cancellable.get(),
      [](GObject*, GAsyncResult* result, gpointer pump) {
        static_cast<MessagePump*>(pump)->onRead(result);
      },
      this);
}

void MessagePump::onRead(GAsyncResult* result) {
  const gssize size =
      g_input_stream_read_finish(g_io_stream_get_input_stream(ends_.from.get()), result, nullptr);
  if (size <= 0)
    return on_end_();
  waiting_.insert(waiting_.end(), chunk_.begin(), chunk_.begin() + size);
  sortOut();
  if (passing_.empty())
    read();
  else
    write();
}

void MessagePump::sortOut() {
  std::span<const std::uint8_t> rest(waiting_);
  for (auto size = turnMessageSize(rest); size && *size <= rest.size();
       size = turnMessageSize(rest)) {
    const auto message = rest.first(*size);
    if (!drops_(message)) {
      passing_.insert(passing_.end(), message.begin(), message.end());
      const auto early = takeEarlyIndication(message);
      passing_.insert(passing_.end(), early.begin(), early.end());
    }
    rest = rest.subspan(*size);
  }
  waiting_.erase(waiting_.begin(), waiting_.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

void MessagePump::write() {
  g_output_stream_write_all_async(
      g_io_stream_get_output_stream(ends_.to.get()), passing_.data(), passing_.size(),
      G_PRIORITY_DEFAULT, ends_.cancellable.get(),
      [](GObject*, GAsyncResult* result, gpointer pump) {
        static_cast<MessagePump*>(pump)->onWritten(result);
      },
      this);
}

void MessagePump::onWritten(GAsyncResult* result) {
  if (!g_output_stream_write_all_finish(g_io_stream_get_output_stream(ends_.to.get()), result,
                                        nullptr, nullptr))
    return on_end_();
  passing_.clear();
  read();
}

}  // namespace turnout
