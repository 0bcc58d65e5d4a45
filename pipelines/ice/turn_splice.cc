#include "pipelines/ice/turn_splice.h"

#include <set>
#include <utility>

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace turnout {
namespace {

// For name, TCP and TLS together.
constexpr Duration kConnectLimit = 5s;

const char* describe(GTlsCertificateFlags flags) {
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return "unknown issuer";
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return "not for this host";
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return "expired";
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return "not valid yet";
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return "revoked";
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    return "insecure";
  return "invalid";
}

// Small STUN messages and media must not wait for each other (RFC 896).
void setNoDelay(GSocketConnection* connection) {
  g_socket_set_option(g_socket_connection_get_socket(connection), IPPROTO_TCP, TCP_NODELAY, 1,
                      nullptr);
}

}  // namespace

struct TurnSplice::Route {
  Loop& loop;
  IceServer server;
  OnFailure on_failure;
  Ref<GTlsDatabase> trust;  // null: the system's
  std::set<Leg*> legs = {};
  bool is_closed = false;
};

// Deletes itself when its connection ends.
class TurnSplice::Leg {
 public:
  Leg(std::shared_ptr<Route> route, GSocketConnection* from)
      : route_(std::move(route)), from_(Ref<GSocketConnection>::share(from)) {
    route_->legs.insert(this);
    setNoDelay(from);
  }
  ~Leg() { route_->legs.erase(this); }
  Leg(const Leg&) = delete;
  Leg& operator=(const Leg&) = delete;

  void connectToServer();
  void cancel() { g_cancellable_cancel(cancellable_.get()); }

 private:
  void onEvent(GSocketClientEvent event, GIOStream* stream);
  void onConnected(GSocketClient* client, GAsyncResult* result);
  void onEnd();
  void fail(const std::string& what);

  std::shared_ptr<Route> route_;
  Ref<GSocketConnection> from_, to_;
  Ref<GCancellable> cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
  SignalConnection events_, certificate_;
  Timer limit_;
  const char* phase_ = "name";
  std::string certificate_fault_;
  bool is_late_ = false;
};

void TurnSplice::Leg::fail(const std::string& what) {
  if (!route_->is_closed)
    route_->on_failure(std::string(phase_) + ": " + what);
}

void TurnSplice::Leg::connectToServer() {
  const auto client = Ref<GSocketClient>::adopt(g_socket_client_new());
  g_socket_client_set_tls(client.get(), TRUE);
  g_socket_client_set_enable_proxy(client.get(), FALSE);  // the path itself is measured
  events_ = connect<void(GSocketClient*, GSocketClientEvent, GSocketConnectable*, GIOStream*)>(
      client.get(), "event",
      [this](GSocketClient*, GSocketClientEvent event, GSocketConnectable*, GIOStream* stream) {
        onEvent(event, stream);
      });
  limit_ = route_->loop.after(kConnectLimit, [this] {
    is_late_ = true;
    cancel();
  });
  g_socket_client_connect_to_host_async(
      client.get(), route_->server.host.c_str(), route_->server.port, cancellable_.get(),
      [](GObject* source, GAsyncResult* result, gpointer leg) {
        static_cast<Leg*>(leg)->onConnected(G_SOCKET_CLIENT(source), result);
      },
      this);
}

void TurnSplice::Leg::onEvent(GSocketClientEvent event, GIOStream* stream) {
  if (event == G_SOCKET_CLIENT_CONNECTING)
    phase_ = "TCP";
  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  phase_ = "TLS";
  if (route_->trust)
    g_tls_connection_set_database(G_TLS_CONNECTION(stream), route_->trust.get());
  // Emitted only for a certificate that GLib would refuse.
  certificate_ = connect<gboolean(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags)>(
      stream, "accept-certificate",
      [this](GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags flags) -> gboolean {
        certificate_fault_ = std::string("certificate ") + describe(flags);
        return !route_->server.tls_verify;
      });
}

void TurnSplice::Leg::onConnected(GSocketClient* client, GAsyncResult* result) {
  Owned<GError> error;
  to_ = Ref<GSocketConnection>::adopt(
      g_socket_client_connect_to_host_finish(client, result, error.out()));
  limit_.cancel();
  events_.disconnect();
  if (!to_) {
    fail(is_late_                      ? "no connection within 5 s"
         : !certificate_fault_.empty() ? certificate_fault_
                                       : error->message);
    g_io_stream_close(G_IO_STREAM(from_.get()), nullptr, nullptr);
    delete this;
    return;
  }
  setNoDelay(to_.get());
  g_io_stream_splice_async(
      G_IO_STREAM(from_.get()), G_IO_STREAM(to_.get()),
      static_cast<GIOStreamSpliceFlags>(G_IO_STREAM_SPLICE_CLOSE_STREAM1 |
                                        G_IO_STREAM_SPLICE_CLOSE_STREAM2),
      G_PRIORITY_DEFAULT, cancellable_.get(),
      [](GObject*, GAsyncResult* done, gpointer leg) {
        g_io_stream_splice_finish(done, nullptr);
        static_cast<Leg*>(leg)->onEnd();
      },
      this);
}

void TurnSplice::Leg::onEnd() {
  fail("the connection ended without an answer");
  delete this;
}

Result<std::unique_ptr<TurnSplice>> TurnSplice::listen(Loop& control, const IceServer& server,
                                                       GSocketFamily family, OnFailure on_failure) {
  Owned<GError> error;
  Ref<GTlsDatabase> trust;
  if (!server.tls_ca_file.empty()) {
    trust =
        Ref<GTlsDatabase>::adopt(g_tls_file_database_new(server.tls_ca_file.c_str(), error.out()));
    if (!trust)
      return Error{ErrorCode::kIo, "CA file " + server.tls_ca_file + ": " + error->message};
  }
  std::unique_ptr<TurnSplice> splice(new TurnSplice(
      std::make_shared<Route>(Route{control, server, std::move(on_failure), std::move(trust)})));
  const auto loopback = Ref<GInetAddress>::adopt(g_inet_address_new_loopback(family));
  const auto any_port = Ref<GSocketAddress>::adopt(g_inet_socket_address_new(loopback.get(), 0));
  GSocketAddress* bound = nullptr;
  if (!g_socket_listener_add_address(G_SOCKET_LISTENER(splice->service_.get()), any_port.get(),
                                     G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, nullptr, &bound,
                                     error.out()))
    return Error{ErrorCode::kEnvironment, std::string("loopback listener: ") + error->message};
  const auto owned_bound = Ref<GSocketAddress>::adopt(bound);
  splice->port_ = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
  splice->address_ = family == G_SOCKET_FAMILY_IPV6 ? "::1" : "127.0.0.1";
  return splice;
}

TurnSplice::TurnSplice(std::shared_ptr<Route> route)
    : route_(std::move(route)), service_(Ref<GSocketService>::adopt(g_socket_service_new())) {
  g_socket_service_stop(service_.get());  // it would accept on this thread
  incoming_ = connect<gboolean(GSocketService*, GSocketConnection*, GObject*)>(
      service_.get(), "incoming",
      [route = route_](GSocketService*, GSocketConnection* from, GObject*) -> gboolean {
        (new Leg(route, from))->connectToServer();
        return TRUE;
      });
}

TurnSplice::~TurnSplice() {
  route_->is_closed = true;
  incoming_.disconnect();
  g_socket_service_stop(service_.get());
  g_socket_listener_close(G_SOCKET_LISTENER(service_.get()));
  for (Leg* leg : std::set(route_->legs))
    leg->cancel();
}

void TurnSplice::start() {
  g_socket_service_start(service_.get());
}

}  // namespace turnout
