#include "pipelines/lab/lab_servers.h"

#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <glib-unix.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace turnout {
namespace {

constexpr std::size_t kHeader = 20, kAttributeHeader = 4;
constexpr std::uint16_t kBindingRequestType = 0x0001, kBindingSuccess = 0x0101;
constexpr std::uint16_t kChangeRequest = 0x0003, kXorMapped = 0x0020, kOther = 0x802c;
constexpr std::uint32_t kCookie = 0x2112a442, kOtherAddressFlag = 4, kOtherPortFlag = 2;

std::uint16_t read16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}
std::uint32_t read32(std::span<const std::uint8_t> bytes, std::size_t at) {
  return std::uint32_t{read16(bytes, at)} << 16U | read16(bytes, at + 2);
}
void put16(Bytes& bytes, std::uint32_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8U & 0xffU));
  bytes.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

void putAddress(Bytes& bytes, std::uint16_t attribute, const sockaddr_storage& address,
                std::uint32_t mask) {
  const auto& inet = reinterpret_cast<const sockaddr_in&>(address);
  const std::uint32_t host = ntohl(inet.sin_addr.s_addr) ^ mask;
  put16(bytes, attribute);
  put16(bytes, 8);
  put16(bytes, 1);  // IPv4
  put16(bytes, ntohs(inet.sin_port) ^ mask >> 16U);
  put16(bytes, host >> 16U);
  put16(bytes, host & 0xffffU);
}

Timer onCondition(Loop& loop, int fd, int condition, Loop::Task task) {
  GSource* source = g_unix_fd_source_new(fd, static_cast<GIOCondition>(condition));
  const GUnixFDSourceFunc run = [](gint, GIOCondition, gpointer data) -> gboolean {
    (*static_cast<Loop::Task*>(data))();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(source, G_SOURCE_FUNC(run), new Loop::Task(std::move(task)),
                        [](gpointer data) { delete static_cast<Loop::Task*>(data); });
  g_source_attach(source, loop.context());
  return Timer(Ref<GSource>::adopt(source));
}

Error cannotListen(const std::string& address, std::uint16_t port) {
  return {ErrorCode::kIo,
          "cannot listen on " + hostPort(address, port) + ": " + std::strerror(errno)};
}

}  // namespace

Timer whenReadable(Loop& loop, int fd, Loop::Task task) {
  return onCondition(loop, fd, G_IO_IN | G_IO_HUP | G_IO_ERR, std::move(task));
}

Timer whenWritable(Loop& loop, int fd, Loop::Task task) {
  return onCondition(loop, fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, std::move(task));
}

std::optional<BindingRequest> bindingRequest(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeader || read16(bytes, 0) != kBindingRequestType ||
      read32(bytes, 4) != kCookie || bytes.size() - kHeader != read16(bytes, 2))
    return {};
  BindingRequest request;
  std::ranges::copy(bytes.subspan(4, request.id.size()), request.id.begin());
  std::span<const std::uint8_t> rest = bytes.subspan(kHeader);
  while (rest.size() >= kAttributeHeader) {
    const std::size_t length = read16(rest, 2), padded = kAttributeHeader + (length + 3) / 4 * 4;
    if (padded > rest.size())
      return {};
    if (read16(rest, 0) == kChangeRequest && length == 4) {
      const std::uint32_t flags = read32(rest, kAttributeHeader);
      request.wants_other_address = (flags & kOtherAddressFlag) != 0;
      request.wants_other_port = (flags & kOtherPortFlag) != 0;
    }
    rest = rest.subspan(padded);
  }
  return rest.empty() ? std::optional(request) : std::nullopt;
}

Bytes bindingAnswer(const StunId& id, const sockaddr_storage& seen, const sockaddr_storage& other) {
  Bytes bytes;
  put16(bytes, kBindingSuccess);
  put16(bytes, 24);
  bytes.insert(bytes.end(), id.begin(), id.end());
  putAddress(bytes, kXorMapped, seen, kCookie);
  putAddress(bytes, kOther, other, 0);
  return bytes;
}

Result<std::unique_ptr<StunResponder>> StunResponder::start(Loop& loop, const std::string& address,
                                                            const std::string& other_address) {
  auto responder = std::make_unique<StunResponder>();
  for (const std::string& host : {address, other_address})
    for (const std::uint16_t port : {kPort, kOtherPort}) {
      auto socket = UdpSocket::open(loop, host, AF_INET, port);
      if (!socket)
        return Error{ErrorCode::kIo,
                     "cannot listen on " + hostPort(host, port) + ": " + socket.error().what};
      const std::size_t index = responder->sockets_.size();
      (*socket)->listen({[self = responder.get(), index](const sockaddr_storage& from, auto bytes) {
                           self->onDatagram(index, from, bytes);
                         },
                         {}});
      responder->sockets_.push_back(*std::move(socket));
    }
  return responder;
}

void StunResponder::onDatagram(std::size_t socket, const sockaddr_storage& from,
                               std::span<const std::uint8_t> bytes) {
  const auto request = bindingRequest(bytes);
  if (!request || from.ss_family != AF_INET)
    return;
  const std::size_t answering =
      socket ^ (request->wants_other_address ? 2U : 0U) ^ (request->wants_other_port ? 1U : 0U);
  sockets_[answering]->send(
      from, bindingAnswer(request->id, from, sockets_[socket ^ 3U]->localAddress()));
}

Result<std::unique_ptr<TcpEcho>> TcpEcho::start(Loop& loop, const std::string& address,
                                                const std::vector<std::uint16_t>& ports) {
  constexpr int kBacklog = 128;
  std::unique_ptr<TcpEcho> echo(new TcpEcho(loop));
  for (const std::uint16_t port : ports) {
    const auto at = socketAddress(address, port);
    TURNOUT_CHECK(at, "an address of the plan");
    Fd listener(::socket(at->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    ::setsockopt(listener.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (!listener ||
        ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&*at), sizeOf(*at)) != 0 ||
        ::listen(listener.get(), kBacklog) != 0)
      return cannotListen(address, port);
    echo->arrivals_.push_back(
        whenReadable(loop, listener.get(),
                     [self = echo.get(), fd = listener.get()] { self->onConnection(fd); }));
    echo->listeners_.push_back(std::move(listener));
  }
  return echo;
}

void TcpEcho::onConnection(int listener) {
  connections_.remove_if([](const Connection& each) { return each.is_over; });
  Fd fd(::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd)
    return;
  Connection& connection = connections_.emplace_back();
  connection.fd = std::move(fd);
  connection.input =
      whenReadable(loop_, connection.fd.get(), [&connection] { onInput(connection); });
}

// What does not fit into the socket's buffer ends the connection: nobody sends that much.
void TcpEcho::onInput(Connection& connection) {
  std::array<std::uint8_t, 2048> bytes;
  const ssize_t got = ::recv(connection.fd.get(), bytes.data(), bytes.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (got > 0 &&
      ::send(connection.fd.get(), bytes.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) == got)
    return;
  connection.is_over = true;
  connection.fd.reset();
  connection.input.cancel();
}

}  // namespace turnout
