#include "pipelines/ice/servers/turn_splice.h"

#include "pipelines/ice/servers/certificate_fault.h"
#include "pipelines/ice/servers/message_pump.h"
#include "pipelines/ice/servers/tls_trust.h"

#include <atomic>
#include <optional>
#include <set>
#include <utility>

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace turnout {
namespace {

// For name, TCP and TLS together.
constexpr Duration kConnectLimit = 5s;

// How often a connection that is wanted during a black hole looks whether it is over.
constexpr Duration kSynInterval = 20ms;

// Small STUN messages and media must not wait for each other (RFC 896).
void setNoDelay(GSocketConnection* connection) {
  g_socket_set_option(g_socket_connection_get_socket(connection), IPPROTO_TCP, TCP_NODELAY, 1,
                      nullptr);
}

}  // namespace

struct TurnSplice::Route {
  Route(Setup how, Ref<GTlsDatabase> database)
      : setup(std::move(how)), trust(std::move(database)) {}

  Setup setup;
  Ref<GTlsDatabase> trust;  // null: the system's
  std::set<Leg*> legs = {};
  bool is_closed = false;
  std::atomic<const char*> pending = nullptr;  // the phase of the newest leg; null: connected
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

  void start();
  void cancel() { g_cancellable_cancel(cancellable_.get()); }

 private:
  bool isCutOff() const;
  void connectToServer();
  void onEvent(GSocketClientEvent event, GIOStream* stream);
  void onConnected(GSocketClient* client, GAsyncResult* result);
  void onRefused(const GError& error);
  void carry(std::optional<MessagePump>& pump, GSocketConnection* from, GSocketConnection* to,
             PacketGate::Way way);
  void onPumpEnd();
  void fail(const std::string& what);
  void enter(const char* phase) { route_->pending = phase_ = phase; }

  std::shared_ptr<Route> route_;
  Ref<GSocketConnection> from_, to_;
  std::optional<MessagePump> out_, in_;
  int pumps_ = 0;  // under way
  Ref<GCancellable> cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
  SignalConnection events_, certificate_;
  Timer limit_, syn_;
  const char* phase_ = "";
  std::string certificate_fault_;
  bool is_late_ = false;
};

void TurnSplice::Leg::fail(const std::string& what) {
  if (!route_->is_closed)
    route_->setup.on_failure(std::string(phase_) + ": " + what);
}

bool TurnSplice::Leg::isCutOff() const {
  const PacketGate& gate = *route_->setup.gate;
  return gate.isClosed(PacketGate::Way::kOut) || gate.isClosed(PacketGate::Way::kIn);
}

void TurnSplice::Leg::start() {
  enter("name");
  limit_ = route_->setup.control.after(kConnectLimit, [this] {
    is_late_ = true;
    cancel();
  });
  if (!isCutOff())
    return connectToServer();
  syn_ = route_->setup.control.every(kSynInterval, [this] {
    if (isCutOff() && !g_cancellable_is_cancelled(cancellable_.get()))
      return;
    syn_.cancel();
    connectToServer();
  });
}

void TurnSplice::Leg::connectToServer() {
  const IceServer& server = route_->setup.server;
  const auto client = Ref<GSocketClient>::adopt(g_socket_client_new());
  g_socket_client_set_tls(client.get(), server.transport == TurnTransport::kTls);
  g_socket_client_set_enable_proxy(client.get(), FALSE);  // the path itself is measured
  if (const std::string& local = route_->setup.local_address; !local.empty()) {
    const auto address =
        Ref<GSocketAddress>::adopt(g_inet_socket_address_new_from_string(local.c_str(), 0));
    g_socket_client_set_local_address(client.get(), address.get());
    g_socket_client_set_family(client.get(), g_socket_address_get_family(address.get()));
  }
  events_ = connect<void(GSocketClient*, GSocketClientEvent, GSocketConnectable*, GIOStream*)>(
      client.get(), "event",
      [this](GSocketClient*, GSocketClientEvent event, GSocketConnectable*, GIOStream* stream) {
        onEvent(event, stream);
      });
  g_socket_client_connect_to_host_async(
      client.get(), server.host.c_str(), server.port, cancellable_.get(),
      [](GObject* source, GAsyncResult* result, gpointer leg) {
        static_cast<Leg*>(leg)->onConnected(G_SOCKET_CLIENT(source), result);
      },
      this);
}

void TurnSplice::Leg::onEvent(GSocketClientEvent event, GIOStream* stream) {
  if (event == G_SOCKET_CLIENT_CONNECTING)
    enter("TCP");
  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  enter("TLS");
  if (route_->trust)
    g_tls_connection_set_database(G_TLS_CONNECTION(stream), route_->trust.get());
  // Emitted only for a certificate that GLib would refuse.
  certificate_ = connect<gboolean(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags)>(
      stream, "accept-certificate",
      [this](GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags flags) -> gboolean {
        certificate_fault_ = std::string("certificate ") + toString(certificateFaultOf(flags));
        return !route_->setup.server.tls_verify;
      });
}

void TurnSplice::Leg::onConnected(GSocketClient* client, GAsyncResult* result) {
  Owned<GError> error;
  to_ = Ref<GSocketConnection>::adopt(
      g_socket_client_connect_to_host_finish(client, result, error.out()));
  limit_.cancel();
  events_.disconnect();
  route_->pending = nullptr;
  if (!to_)
    return onRefused(*error.get());
  setNoDelay(to_.get());
  carry(out_, from_.get(), to_.get(), PacketGate::Way::kOut);
  carry(in_, to_.get(), from_.get(), PacketGate::Way::kIn);
}

void TurnSplice::Leg::onRefused(const GError& error) {
  fail(is_late_                      ? "no connection within 5 s"
       : !certificate_fault_.empty() ? certificate_fault_
                                     : error.message);
  g_io_stream_close(G_IO_STREAM(from_.get()), nullptr, nullptr);
  delete this;
}

void TurnSplice::Leg::carry(std::optional<MessagePump>& pump, GSocketConnection* from,
                            GSocketConnection* to, PacketGate::Way way) {
  ++pumps_;
  pump.emplace(
      MessagePump::Ends{Ref<GIOStream>::share(G_IO_STREAM(from)),
                        Ref<GIOStream>::share(G_IO_STREAM(to)), cancellable_},
      [gate = route_->setup.gate, way](std::span<const std::uint8_t> message) {
        return gate->takes(way, message, PacketGate::Carrier::kStream);
      },
      [this] { onPumpEnd(); });
  pump->start();
}

// One way ends both. Closing without waiting: TLS would want to say good-bye first.
void TurnSplice::Leg::onPumpEnd() {
  if (--pumps_ > 0)
    return cancel();
  for (GSocketConnection* connection : {from_.get(), to_.get()})
    g_io_stream_close_async(G_IO_STREAM(connection), G_PRIORITY_DEFAULT, nullptr, nullptr, nullptr);
  fail("the connection ended without an answer");
  delete this;
}

Result<std::unique_ptr<TurnSplice>> TurnSplice::listen(Setup setup) {
  const IceServer& server = setup.server;
  const GSocketFamily family = setup.family;
  Owned<GError> error;
  Ref<GTlsDatabase> trust;
  if (server.transport == TurnTransport::kTls && !server.tls_ca_file.empty()) {
    auto loaded = trustFrom(server.tls_ca_file);
    if (!loaded)
      return loaded.error();
    trust = *std::move(loaded);
  }
  std::unique_ptr<TurnSplice> splice(
      new TurnSplice(std::make_shared<Route>(std::move(setup), std::move(trust))));
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
        (new Leg(route, from))->start();
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

const char* TurnSplice::pendingPhase() const {
  return route_->pending;
}

void TurnSplice::start() {
  g_socket_service_start(service_.get());
}

}  // namespace turnout
