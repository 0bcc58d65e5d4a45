// WebSockets of libsoup, at both ends, with what it lacks: limits. Its own counts the bytes of one
// frame, so that a message in endless fragments, or a flood of pings, would fill our memory. And a
// client that tells which HTTP status it got instead of a WebSocket.
//
// Threads: the loop's. RFC 6455.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/http/http_message.h"
#include "pipelines/base/http/soup_call.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/signal.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <libsoup/soup.h>

namespace turnout {

// Counts the frames that one end receives. Pure.
class FrameMeter {
 public:
  struct Limits {
    std::size_t message = 1'000'000;  // bytes of a message, all its fragments together
    double control_per_second = 10;   // pings, pongs and the like
    double control_burst = 64;
  };
  enum class Verdict { kWithin, kTooLarge, kFlood };

  explicit FrameMeter(const Limits& limits) : limits_(limits), left_(limits.control_burst) {}

  // `first_byte` of the frame: the bits FIN, opcode (RFC 6455, 5.2). A fragment counts as 64 bytes
  // at least, since empty ones cost as well. What was beyond once stays so.
  Verdict take(std::uint8_t first_byte, std::size_t payload, Instant at);
  void setMessageLimit(std::size_t bytes) { limits_.message = bytes; }

 private:
  Limits limits_;
  double left_;  // control frames
  Instant at_{};
  std::size_t size_ = 0;  // of the message that goes on
  Verdict verdict_ = Verdict::kWithin;
};

enum class WebSocketEnd { kServer, kClient };

// On a connection whose handshake is over. Beyond the limits its signal "error" is emitted, once a
// frame: reset the connection then. `uri` is for libsoup, which wants one.
Ref<SoupWebsocketConnection> webSocketOver(GIOStream* stream, GUri* uri, WebSocketEnd end,
                                           const FrameMeter::Limits& limits);
void setMessageLimit(SoupWebsocketConnection* socket, std::size_t bytes);

// Shuts the TCP connection under it at once, both ways; "closed" follows. For whoever does not keep
// to the limits.
void shutDown(SoupWebsocketConnection* socket);

// The authorities in a file of PEM; none: it cannot be read, and then the system's are believed.
Ref<GTlsDatabase> tlsAuthorities(const std::string& ca_file);

// The socket below a connection, through TLS; nullptr: there is none.
GSocket* socketUnder(GIOStream* stream);

// A WebSocket from the client's side: one attempt to open it, over a connection of its own, without
// a proxy. Destroying it gives the attempt up; no handler is called then.
class WebSocketDial {
 public:
  struct Options {
    std::string url;  // http or https, with path and query
    FrameMeter::Limits limits{};
    std::vector<HttpHeader> headers{};  // beside those of the handshake
    std::string subprotocol{};          // asked for; empty: none
    TlsTrust tls{};
  };
  struct Handlers {  // one of them, once, from the loop; the dial may be destroyed in it
    std::function<void(Ref<SoupWebsocketConnection>)> on_open;
    std::function<void(const std::string& why)> on_failed;  // "HTTP 404 Not Found", "timed out"
  };

  WebSocketDial(Loop& loop, Options options, Handlers handlers);
  ~WebSocketDial();
  WebSocketDial(const WebSocketDial&) = delete;
  WebSocketDial& operator=(const WebSocketDial&) = delete;

 private:
  template <class F>
  OnReady whileAlive(F then);
  std::string request() const;
  void prepareTls(GIOStream* connection);
  void onConnected(GAsyncResult* result);
  void onRequestSent(GAsyncResult* result);
  void watch();
  void readHead();
  void finishHandshake();
  void fail(const std::string& why);

  Loop& loop_;
  const Options options_;
  Handlers handlers_;
  Owned<GUri> uri_;
  std::string key_;      // Sec-WebSocket-Key
  std::string request_;  // outlives its being written
  std::string head_;     // of the answer, as far as it has come
  Ref<GSocketClient> client_;
  SignalConnection on_stage_, any_certificate_;
  Ref<GIOStream> stream_;
  Ref<GCancellable> cancel_;
  Timer ready_;  // the stream is readable; a Timer only in that it owns a source
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace turnout
