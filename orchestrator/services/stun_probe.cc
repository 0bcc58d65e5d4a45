#include "orchestrator/services/stun_probe.h"

#include <array>
#include <cstring>

namespace turnout {
namespace {

constexpr auto kInterval = 10ms;

// Type 0x0001, length 0, magic cookie, a transaction id. Only this socket sees the answer.
constexpr std::array<char, 20> kBindingRequest{0,    1,   0,   0,   0x21, 0x12, char(0xa4),
                                               0x42, 't', 'u', 'r', 'n',  'o',  'u',
                                               't',  ' ', 'p', 'r', 'o',  'b'};

Error ioError(const char* what, const Owned<GError>& error) {
  return {ErrorCode::kIo, std::string(what) + ": " + error->message};
}

}  // namespace

Result<std::unique_ptr<StunProbe>> StunProbe::start(Loop& loop, std::uint16_t port,
                                                    std::function<void()> on_answer) {
  Owned<GError> error;
  auto socket = Ref<GSocket>::adopt(g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                                 G_SOCKET_PROTOCOL_UDP, error.out()));
  if (!socket)
    return ioError("no UDP socket", error);
  g_socket_set_blocking(socket.get(), FALSE);
  const auto address =
      Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", port));
  if (!g_socket_connect(socket.get(), address.get(), nullptr, error.out()))
    return ioError("UDP to 127.0.0.1", error);

  std::unique_ptr<StunProbe> probe(new StunProbe(std::move(socket), std::move(on_answer)));
  StunProbe* self = probe.get();
  probe->again_ = loop.every(kInterval, [self] { self->ask(); });
  GSource* source = g_socket_create_source(self->socket_.get(), G_IO_IN, nullptr);
  const GSocketSourceFunc call = [](GSocket*, GIOCondition, gpointer data) -> gboolean {
    static_cast<StunProbe*>(data)->onReadable();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(source, G_SOURCE_FUNC(call), self, nullptr);
  g_source_attach(source, loop.context());
  probe->input_ = Timer(Ref<GSource>::adopt(source));
  return probe;
}

StunProbe::StunProbe(Ref<GSocket> socket, std::function<void()> on_answer)
    : socket_(std::move(socket)), on_answer_(std::move(on_answer)) {}

// Errors are the port unreachable of a server that is not there yet.
void StunProbe::ask() {
  g_socket_send(socket_.get(), kBindingRequest.data(), kBindingRequest.size(), nullptr, nullptr);
}

void StunProbe::onReadable() {
  std::array<char, 512> answer;
  const gssize size =
      g_socket_receive(socket_.get(), answer.data(), answer.size(), nullptr, nullptr);
  constexpr std::size_t kIdOffset = 4, kIdSize = 16;  // magic cookie and transaction id
  if (size < static_cast<gssize>(kBindingRequest.size()) ||
      std::memcmp(&answer[kIdOffset], &kBindingRequest[kIdOffset], kIdSize) != 0)
    return;
  const auto on_answer = std::move(on_answer_);
  again_.cancel();
  input_.cancel();
  on_answer();
}

}  // namespace turnout
