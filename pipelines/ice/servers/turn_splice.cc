#include "pipelines/ice/servers/turn_splice.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/ice/hooks/check_hooks.h"
#include "pipelines/ice/servers/server_connection.h"
#include "pipelines/stun/stun_message.h"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include <gio/gio.h>

namespace turnout {
namespace {

// For name, TCP and TLS together: as libwebrtc, which waits as long.
constexpr Duration kConnectLimit = 30s;

// How often a connection that is wanted during a black hole looks whether it is over.
constexpr Duration kSynInterval = 20ms;

}  // namespace

// One way of a TURN connection in a splice: carries whole messages from one stream to another, but
// for those that are to be dropped. Reads no more than it has written.
//
// Threads: the one whose default context runs it (a Loop's).
class TurnSplice::Pump {
 public:
  struct Ends {
    Ref<GIOStream> from, to;
    Ref<GCancellable> cancellable;
  };
  using Drops = std::function<bool(std::span<const std::uint8_t> message)>;

  // `on_end` is called once, after start(): at an end of file, an error, or when cancelled. It may
  // destroy the pump, which nothing else may between start() and that.
  Pump(Ends ends, Drops drops, std::function<void()> on_end)
      : ends_(std::move(ends)), drops_(std::move(drops)), on_end_(std::move(on_end)) {}
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  void start() { read(); }

 private:
  void read();
  void onRead(GAsyncResult* result);
  void sortOut();
  void write();
  void onWritten(GAsyncResult* result);

  const Ends ends_;
  const Drops drops_;
  const std::function<void()> on_end_;
  std::array<std::uint8_t, 8192> chunk_;
  std::vector<std::uint8_t> waiting_;  // the beginning of a message
  std::vector<std::uint8_t> passing_;
};

void TurnSplice::Pump::read() {
  g_input_stream_read_async(
      g_io_stream_get_input_stream(ends_.from.get()), chunk_.data(), chunk_.size(),
      G_PRIORITY_DEFAULT, ends_.cancellable.get(),
      [](GObject*, GAsyncResult* result, gpointer pump) {
        static_cast<Pump*>(pump)->onRead(result);
      },
      this);
}

void TurnSplice::Pump::onRead(GAsyncResult* result) {
  const gssize size =
      g_input_stream_read_finish(g_io_stream_get_input_stream(ends_.from.get()), result, nullptr);
  if (size <= 0)
    return on_end_();
  waiting_.insert(waiting_.end(), chunk_.begin(), chunk_.begin() + size);
  sortOut();
  if (passing_.empty())
    read();
  else
    write();
}

void TurnSplice::Pump::sortOut() {
  std::span<const std::uint8_t> rest(waiting_);
  for (auto size = turnMessageSize(rest); size && *size <= rest.size();
       size = turnMessageSize(rest)) {
    const auto message = rest.first(*size);
    if (!drops_(message)) {
      passing_.insert(passing_.end(), message.begin(), message.end());
      const auto early = takeEarlyIndication(message);
      passing_.insert(passing_.end(), early.begin(), early.end());
    }
    rest = rest.subspan(*size);
  }
  waiting_.erase(waiting_.begin(), waiting_.end() - static_cast<std::ptrdiff_t>(rest.size()));
}

void TurnSplice::Pump::write() {
  g_output_stream_write_all_async(
      g_io_stream_get_output_stream(ends_.to.get()), passing_.data(), passing_.size(),
      G_PRIORITY_DEFAULT, ends_.cancellable.get(),
      [](GObject*, GAsyncResult* result, gpointer pump) {
        static_cast<Pump*>(pump)->onWritten(result);
      },
      this);
}

void TurnSplice::Pump::onWritten(GAsyncResult* result) {
  if (!g_output_stream_write_all_finish(g_io_stream_get_output_stream(ends_.to.get()), result,
                                        nullptr, nullptr))
    return on_end_();
  passing_.clear();
  read();
}

struct TurnSplice::Route {
  Route(Setup how, Ref<GTlsDatabase> database)
      : setup(std::move(how)), trust(std::move(database)) {}

  Setup setup;
  Ref<GTlsDatabase> trust;  // null: the system's
  std::set<Leg*> legs = {};
  bool is_closed = false;
  std::atomic<ServerStage> pending = ServerStage::kNone;  // of the newest leg; kNone: connected
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
  void onRefused(ServerFault fault, std::string text);
  void carry(std::optional<Pump>& pump, GSocketConnection* from, GSocketConnection* to,
             PacketGate::Way way);
  void onPumpEnd();
  void fail(ServerFault fault, std::string text = {});
  void enter(ServerStage stage) { route_->pending = stage_ = stage; }

  std::shared_ptr<Route> route_;
  Ref<GSocketConnection> from_, to_;
  std::optional<Pump> out_, in_;
  int pumps_ = 0;  // under way
  Ref<GCancellable> cancellable_ = Ref<GCancellable>::adopt(g_cancellable_new());
  SignalConnection events_;
  Timer limit_, syn_;
  ServerStage stage_ = ServerStage::kNone;
  TlsJudge judge_;
};

void TurnSplice::Leg::fail(ServerFault fault, std::string text) {
  if (route_->is_closed)
    return;
  IceServerOutcome failure = noStunAnswer(stage_, fault, std::move(text));
  if (fault == ServerFault::kCertificate)
    failure.certificate_fault = judge_.certificateFault();
  route_->setup.on_failure(failure);
}

bool TurnSplice::Leg::isCutOff() const {
  const PacketGate& gate = *route_->setup.gate;
  return gate.isClosed(PacketGate::Way::kOut) || gate.isClosed(PacketGate::Way::kIn);
}

void TurnSplice::Leg::start() {
  enter(ServerStage::kName);
  limit_ = route_->setup.control.after(kConnectLimit, [this] { cancel(); });
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
  const std::string& literal = route_->setup.address;
  const auto client = socketClientFor(server, route_->setup.local_address);
  events_ = connect<void(GSocketClient*, GSocketClientEvent, GSocketConnectable*, GIOStream*)>(
      client.get(), "event",
      [this](GSocketClient*, GSocketClientEvent event, GSocketConnectable*, GIOStream* stream) {
        onEvent(event, stream);
      });
  g_socket_client_connect_to_host_async(
      client.get(), literal.empty() ? server.host.c_str() : literal.c_str(), server.port,
      cancellable_.get(),
      [](GObject* source, GAsyncResult* result, gpointer leg) {
        static_cast<Leg*>(leg)->onConnected(G_SOCKET_CLIENT(source), result);
      },
      this);
}

void TurnSplice::Leg::onEvent(GSocketClientEvent event, GIOStream* stream) {
  if (event == G_SOCKET_CLIENT_CONNECTING)
    enter(ServerStage::kConnect);
  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;
  enter(ServerStage::kTls);
  judge_.begin(G_TLS_CONNECTION(stream), route_->setup.server, route_->trust.get());
}

void TurnSplice::Leg::onConnected(GSocketClient* client, GAsyncResult* result) {
  Owned<GError> error;
  to_ = Ref<GSocketConnection>::adopt(
      g_socket_client_connect_to_host_finish(client, result, error.out()));
  limit_.cancel();
  events_.disconnect();
  route_->pending = ServerStage::kNone;
  if (!to_)
    return onRefused(judge_.faultOf(*error.get()), errorCause(error->message));
  if (route_->setup.server.transport == TurnTransport::kTls)
    if (const ServerFault fault = judge_.faultOf(to_.get()); fault != ServerFault::kNone)
      return onRefused(fault, {});
  stage_ = ServerStage::kAllocate;
  setNoDelay(to_.get());
  carry(out_, from_.get(), to_.get(), PacketGate::Way::kOut);
  carry(in_, to_.get(), from_.get(), PacketGate::Way::kIn);
}

void TurnSplice::Leg::onRefused(ServerFault fault, std::string text) {
  fail(fault, std::move(text));
  g_io_stream_close(G_IO_STREAM(from_.get()), nullptr, nullptr);
  delete this;
}

void TurnSplice::Leg::carry(std::optional<Pump>& pump, GSocketConnection* from,
                            GSocketConnection* to, PacketGate::Way way) {
  ++pumps_;
  pump.emplace(
      TurnSplice::Pump::Ends{Ref<GIOStream>::share(G_IO_STREAM(from)),
                             Ref<GIOStream>::share(G_IO_STREAM(to)), cancellable_},
      [route = route_, way](std::span<const std::uint8_t> message) {
        PacketGate& gate = *route->setup.gate;
        if (gate.drops(way, message, PacketGate::Carrier::kStream,
                       [&route] { return route->setup.name; }))
          return true;
        if (way == PacketGate::Way::kOut && gate.budget() && isStunRequest(message))
          gate.budget()->count(route->setup.name, now());
        return false;
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
  fail(ServerFault::kClosed);
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

ServerStage TurnSplice::pending() const {
  return route_->pending;
}

void TurnSplice::start() {
  g_socket_service_start(service_.get());
}

}  // namespace turnout
