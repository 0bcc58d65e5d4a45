#include "pipelines/base/http/acceptor.h"

#include "pipelines/base/http/soup_call.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace turnout {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAtOnce = 64;         // before others get their turn of the loop
constexpr Duration kPause = 100ms;  // when the system has nothing left to accept with

constexpr const char* kSocketKey = "turnout-socket";

Ref<GSocket> listeningSocket(GSocketAddress* address, Owned<GError>& error) {
  auto socket =
      Ref<GSocket>::adopt(g_socket_new(g_socket_address_get_family(address), G_SOCKET_TYPE_STREAM,
                                       G_SOCKET_PROTOCOL_TCP, error.out()));
  if (!socket)
    return {};
  g_socket_set_blocking(socket.get(), FALSE);
  g_socket_set_listen_backlog(socket.get(), kBacklog);
  if (!g_socket_bind(socket.get(), address, TRUE, error.out()) ||
      !g_socket_listen(socket.get(), error.out()))
    return {};
  return socket;
}

}  // namespace

Result<std::unique_ptr<Acceptor>> Acceptor::listen(Loop& loop, LoopGroup& loops, SoupServer* server,
                                                   const std::string& address, int port) {
  const auto where = Ref<GSocketAddress>::adopt(
      g_inet_socket_address_new_from_string(address.c_str(), static_cast<guint>(port)));
  if (!where)
    return Error{ErrorCode::kUsage, "not an IP address to listen on: " + address};
  Owned<GError> error;
  auto socket = listeningSocket(where.get(), error);
  if (!socket)
    return Error{ErrorCode::kEnvironment, "cannot listen on " + address + " port " +
                                              std::to_string(port) + ": " + error->message};
  std::unique_ptr<Acceptor> acceptor(new Acceptor(loop, loops, server, std::move(socket)));
  acceptor->watch();
  return acceptor;
}

int Acceptor::port() const {
  const auto bound = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket_.get(), nullptr));
  return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get()));
}

void Acceptor::watch() {
  auto source = Ref<GSource>::adopt(g_socket_create_source(socket_.get(), G_IO_IN, nullptr));
  const GSocketSourceFunc on_ready = [](GSocket*, GIOCondition, gpointer self) -> gboolean {
    static_cast<Acceptor*>(self)->acceptSome();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(source.get(), G_SOURCE_FUNC(on_ready), this, nullptr);
  g_source_attach(source.get(), loop_.context());
  watch_ = Timer(std::move(source));
}

void Acceptor::acceptSome() {
  for (int i = 0; i < kAtOnce; i++) {
    Owned<GError> error;
    auto connection = Ref<GSocket>::adopt(g_socket_accept(socket_.get(), nullptr, error.out()));
    if (connection) {
      hand(std::move(connection));
      continue;
    }
    // The others go by themselves: nobody there, or a client that went while it waited.
    if (!g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) &&
        !g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED)) {
      pauses_++;
      watch_.cancel();
      pause_ = loop_.after(kPause, [this] { watch(); });
    }
    return;
  }
}

void Acceptor::hand(Ref<GSocket> socket) {
  const OnLoopContext on_loop(loops_.next());
  const auto local = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket.get(), nullptr));
  const auto remote =
      Ref<GSocketAddress>::adopt(g_socket_get_remote_address(socket.get(), nullptr));
  g_socket_set_option(socket.get(), IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
  const auto connection =
      Ref<GSocketConnection>::adopt(g_socket_connection_factory_create_connection(socket.get()));
  if (!remote)  // it has gone already
    return;
  // What libsoup keeps of ours as long as the connection is the address.
  g_object_set_data_full(G_OBJECT(remote.get()), kSocketKey, socket.release(),
                         [](gpointer kept) { Ref<GSocket>::adopt(static_cast<GSocket*>(kept)); });
  soup_server_accept_iostream(server_, G_IO_STREAM(connection.get()), local.get(), remote.get(),
                              nullptr);
}

GSocket* socketOf(SoupServerMessage* message) {
  GSocketAddress* remote = soup_server_message_get_remote_address(message);
  return static_cast<GSocket*>(g_object_get_data(G_OBJECT(remote), kSocketKey));
}

}  // namespace turnout
