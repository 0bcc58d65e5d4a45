#include "pipelines/ice/hooks/socket_hook.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/ice/hooks/early_indication.h"
#include "pipelines/ice/hooks/interposed.h"

#include <algorithm>
#include <array>

#include <gio/gio.h>

namespace turnout {
namespace {

using Gate = std::shared_ptr<PacketGate>;

thread_local const Gate* gate_for_new_sockets = nullptr;

GQuark gateQuark() {
  static const GQuark quark = g_quark_from_static_string("turnout-packet-gate");
  return quark;
}

PacketGate* gateOf(GSocket* socket) {
  const auto* gate = static_cast<Gate*>(g_object_get_qdata(G_OBJECT(socket), gateQuark()));
  return gate ? gate->get() : nullptr;
}

void giveGate(GSocket* socket, const Gate& gate) {
  g_object_set_qdata_full(G_OBJECT(socket), gateQuark(), new Gate(gate),
                          [](gpointer data) { delete static_cast<Gate*>(data); });
}

// As much of a packet as its gate looks at. `Vector` is GInputVector or GOutputVector.
class Head {
 public:
  template <class Vector>
  Head(const Vector* vectors, gint count, gsize packet_size) {
    for (gint i = 0; i < count; ++i) {
      const auto* bytes = static_cast<const std::uint8_t*>(vectors[i].buffer);
      const gsize room = std::min(bytes_.size(), packet_size) - size_;
      const gsize copied = std::min<gsize>(vectors[i].size, room);
      std::copy_n(bytes, copied, bytes_.begin() + size_);
      size_ += copied;
    }
  }
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), size_}; }

 private:
  std::array<std::uint8_t, PacketGate::kHead> bytes_;  // the first size_ of them
  gsize size_ = 0;
};

}  // namespace

GateForNewSockets::GateForNewSockets(const Gate& gate) {
  gate_for_new_sockets = &gate;
}
GateForNewSockets::~GateForNewSockets() {
  gate_for_new_sockets = nullptr;
}

Result<Done> checkSocketHook() {
  if (isInterposed("g_socket_new", &g_socket_new) &&
      isInterposed("g_socket_send_message", &g_socket_send_message) &&
      isInterposed("g_socket_receive_message", &g_socket_receive_message))
    return Done{};
  return Error{ErrorCode::kInternal,
               "the network cannot be disturbed: g_socket_* are not interposed; link the "
               "executable with turnout_ice's link options"};
}

}  // namespace turnout

// The signatures are GIO's (gio/gsocket.h).
extern "C" {

__attribute__((visibility("default"))) GSocket* g_socket_new(GSocketFamily family, GSocketType type,
                                                             GSocketProtocol protocol,
                                                             GError** error) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real = realFunction<decltype(g_socket_new)>("g_socket_new");
  GSocket* socket = real(family, type, protocol, error);
  if (socket && type == G_SOCKET_TYPE_DATAGRAM && gate_for_new_sockets)
    giveGate(socket, *gate_for_new_sockets);
  return socket;
}

__attribute__((visibility("default"))) gssize g_socket_send_message(
    GSocket* socket, GSocketAddress* address, GOutputVector* vectors, gint num_vectors,
    GSocketControlMessage** messages, gint num_messages, gint flags, GCancellable* cancellable,
    GError** error) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real = realFunction<decltype(g_socket_send_message)>("g_socket_send_message");
  PacketGate* const gate = gateOf(socket);
  if (!gate)
    return real(socket, address, vectors, num_vectors, messages, num_messages, flags, cancellable,
                error);
  gsize size = 0;
  for (gint i = 0; i < num_vectors; ++i)
    size += vectors[i].size;
  const Head head(vectors, num_vectors, size);
  if (gate->takes(PacketGate::Way::kOut, head.bytes(), PacketGate::Carrier::kDatagram))
    return static_cast<gssize>(size);
  const gssize sent = real(socket, address, vectors, num_vectors, messages, num_messages, flags,
                           cancellable, error);
  if (const auto early = takeEarlyIndication(head.bytes()); !early.empty() && sent > 0) {
    GOutputVector packet{early.data(), early.size()};
    real(socket, address, &packet, 1, nullptr, 0, 0, cancellable, nullptr);
  }
  return sent;
}

__attribute__((visibility("default"))) gssize g_socket_receive_message(
    GSocket* socket, GSocketAddress** address, GInputVector* vectors, gint num_vectors,
    GSocketControlMessage*** messages, gint* num_messages, gint* flags, GCancellable* cancellable,
    GError** error) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real =
      realFunction<decltype(g_socket_receive_message)>("g_socket_receive_message");
  PacketGate* gate = gateOf(socket);
  const gint flags_wanted = flags ? *flags : 0;
  while (true) {
    const gssize size = real(socket, address, vectors, num_vectors, messages, num_messages, flags,
                             cancellable, error);
    if (!gate || size <= 0 ||
        !gate->takes(PacketGate::Way::kIn,
                     Head(vectors, num_vectors, static_cast<gsize>(size)).bytes(),
                     PacketGate::Carrier::kDatagram))
      return size;
    if (address)
      g_clear_object(address);
    if (flags)
      *flags = flags_wanted;
  }
}

}  // extern "C"
