#include "pipelines/ice/hooks/packet_gate.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/ice/hooks/check_hooks.h"
#include "pipelines/ice/hooks/interposition.h"

#include <algorithm>
#include <array>

#include <gio/gio.h>

namespace turnout {
namespace {

bool isRtp(std::uint8_t first_byte) {
  return first_byte >= 128 && first_byte <= 191;
}
bool isChannelData(std::uint8_t first_byte) {
  return first_byte >= 64 && first_byte <= 79;
}

}  // namespace

bool isMediaPacket(std::span<const std::uint8_t> packet) {
  if (packet.empty())
    return false;
  if (isChannelData(packet[0]))
    return packet.size() > 4 && isRtp(packet[4]);
  return isRtp(packet[0]);
}

void PacketGate::set(const NetworkCondition& condition) {
  const std::lock_guard lock(mutex_);
  if (is_dead_)
    return;
  of(Way::kOut) = {condition.outgoing, Random(condition.seed, 2 * stream_)};
  of(Way::kIn) = {condition.incoming, Random(condition.seed, 2 * stream_ + 1)};
  is_open_ = condition.outgoing == LinkCondition{} && condition.incoming == LinkCondition{};
}

void PacketGate::closeForEver() {
  set(NetworkCondition::blackHole());
  const std::lock_guard lock(mutex_);
  is_dead_ = true;
}

bool PacketGate::isClosed(Way way) const {
  const std::lock_guard lock(mutex_);
  return links_[way == Way::kOut ? 0 : 1].condition.black_hole;
}

// libnice does not see an answer that is one too many, repeats its request and gives it up.
bool PacketGate::isOneTooMany(const TurnAnswer& answer) {
  constexpr int kMostRetries = 8;  // several permissions may meet one change of nonce
  if (answer.error_code == 0)
    retries_ = 0;
  const bool is_final =
      answer.error_code != 0 && (!answer.isRetried() || ++retries_ > kMostRetries);
  if (is_final && answer.stage == ServerStage::kPermission && on_refusal_ &&
      !has_refused_.exchange(true))
    on_refusal_(answer);
  return is_final && answer.isRetried();
}

bool PacketGate::takes(Way way, std::span<const std::uint8_t> packet, Carrier carrier) {
  if (way == Way::kIn) {
    if (const auto answer = turnAnswer(packet); answer && isOneTooMany(*answer))
      return true;
  }
  if (is_open_.load(std::memory_order_acquire))
    return false;
  const std::lock_guard lock(mutex_);
  Link& link = of(way);
  if (link.condition.black_hole)
    return true;
  const PacketLoss& loss = link.condition.loss;
  if (loss.percent <= 0)
    return false;
  const bool only_media = loss.of == PacketLoss::Of::kMedia || carrier == Carrier::kStream;
  if (only_media && !isMediaPacket(packet))
    return false;
  return link.chance.uniform() * 100 < loss.percent;
}

namespace {

// RFC 8489 5, 6, 14; RFC 8656 17.
constexpr std::size_t kHeaderSize = 20, kAttributeHeaderSize = 4;
constexpr unsigned kErrorCode = 0x0009;

unsigned numberAt(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<unsigned>(bytes[at] << 8 | bytes[at + 1]);
}

// RFC 8656 17; the class of the message lies in two bits of the type (RFC 8489 5).
std::optional<TurnAnswer> answerOf(unsigned type) {
  constexpr unsigned kSuccess = 0x0100, kError = 0x0110;
  constexpr unsigned kRefresh = 0x0004, kCreatePermission = 0x0008, kChannelBind = 0x0009;
  if ((type & 0xfff0) != kSuccess && (type & 0xfff0) != kError)
    return std::nullopt;
  switch (type & 0x000f) {
    case kRefresh:
      return TurnAnswer{ServerStage::kAllocate};
    case kCreatePermission:
      return TurnAnswer{ServerStage::kPermission};
    case kChannelBind:
      return TurnAnswer{ServerStage::kChannel};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<TurnAnswer> turnAnswer(std::span<const std::uint8_t> packet) {
  if (packet.size() < kHeaderSize)
    return std::nullopt;
  auto answer = answerOf(numberAt(packet, 0));
  if (!answer || !(numberAt(packet, 0) & 0x0010))
    return answer;
  for (auto rest = packet.subspan(kHeaderSize); rest.size() >= kAttributeHeaderSize;) {
    const unsigned type = numberAt(rest, 0);
    const std::size_t size = numberAt(rest, 2);
    const auto value = rest.subspan(kAttributeHeaderSize);
    if (type == kErrorCode && size >= 4 && value.size() >= 4) {
      // 21 zero bits, hundreds, the rest, the reason phrase (RFC 8489 14.8).
      answer->error_code = (value[2] & 7) * 100 + value[3];
      const auto reason = value.first(std::min(size, value.size())).subspan(4);
      answer->reason.assign(reason.begin(), std::find(reason.begin(), reason.end(), 0));
      return answer;
    }
    rest = value.subspan(std::min((size + 3) / 4 * 4, value.size()));
  }
  return std::nullopt;  // an error without a code that we see
}

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
