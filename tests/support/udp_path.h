// UDP on loopback for tests of servers: a way to a server that takes its time and shows what passes,
// and a server that answers whatever a test makes it answer. All on the test's loop.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <gio/gio.h>

namespace turnout {

using Datagram = std::vector<std::uint8_t>;

// A bound socket, which hands over what it gets with the address that it came from.
class LoopbackSocket {
 public:
  using OnDatagram = std::function<void(GSocketAddress* from, Datagram datagram)>;

  LoopbackSocket(Loop& loop, OnDatagram on_datagram);
  LoopbackSocket(const LoopbackSocket&) = delete;
  LoopbackSocket& operator=(const LoopbackSocket&) = delete;

  std::uint16_t port() const;
  void send(GSocketAddress* to, const Datagram& datagram);

 private:
  void read();

  OnDatagram on_datagram_;
  Ref<GSocket> socket_;
  Timer source_;
};

// Packets to port() come out at the server's port `one_way` later, and its answers as late here.
class SlowPath {
 public:
  struct Packet {
    bool is_to_server;
    unsigned type;  // the first two bytes: of STUN, method and class
  };

  SlowPath(Loop& loop, std::uint16_t server, Duration one_way);

  std::uint16_t port() const { return front_.port(); }
  const std::vector<Packet>& seen() const { return seen_; }  // in the order of their coming

 private:
  void carry(GSocketAddress* from, Datagram datagram);
  void later(Loop::Task task);
  void note(bool is_to_server, const Datagram& datagram);

  Loop& loop_;
  const Ref<GSocketAddress> server_;
  const Duration one_way_;
  std::map<std::string, std::unique_ptr<LoopbackSocket>> backs_;  // one for each client
  std::vector<Packet> seen_;
  std::map<unsigned, Timer> on_the_way_;
  unsigned next_ = 0;
  LoopbackSocket front_;
};

// A STUN server that answers every request with one error (RFC 8489 14.8), fresh each time.
class StubbornServer {
 public:
  // `attributes` of the `n`-th answer besides the code, padded; both may look at the request.
  using Attributes = std::function<Datagram(unsigned n)>;

  StubbornServer(Loop& loop, int code, Attributes attributes);

  std::uint16_t port() const { return socket_.port(); }
  unsigned requests() const { return requests_; }

 private:
  Datagram answerTo(const Datagram& request);

  const int code_;
  const Attributes attributes_;
  unsigned requests_ = 0;
  LoopbackSocket socket_;
};

Datagram stunAttribute(unsigned type, std::span<const std::uint8_t> value);
Datagram stunAttribute(unsigned type, const std::string& text);

}  // namespace turnout
