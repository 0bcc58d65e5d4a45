#include "pipelines/stun/udp_socket.h"

#include "pipelines/stun/socket_address.h"

#include <array>

namespace turnout {
namespace {

constexpr std::size_t kLargest = 2048;  // of what is received: more than any path carries

Ref<GSocketAddress> gioAddress(const sockaddr_storage& address) {
  sockaddr_storage copy = address;
  return Ref<GSocketAddress>::adopt(g_socket_address_new_from_native(&copy, sizeOf(address)));
}

sockaddr_storage nativeAddress(GSocketAddress* address) {
  sockaddr_storage native = {};
  g_socket_address_to_native(address, &native, sizeof(native), nullptr);
  return native;
}

Error ioError(const Owned<GError>& error) {
  return {ErrorCode::kIo, error->message};
}

}  // namespace

Result<std::unique_ptr<UdpSocket>> UdpSocket::make(Loop& loop, GSocketFamily family,
                                                   const std::string& local_address,
                                                   std::uint16_t port) {
  Owned<GError> error;
  auto socket = Ref<GSocket>::adopt(
      g_socket_new(family, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, error.out()));
  if (!socket)
    return ioError(error);
  g_socket_set_blocking(socket.get(), FALSE);
  const auto any = Ref<GInetAddress>::adopt(g_inet_address_new_any(family));
  const auto local = Ref<GSocketAddress>::adopt(
      local_address.empty() ? g_inet_socket_address_new(any.get(), port)
                            : g_inet_socket_address_new_from_string(local_address.c_str(), port));
  if (!g_socket_bind(socket.get(), local.get(), FALSE, error.out()))
    return ioError(error);

  std::unique_ptr<UdpSocket> udp(new UdpSocket(std::move(socket)));
  GSource* source = g_socket_create_source(udp->socket_.get(), G_IO_IN, nullptr);
  const GSocketSourceFunc call = [](GSocket*, GIOCondition, gpointer data) -> gboolean {
    static_cast<UdpSocket*>(data)->onReadable();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(source, G_SOURCE_FUNC(call), udp.get(), nullptr);
  g_source_attach(source, loop.context());
  udp->input_ = Timer(Ref<GSource>::adopt(source));
  return udp;
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::connectTo(Loop& loop, const sockaddr_storage& peer,
                                                        const std::string& local_address) {
  auto udp = make(loop, static_cast<GSocketFamily>(peer.ss_family), local_address, 0);
  if (!udp)
    return udp;
  Owned<GError> error;
  if (!g_socket_connect((*udp)->socket_.get(), gioAddress(peer).get(), nullptr, error.out()))
    return ioError(error);
  return udp;
}

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(Loop& loop, const std::string& local_address,
                                                   sa_family_t family, std::uint16_t port) {
  return make(loop, static_cast<GSocketFamily>(family), local_address, port);
}

void UdpSocket::send(const sockaddr_storage& to, std::span<const std::uint8_t> bytes) {
  sendTo(gioAddress(to).get(), bytes);
}

// What does not fit into the socket's buffer is lost, as anywhere on the way.
void UdpSocket::sendTo(GSocketAddress* to, std::span<const std::uint8_t> bytes) {
  Owned<GError> error;
  const gssize sent =
      g_socket_send_to(socket_.get(), to, reinterpret_cast<const char*>(bytes.data()), bytes.size(),
                       nullptr, error.out());
  if (sent < 0 && !g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) &&
      handlers_.on_error)
    handlers_.on_error(*error.get());
}

sockaddr_storage UdpSocket::localAddress() const {
  const auto local = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket_.get(), nullptr));
  return local ? nativeAddress(local.get()) : sockaddr_storage{};
}

void UdpSocket::onReadable() {
  for (;;) {
    std::array<char, kLargest> bytes;
    GSocketAddress* from = nullptr;
    Owned<GError> error;
    const gssize size = g_socket_receive_from(socket_.get(), &from, bytes.data(), bytes.size(),
                                              nullptr, error.out());
    const auto sender = Ref<GSocketAddress>::adopt(from);
    if (size < 0) {
      if (!g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) && handlers_.on_error)
        handlers_.on_error(*error.get());
      return;
    }
    if (handlers_.on_datagram)
      handlers_.on_datagram(
          sender ? nativeAddress(sender.get()) : sockaddr_storage{},
          {reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<std::size_t>(size)});
  }
}

}  // namespace turnout
