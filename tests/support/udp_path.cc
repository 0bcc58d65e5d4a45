#include "tests/support/udp_path.h"

#include <algorithm>
#include <array>
#include <utility>

namespace turnout {
namespace {

constexpr std::size_t kStunHeader = 20;

Ref<GSocketAddress> loopback(std::uint16_t port) {
  return Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string("127.0.0.1", port));
}

std::string keyOf(GSocketAddress* address) {
  auto* inet = G_INET_SOCKET_ADDRESS(address);
  return std::to_string(g_inet_socket_address_get_port(inet));
}

gboolean onReadable(GSocket*, GIOCondition, gpointer read) {
  (*static_cast<std::function<void()>*>(read))();
  return G_SOURCE_CONTINUE;
}

void putNumber(Datagram& to, unsigned number) {
  to.push_back(static_cast<std::uint8_t>(number >> 8));
  to.push_back(static_cast<std::uint8_t>(number));
}

}  // namespace

LoopbackSocket::LoopbackSocket(Loop& loop, OnDatagram on_datagram)
    : on_datagram_(std::move(on_datagram)),
      socket_(Ref<GSocket>::adopt(g_socket_new(G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM,
                                               G_SOCKET_PROTOCOL_UDP, nullptr))) {
  g_socket_set_blocking(socket_.get(), FALSE);
  g_socket_bind(socket_.get(), loopback(0).get(), FALSE, nullptr);
  auto source = Ref<GSource>::adopt(g_socket_create_source(socket_.get(), G_IO_IN, nullptr));
  g_source_set_callback(source.get(), G_SOURCE_FUNC(onReadable),
                        new std::function<void()>([this] { read(); }),
                        [](gpointer read) { delete static_cast<std::function<void()>*>(read); });
  g_source_attach(source.get(), loop.context());
  source_ = Timer(std::move(source));
}

std::uint16_t LoopbackSocket::port() const {
  const auto bound = Ref<GSocketAddress>::adopt(g_socket_get_local_address(socket_.get(), nullptr));
  return g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound.get()));
}

void LoopbackSocket::send(GSocketAddress* to, const Datagram& datagram) {
  g_socket_send_to(socket_.get(), to, reinterpret_cast<const char*>(datagram.data()),
                   datagram.size(), nullptr, nullptr);
}

void LoopbackSocket::read() {
  std::array<char, 2048> bytes{};
  GSocketAddress* from = nullptr;
  const gssize size =
      g_socket_receive_from(socket_.get(), &from, bytes.data(), bytes.size(), nullptr, nullptr);
  const auto owned = Ref<GSocketAddress>::adopt(from);
  if (size > 0)
    on_datagram_(from, Datagram(bytes.begin(), bytes.begin() + size));
}

SlowPath::SlowPath(Loop& loop, std::uint16_t server, Duration one_way)
    : loop_(loop),
      server_(loopback(server)),
      one_way_(one_way),
      front_(loop, [this](GSocketAddress* from, Datagram datagram) {
        carry(from, std::move(datagram));
      }) {}

void SlowPath::later(Loop::Task task) {
  const unsigned number = next_++;
  on_the_way_[number] = loop_.after(one_way_, [this, number, task = std::move(task)] {
    task();
    on_the_way_.erase(number);
  });
}

void SlowPath::note(bool is_to_server, const Datagram& datagram) {
  if (datagram.size() >= 2)
    seen_.push_back({is_to_server, static_cast<unsigned>(datagram[0] << 8 | datagram[1])});
}

void SlowPath::carry(GSocketAddress* from, Datagram datagram) {
  note(true, datagram);
  auto& back = backs_[keyOf(from)];
  if (!back)
    back = std::make_unique<LoopbackSocket>(
        loop_, [this, client = Ref<GSocketAddress>::share(from)](GSocketAddress*, Datagram answer) {
          note(false, answer);
          later([this, client, answer = std::move(answer)] { front_.send(client.get(), answer); });
        });
  later([this, socket = back.get(), datagram = std::move(datagram)] {
    socket->send(server_.get(), datagram);
  });
}

StubbornServer::StubbornServer(Loop& loop, int code, Attributes attributes)
    : code_(code),
      attributes_(std::move(attributes)),
      socket_(loop, [this](GSocketAddress* from, const Datagram& request) {
        if (request.size() >= kStunHeader && request[0] < 2)
          socket_.send(from, answerTo(request));
      }) {}

Datagram StubbornServer::answerTo(const Datagram& request) {
  Datagram body = stunAttribute(
      0x0009, std::array<std::uint8_t, 4>{0, 0, static_cast<std::uint8_t>(code_ / 100),
                                          static_cast<std::uint8_t>(code_ % 100)});
  const Datagram more = attributes_(requests_++);
  body.insert(body.end(), more.begin(), more.end());
  Datagram answer{0x01, static_cast<std::uint8_t>(0x10 | request[1])};
  putNumber(answer, static_cast<unsigned>(body.size()));
  answer.insert(answer.end(), request.begin() + 4, request.begin() + kStunHeader);
  answer.insert(answer.end(), body.begin(), body.end());
  return answer;
}

Datagram stunAttribute(unsigned type, std::span<const std::uint8_t> value) {
  Datagram attribute;
  putNumber(attribute, type);
  putNumber(attribute, static_cast<unsigned>(value.size()));
  attribute.insert(attribute.end(), value.begin(), value.end());
  attribute.resize((attribute.size() + 3) / 4 * 4);
  return attribute;
}

Datagram stunAttribute(unsigned type, const std::string& text) {
  return stunAttribute(type,
                       std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

}  // namespace turnout
