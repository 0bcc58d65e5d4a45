#include "pipelines/ice/hooks/packet_gate.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/ice/hooks/check_hooks.h"
#include "pipelines/ice/hooks/interposition.h"
#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>
#include <vector>

#include <gio/gio.h>
#include <netinet/in.h>

namespace turnout {
namespace {

bool isRtp(std::uint8_t first_byte) {
  return first_byte >= 128 && first_byte <= 191;
}
bool isChannelData(std::uint8_t first_byte) {
  return first_byte >= 64 && first_byte <= 79;
}

// In a channel, or in a Send or Data indication (RFC 8656 17).
bool isRelayed(std::span<const std::uint8_t> packet) {
  if (packet.size() < 2)
    return false;
  return isChannelData(packet[0]) || (packet[0] == 0 && (packet[1] == 0x16 || packet[1] == 0x17));
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
  if (is_final && answer.stage != ServerStage::kAllocate && on_refusal_ &&
      !has_refused_.at(answer.stage == ServerStage::kChannel ? 1 : 0).exchange(true))
    on_refusal_(answer);
  return is_final && answer.isRetried();
}

bool PacketGate::isGivenUp(const std::string& server) const {
  const std::lock_guard lock(mutex_);
  return given_up_.contains(server);
}

bool PacketGate::drops(Way way, std::span<const std::uint8_t> packet, Carrier carrier,
                       const ServerName& server) {
  if (way == Way::kIn) {
    const auto answer = turnAnswer(packet);
    if (answer && isOneTooMany(*answer))
      return true;
    const bool is_refusal = answer && answer->stage == ServerStage::kChannel &&
                            answer->error_code != 0 && !answer->isRetried();
    if (is_refusal && server) {
      const std::lock_guard lock(mutex_);
      given_up_.insert(server());
      has_given_up_ = true;
    }
  }
  if (has_given_up_ && server && isRelayed(packet) && isGivenUp(server()))
    return true;
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

// What is known of a socket of libnice's.
struct Gated {
  Gate gate;
  std::atomic<bool> is_routed{false};
};

GQuark gateQuark() {
  static const GQuark quark = g_quark_from_static_string("turnout-packet-gate");
  return quark;
}

Gated* gatedOf(GSocket* socket) {
  return static_cast<Gated*>(g_object_get_qdata(G_OBJECT(socket), gateQuark()));
}

void giveGate(GSocket* socket, const Gate& gate) {
  g_object_set_qdata_full(G_OBJECT(socket), gateQuark(), new Gated{gate},
                          [](gpointer data) { delete static_cast<Gated*>(data); });
}

// libnice names the interface that each IPv4 socket sends by, and then Linux takes an address without
// a route for a neighbour on that wire. Browsers leave it to the routes, which may well say no.
void leaveToRoutes(Gated& socket, GSocket* of) {
  if (!socket.is_routed.exchange(true) && g_socket_get_family(of) == G_SOCKET_FAMILY_IPV4)
    g_socket_set_option(of, IPPROTO_IP, IP_UNICAST_IF, 0, nullptr);
}

std::string textOf(GSocketAddress* address) {
  sockaddr_storage native{};
  if (!address || !g_socket_address_to_native(address, &native, sizeof native, nullptr))
    return {};
  return socketAddressText(native);
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

// A packet that goes once more, on the thread that sent it first.
class Repeat {
 public:
  Repeat(GSocket* socket, GSocketAddress* address, std::vector<std::uint8_t> bytes, guint after_ms)
      : socket_(Ref<GSocket>::share(socket)),
        address_(Ref<GSocketAddress>::share(address)),
        bytes_(std::move(bytes)) {
    const auto timer = Ref<GSource>::adopt(g_timeout_source_new(after_ms));
    g_source_set_callback(
        timer.get(),
        [](gpointer self) -> gboolean {
          static_cast<Repeat*>(self)->send();
          return G_SOURCE_REMOVE;
        },
        this, [](gpointer self) { delete static_cast<Repeat*>(self); });
    g_source_attach(timer.get(), g_main_context_get_thread_default());
  }

 private:
  void send() {
    GOutputVector packet{bytes_.data(), bytes_.size()};
    if (!g_socket_is_closed(socket_.get()))
      g_socket_send_message(socket_.get(), address_.get(), &packet, 1, nullptr, 0, 0, nullptr,
                            nullptr);  // ours: its gate takes what it must
  }

  const Ref<GSocket> socket_;
  const Ref<GSocketAddress> address_;
  std::vector<std::uint8_t> bytes_;
};

// The other end may ask for its permission a moment after us: without it the first one does not get
// through, and another would come a round trip later. libwebrtc says it again each 50 ms.
constexpr std::array kEarlyAgainAfter_ms{50u, 150u};

// The kernel did not take it: no route at this moment, a firewall of this machine. libnice gives a
// pair up at once then, while browsers take it for a packet that was lost and ask again. What a server
// is asked first fails all the same, so that it is told at once.
bool countsAsLost(const GError& failure, std::span<const std::uint8_t> packet) {
  const bool is_allocate = packet.size() >= 2 && packet[0] == 0x00 && packet[1] == 0x03;
  return !is_allocate && !g_error_matches(&failure, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK) &&
         !g_error_matches(&failure, G_IO_ERROR, G_IO_ERROR_CLOSED);
}

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
  Gated* const gated = gatedOf(socket);
  if (!gated)
    return real(socket, address, vectors, num_vectors, messages, num_messages, flags, cancellable,
                error);
  leaveToRoutes(*gated, socket);
  gsize size = 0;
  for (gint i = 0; i < num_vectors; ++i)
    size += vectors[i].size;
  const Head head(vectors, num_vectors, size);
  if (gated->gate->drops(PacketGate::Way::kOut, head.bytes(), PacketGate::Carrier::kDatagram,
                         [address] { return textOf(address); }))
    return static_cast<gssize>(size);
  if (RequestBudget* const budget = gated->gate->budget(); budget && isStunRequest(head.bytes()))
    budget->countTo(textOf(address), now());
  Owned<GError> failure;
  const gssize sent = real(socket, address, vectors, num_vectors, messages, num_messages, flags,
                           cancellable, failure.out());
  if (failure && countsAsLost(*failure.get(), head.bytes()))
    return static_cast<gssize>(size);
  if (failure)
    g_propagate_error(error, failure.release());
  if (const auto early = takeEarlyIndication(head.bytes()); !early.empty() && sent > 0) {
    GOutputVector packet{early.data(), early.size()};
    real(socket, address, &packet, 1, nullptr, 0, 0, cancellable, nullptr);
    for (const guint after_ms : kEarlyAgainAfter_ms)
      new Repeat(socket, address, early, after_ms);  // its timer owns it
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
  const Gated* const gated = gatedOf(socket);
  const gint flags_wanted = flags ? *flags : 0;
  while (true) {
    const gssize size = real(socket, address, vectors, num_vectors, messages, num_messages, flags,
                             cancellable, error);
    if (!gated || size <= 0 ||
        !gated->gate->drops(PacketGate::Way::kIn,
                            Head(vectors, num_vectors, static_cast<gsize>(size)).bytes(),
                            PacketGate::Carrier::kDatagram,
                            [address] { return address ? textOf(*address) : std::string(); }))
      return size;
    if (address)
      g_clear_object(address);
    if (flags)
      *flags = flags_wanted;
  }
}
}  // extern "C"
