#include "tests/support/tcp_listener.h"

#include <array>

#include <gio/gio.h>

namespace turnout {

TcpListener::TcpListener(Loop& loop) {
  g_main_context_push_thread_default(loop.context());
  service_ = Ref<GSocketService>::adopt(g_socket_service_new());
  port_ = g_socket_listener_add_any_inet_port(G_SOCKET_LISTENER(service_.get()), nullptr, nullptr);
  incoming_ = connect<gboolean(GSocketService*, GSocketConnection*, GObject*)>(
      service_.get(), "incoming",
      [this](GSocketService*, GSocketConnection* connection, GObject*) -> gboolean {
        std::array<std::uint8_t, 256> bytes{};
        const gssize size =
            g_input_stream_read(g_io_stream_get_input_stream(G_IO_STREAM(connection)), bytes.data(),
                                bytes.size(), nullptr, nullptr);
        if (size > 0 && received_.empty())
          received_.assign(bytes.begin(), bytes.begin() + size);
        return TRUE;
      });
  g_main_context_pop_thread_default(loop.context());
}

TcpListener::~TcpListener() {
  g_socket_service_stop(service_.get());
  g_socket_listener_close(G_SOCKET_LISTENER(service_.get()));
}

}  // namespace turnout
