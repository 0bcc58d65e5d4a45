#include "pipelines/base/http/web_socket.h"

#include <algorithm>
#include <utility>

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace turnout {
namespace {

constexpr std::size_t kLeastFragment = 64;       // bytes that an empty one counts as
constexpr std::size_t kLongestHead = 16 * 1024;  // bytes of an HTTP answer before its body

// The one way in for who wants to see every frame: an extension that nobody negotiates.
struct MeterExtension {
  SoupWebsocketExtension parent;
  FrameMeter* meter;
};
struct MeterExtensionClass {
  SoupWebsocketExtensionClass parent;
};
GType meterExtensionType();

GBytes* meterFrame(SoupWebsocketExtension* extension, guint8* header, GBytes* payload,
                   GError** error) {
  FrameMeter* meter = reinterpret_cast<MeterExtension*>(extension)->meter;
  switch (meter->take(*header, g_bytes_get_size(payload), now())) {
    case FrameMeter::Verdict::kWithin:
      return payload;
    case FrameMeter::Verdict::kTooLarge:
      g_set_error_literal(error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG,
                          "a message is too large");
      break;
    case FrameMeter::Verdict::kFlood:
      g_set_error_literal(error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION,
                          "too many control frames");
      break;
  }
  Ref<GBytes>::adopt(payload).reset();
  return nullptr;
}

void finalizeMeter(GObject* object) {
  delete reinterpret_cast<MeterExtension*>(object)->meter;
  static_cast<GObjectClass*>(g_type_class_peek_parent(G_OBJECT_GET_CLASS(object)))
      ->finalize(object);
}

GType meterExtensionType() {
  static const GType type = [] {
    const GClassInitFunc init = [](gpointer the_class, gpointer) {
      G_OBJECT_CLASS(the_class)->finalize = finalizeMeter;
      auto* extension = static_cast<SoupWebsocketExtensionClass*>(the_class);
      extension->name = "turnout-meter";
      extension->process_incoming_message = meterFrame;
    };
    return g_type_register_static_simple(SOUP_TYPE_WEBSOCKET_EXTENSION, "TurnoutMeterExtension",
                                         sizeof(MeterExtensionClass), init, sizeof(MeterExtension),
                                         nullptr, static_cast<GTypeFlags>(0));
  }();
  return type;
}

// RFC 6455, 4.2.2: what proves that the server speaks WebSocket.
std::string acceptFor(const std::string& key) {
  const std::string text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  guint8 digest[20];
  gsize size = sizeof digest;
  GChecksum* sha1 = g_checksum_new(G_CHECKSUM_SHA1);
  g_checksum_update(sha1, reinterpret_cast<const guchar*>(text.data()),
                    static_cast<gssize>(text.size()));
  g_checksum_get_digest(sha1, digest, &size);
  g_checksum_free(sha1);
  return Owned<char>(g_base64_encode(digest, size)).get();
}

// 16 random bytes; GLib's UUIDs come from getrandom(2).
std::string randomKey() {
  const Owned<char> uuid(g_uuid_string_random());
  std::string bytes(uuid.get());
  std::erase(bytes, '-');
  bytes.resize(16);
  return Owned<char>(g_base64_encode(reinterpret_cast<const guchar*>(bytes.data()), bytes.size()))
      .get();
}

}  // namespace

FrameMeter::Verdict FrameMeter::take(std::uint8_t first_byte, std::size_t payload, Instant at) {
  const bool is_last = (first_byte & 0x80) != 0, is_control = (first_byte & 0x08) != 0;
  if (verdict_ != Verdict::kWithin)
    return verdict_;
  if (is_control) {
    const double seconds = std::chrono::duration<double>(at - std::exchange(at_, at)).count();
    left_ = std::min(limits_.control_burst, left_ + seconds * limits_.control_per_second) - 1;
    if (left_ < 0)
      verdict_ = Verdict::kFlood;
    return verdict_;
  }
  size_ += is_last ? payload : std::max(payload, kLeastFragment);
  if (size_ > limits_.message)
    verdict_ = Verdict::kTooLarge;
  if (is_last)
    size_ = 0;
  return verdict_;
}

Ref<SoupWebsocketConnection> webSocketOver(GIOStream* stream, GUri* uri, WebSocketEnd end,
                                           const FrameMeter::Limits& limits) {
  auto* meter = static_cast<MeterExtension*>(g_object_new(meterExtensionType(), nullptr));
  meter->meter = new FrameMeter(limits);
  auto socket = Ref<SoupWebsocketConnection>::adopt(
      soup_websocket_connection_new(stream, uri,
                                    end == WebSocketEnd::kServer ? SOUP_WEBSOCKET_CONNECTION_SERVER
                                                                 : SOUP_WEBSOCKET_CONNECTION_CLIENT,
                                    nullptr, nullptr, g_list_prepend(nullptr, meter)));
  soup_websocket_connection_set_max_incoming_payload_size(socket.get(), limits.message);
  return socket;
}

void setMessageLimit(SoupWebsocketConnection* socket, std::size_t bytes) {
  soup_websocket_connection_set_max_incoming_payload_size(socket, bytes);
  for (GList* one = soup_websocket_connection_get_extensions(socket); one; one = one->next)
    if (G_TYPE_CHECK_INSTANCE_TYPE(one->data, meterExtensionType()))
      static_cast<MeterExtension*>(one->data)->meter->setMessageLimit(bytes);
}

Ref<GTlsDatabase> tlsAuthorities(const std::string& ca_file) {
  const Owned<char> absolute(g_canonicalize_filename(ca_file.c_str(), nullptr));
  return Ref<GTlsDatabase>::adopt(g_tls_file_database_new(absolute.get(), nullptr));
}

GSocket* socketUnder(GIOStream* stream) {
  Ref<GIOStream> base = Ref<GIOStream>::share(stream);
  // Of TLS, and of libsoup, which wraps what it was given.
  for (const char* layer : {"base-iostream", "base-io-stream"})
    if (g_object_class_find_property(G_OBJECT_GET_CLASS(base.get()), layer)) {
      GIOStream* inner = nullptr;
      g_object_get(base.get(), layer, &inner, nullptr);
      if (inner)
        base = Ref<GIOStream>::adopt(inner);
    }
  return G_IS_SOCKET_CONNECTION(base.get())
             ? g_socket_connection_get_socket(G_SOCKET_CONNECTION(base.get()))
             : nullptr;
}

void shutDown(SoupWebsocketConnection* socket) {
  if (GSocket* below = socketUnder(soup_websocket_connection_get_io_stream(socket)))
    ::shutdown(g_socket_get_fd(below), SHUT_RDWR);
}

template <class F>
OnReady WebSocketDial::whileAlive(F then) {
  return [alive = std::weak_ptr<bool>(alive_), then](GObject*, GAsyncResult* result) {
    if (!alive.expired())
      then(result);
  };
}

WebSocketDial::WebSocketDial(Loop& loop, Options options, Handlers handlers)
    : loop_(loop),
      options_(std::move(options)),
      handlers_(std::move(handlers)),
      uri_(g_uri_parse(options_.url.c_str(), G_URI_FLAGS_ENCODED, nullptr)),
      key_(randomKey()),
      client_(Ref<GSocketClient>::adopt(g_socket_client_new())),
      cancel_(Ref<GCancellable>::adopt(g_cancellable_new())) {
  TURNOUT_CHECK(uri_ && g_uri_get_host(uri_.get()), "a WebSocket is dialled at a URL");
  const bool is_tls = std::string_view(g_uri_get_scheme(uri_.get())) == "https";
  g_socket_client_set_enable_proxy(client_.get(), FALSE);
  g_socket_client_set_tls(client_.get(), is_tls);
  if (is_tls && options_.tls != TlsTrust{})
    on_stage_ = connect<void(GSocketClient*, GSocketClientEvent, GSocketConnectable*, GIOStream*)>(
        client_.get(), "event",
        [this](GSocketClient*, GSocketClientEvent stage, GSocketConnectable*, GIOStream* stream) {
          if (stage == G_SOCKET_CLIENT_TLS_HANDSHAKING)
            prepareTls(stream);
        });
  const int port = g_uri_get_port(uri_.get());
  const OnLoopContext on_loop(loop_);
  const auto address = Ref<GSocketConnectable>::adopt(
      g_network_address_new(g_uri_get_host(uri_.get()), static_cast<guint16>(port > 0 ? port
                                                                             : is_tls ? 443
                                                                                      : 80)));
  g_socket_client_connect_async(client_.get(), address.get(), cancel_.get(), callReady,
                                asCallData(whileAlive([this](auto* r) { onConnected(r); })));
}

std::string WebSocketDial::request() const {
  const char* query = g_uri_get_query(uri_.get());
  const std::string path = *g_uri_get_path(uri_.get()) ? g_uri_get_path(uri_.get()) : "/";
  const std::string host = g_uri_get_host(uri_.get());
  const int port = g_uri_get_port(uri_.get());
  std::string head =
      "GET " + path + (query ? "?" + std::string(query) : "") +
      " HTTP/1.1\r\nHost: " + (host.find(':') == std::string::npos ? host : "[" + host + "]") +
      (port > 0 ? ":" + std::to_string(port) : "") +
      "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: " +
      key_ + "\r\nUser-Agent: turnout\r\n";
  if (!options_.subprotocol.empty())
    head += "Sec-WebSocket-Protocol: " + options_.subprotocol + "\r\n";
  for (const HttpHeader& header : options_.headers)
    head += header.name + ": " + header.value.reveal() + "\r\n";
  return head + "\r\n";
}

void WebSocketDial::prepareTls(GIOStream* connection) {
  auto* tls = G_TLS_CONNECTION(connection);
  if (!options_.tls.verifies) {
    any_certificate_ =
        turnout::connect<gboolean(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags)>(
            tls, "accept-certificate",
            [](GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags) -> gboolean {
              return TRUE;
            });
  } else if (const auto authorities = tlsAuthorities(options_.tls.ca_file)) {
    g_tls_connection_set_database(tls, authorities.get());
  }
}

WebSocketDial::~WebSocketDial() {
  g_cancellable_cancel(cancel_.get());
}

void WebSocketDial::onConnected(GAsyncResult* result) {
  Owned<GError> error;
  auto stream = Ref<GSocketConnection>::adopt(
      g_socket_client_connect_finish(client_.get(), result, error.out()));
  if (!stream)
    return fail(error->message);
  stream_ = Ref<GIOStream>::share(G_IO_STREAM(stream.get()));
  g_socket_set_option(g_socket_connection_get_socket(stream.get()), IPPROTO_TCP, TCP_NODELAY, 1,
                      nullptr);
  request_ = request();
  const OnLoopContext on_loop(loop_);
  g_output_stream_write_all_async(g_io_stream_get_output_stream(stream_.get()), request_.data(),
                                  request_.size(), G_PRIORITY_DEFAULT, cancel_.get(), callReady,
                                  asCallData(whileAlive([this](auto* r) { onRequestSent(r); })));
}

void WebSocketDial::onRequestSent(GAsyncResult* result) {
  Owned<GError> error;
  if (!g_output_stream_write_all_finish(g_io_stream_get_output_stream(stream_.get()), result,
                                        nullptr, error.out()))
    return fail(error->message);
  watch();
}

void WebSocketDial::watch() {
  auto* input = G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(stream_.get()));
  auto source = Ref<GSource>::adopt(g_pollable_input_stream_create_source(input, cancel_.get()));
  const GPollableSourceFunc on_ready = [](GObject*, gpointer self) -> gboolean {
    static_cast<WebSocketDial*>(self)->readHead();
    return G_SOURCE_REMOVE;
  };
  g_source_set_callback(source.get(), G_SOURCE_FUNC(on_ready), this, nullptr);
  g_source_attach(source.get(), loop_.context());
  ready_ = Timer(std::move(source));
}

// Byte by byte: what comes behind the head is the WebSocket's, and it reads the stream itself.
void WebSocketDial::readHead() {
  auto* input = G_POLLABLE_INPUT_STREAM(g_io_stream_get_input_stream(stream_.get()));
  while (!head_.ends_with("\r\n\r\n")) {
    char byte = 0;
    Owned<GError> error;
    const gssize size =
        g_pollable_input_stream_read_nonblocking(input, &byte, 1, cancel_.get(), error.out());
    if (g_error_matches(error.get(), G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return watch();
    if (size <= 0)
      return fail(error ? error->message : "the server closed the connection without an answer");
    head_ += byte;
    if (head_.size() > kLongestHead || (head_.size() == 5 && head_ != "HTTP/"))
      return fail("what answers does not speak HTTP");
  }
  finishHandshake();
}

void WebSocketDial::finishHandshake() {
  SoupMessageHeaders* headers = soup_message_headers_new(SOUP_MESSAGE_HEADERS_RESPONSE);
  guint status = 0;
  Owned<char> reason;
  const bool is_http =
      soup_headers_parse_response(head_.data(), static_cast<int>(head_.size()) - 2, headers,
                                  nullptr, &status, reason.out()) != FALSE;
  const char* text = soup_message_headers_get_one(headers, "Sec-WebSocket-Accept");
  const bool is_accepted = text && acceptFor(key_) == text;
  soup_message_headers_unref(headers);
  if (!is_http)
    return fail("what answers does not speak HTTP");
  if (status != SOUP_STATUS_SWITCHING_PROTOCOLS)
    return fail("HTTP " + std::to_string(status) + " " + (reason ? reason.get() : "") +
                " in place of a WebSocket");
  if (!is_accepted)
    return fail("its WebSocket handshake is wrong");
  const OnLoopContext on_loop(loop_);
  auto socket = webSocketOver(stream_.get(), uri_.get(), WebSocketEnd::kClient, options_.limits);
  const auto on_open = std::move(handlers_.on_open);
  alive_.reset();
  on_open(std::move(socket));
}

void WebSocketDial::fail(const std::string& why) {
  const auto on_failed = std::move(handlers_.on_failed);
  const std::string kept = why;
  alive_.reset();
  on_failed(kept);
}

}  // namespace turnout
