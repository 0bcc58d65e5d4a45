#include "pipelines/probe/server_link.h"

#include "pipelines/ice/servers/server_outcomes.h"
#include "pipelines/ice/servers/tls_trust.h"
#include "pipelines/probe/error_cause.h"
#include "pipelines/probe/stream_transport.h"
#include "pipelines/probe/udp_socket.h"
#include "pipelines/stun/socket_address.h"

#include <utility>

#include <gio/gio.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace turnout {

template <>
struct OwnedOps<GDateTime> {
  static void free(GDateTime* p) { g_date_time_unref(p); }
};

namespace {

std::string take(char* text) {
  const Owned<char> owned(text);
  return text ? text : "";
}

ProbeCertificate describe(GTlsCertificate* certificate) {
  ProbeCertificate out;
  out.subject = take(g_tls_certificate_get_subject_name(certificate));
  out.issuer = take(g_tls_certificate_get_issuer_name(certificate));
  if (const Owned<GDateTime> end(g_tls_certificate_get_not_valid_after(certificate)); end)
    out.expires = take(g_date_time_format_iso8601(end.get()));
  return out;
}

using OnConnect = std::function<void(GSocketClient*, GAsyncResult*)>;

void connectAsync(GSocketClient* client, GSocketConnectable* to, GCancellable* cancellable,
                  OnConnect on_connect) {
  g_socket_client_connect_async(
      client, to, cancellable,
      [](GObject* source, GAsyncResult* result, gpointer data) {
        const std::unique_ptr<OnConnect> done(static_cast<OnConnect*>(data));
        (*done)(G_SOCKET_CLIENT(source), result);
      },
      new OnConnect(std::move(on_connect)));
}

}  // namespace

ServerLink::ServerLink(Setup setup, OnReady on_ready)
    : setup_(std::move(setup)), on_ready_(std::move(on_ready)), address_(setup_.address) {}

ServerLink::~ServerLink() {
  g_cancellable_cancel(cancellable_.get());
}

double ServerLink::lap() {
  const Instant began = std::exchange(step_began_, now());
  return toMs(step_began_ - began);
}

void ServerLink::start() {
  step_began_ = now();
  limit_ = setup_.loop.after(setup_.limit, [this] { fail("no answer"); });
  if (setup_.server.transport != TurnTransport::kUdp)
    return connectStream();
  const std::string host = address_.empty() ? setup_.server.host : address_;
  if (socketAddress(host, setup_.server.port)) {
    limit_ = setup_.loop.after(0s, [this, host] { openUdp(std::vector{host}); });
    return;
  }
  lookUpHost(
      setup_.loop, host,
      [weak = std::weak_ptr(self_)](const HostAddresses& addresses) {
        const auto self = weak.lock();
        if (!self || !(*self)->on_ready_)
          return;
        (*self)->times_.dns_ms = (*self)->lap();
        (*self)->openUdp(addresses);
      },
      setup_.limit);
}

void ServerLink::openUdp(const HostAddresses& addresses) {
  if (!addresses) {
    times_.dns_ms.reset();
    return fail(errorCause(addresses.error().what));
  }
  stage_ = ProbeStage::kConnect;
  std::string why;
  std::vector<UdpRace::Runner> runners;
  for (const std::string& literal : *addresses) {
    const auto peer = socketAddress(literal, setup_.server.port);
    if (!peer)
      continue;  // an IPv6 address with a zone: of one link only
    auto socket = UdpSocket::connectTo(setup_.loop, *peer, setup_.local_address);
    if (socket)
      runners.push_back({literal, *std::move(socket)});
    else
      why = socket.error().what;  // there is no route
  }
  if (runners.size() < 2)
    return onRaced(runners.empty() ? UdpRace::Runner{} : std::move(runners[0]), why);
  stage_ = ProbeStage::kStun;
  race_.emplace(setup_.loop, std::move(runners),
                [this](UdpRace::Runner winner, const std::string& refusal) {
                  onRaced(std::move(winner), refusal);
                });
}

void ServerLink::onRaced(UdpRace::Runner winner, const std::string& why) {
  if (!on_ready_)
    return;
  if (!winner.socket)
    return fail(errorCause(why));
  address_ = winner.address;
  finish(std::make_unique<UdpTransport>(std::move(winner.socket)));
}

bool ServerLink::loadTrust() {
  const IceServer& server = setup_.server;
  if (server.transport != TurnTransport::kTls || server.tls_ca_file.empty())
    return true;
  auto trust = trustFrom(server.tls_ca_file);
  if (trust) {
    trust_ = *std::move(trust);
    return true;
  }
  stage_ = ProbeStage::kTls;
  limit_ = setup_.loop.after(0s, [this, why = trust.error().what] { fail(why); });
  return false;
}

void ServerLink::connectStream() {
  if (!loadTrust())
    return;
  const IceServer& server = setup_.server;
  const auto client = Ref<GSocketClient>::adopt(g_socket_client_new());
  g_socket_client_set_tls(client.get(), server.transport == TurnTransport::kTls);
  g_socket_client_set_enable_proxy(client.get(), FALSE);  // the path itself is measured
  if (!setup_.local_address.empty()) {
    const auto local = Ref<GSocketAddress>::adopt(
        g_inet_socket_address_new_from_string(setup_.local_address.c_str(), 0));
    g_socket_client_set_local_address(client.get(), local.get());
    g_socket_client_set_family(client.get(), g_socket_address_get_family(local.get()));
  }
  events_ = connect<void(GSocketClient*, GSocketClientEvent, GSocketConnectable*, GIOStream*)>(
      client.get(), "event",
      [this](GSocketClient*, GSocketClientEvent event, GSocketConnectable*, GIOStream* stream) {
        onEvent(event, stream);
      });
  const std::string& host = address_.empty() ? server.host : address_;
  const auto to = Ref<GSocketConnectable>::adopt(g_network_address_new(host.c_str(), server.port));
  connectAsync(client.get(), to.get(), cancellable_.get(),
               [weak = std::weak_ptr(self_)](GSocketClient* from, GAsyncResult* result) {
                 if (const auto self = weak.lock())
                   (*self)->onConnected(from, result);
               });
}

// GLib tries the addresses of a name in turn, the next one every 250 ms (RFC 8305).
void ServerLink::onEvent(GSocketClientEvent event, GIOStream* stream) {
  switch (event) {
    case G_SOCKET_CLIENT_RESOLVED: {
      const bool is_name = !g_hostname_is_ip_address(setup_.server.host.c_str());
      const double took = lap();
      if (is_name && setup_.address.empty())
        times_.dns_ms = took;
      stage_ = ProbeStage::kConnect;
      return;
    }
    case G_SOCKET_CLIENT_CONNECTED: {
      times_.tcp_ms = lap();
      GSocket* socket = g_socket_connection_get_socket(G_SOCKET_CONNECTION(stream));
      g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1, nullptr);
      const auto remote = Ref<GSocketAddress>::adopt(g_socket_get_remote_address(socket, nullptr));
      if (remote)
        address_ = take(g_inet_address_to_string(
            g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote.get()))));
      return;
    }
    case G_SOCKET_CLIENT_TLS_HANDSHAKING:
      stage_ = ProbeStage::kTls;
      return beginTls(G_TLS_CONNECTION(stream));
    case G_SOCKET_CLIENT_TLS_HANDSHAKED:
      times_.tls_ms = lap();
      return;
    default:
      return;
  }
}

void ServerLink::beginTls(GTlsConnection* tls) {
  const IceServer& server = setup_.server;
  // Also when the address was given: the certificate is for the host.
  const auto identity =
      Ref<GSocketConnectable>::adopt(g_network_address_new(server.host.c_str(), server.port));
  g_tls_client_connection_set_server_identity(G_TLS_CLIENT_CONNECTION(tls), identity.get());
  if (trust_)
    g_tls_connection_set_database(tls, trust_.get());
  // Emitted only for a certificate that GLib would refuse.
  accept_ = connect<gboolean(GTlsConnection*, GTlsCertificate*, GTlsCertificateFlags)>(
      tls, "accept-certificate",
      [this](GTlsConnection*, GTlsCertificate* certificate, GTlsCertificateFlags flags) {
        certificate_ = describe(certificate);
        certificate_->fault = certificateFaultOf(flags);
        return setup_.server.tls_verify ? FALSE : TRUE;
      });
}

void ServerLink::onConnected(GSocketClient* client, GAsyncResult* result) {
  Owned<GError> error;
  auto connection =
      Ref<GSocketConnection>::adopt(g_socket_client_connect_finish(client, result, error.out()));
  if (!on_ready_)
    return;
  if (!connection)
    return tellFault(*error.get());
  if (setup_.server.transport == TurnTransport::kTls && !certificate_) {
    GIOStream* tls =
        g_tcp_wrapper_connection_get_base_io_stream(G_TCP_WRAPPER_CONNECTION(connection.get()));
    if (auto* certificate = g_tls_connection_get_peer_certificate(G_TLS_CONNECTION(tls)))
      certificate_ = describe(certificate);
  }
  finish(std::make_unique<StreamTransport>(
      setup_.loop, Ref<GIOStream>::adopt(G_IO_STREAM(connection.release()))));
}

void ServerLink::tellFault(const GError& error) {
  if (certificate_ && certificate_->fault != CertificateFault::kNone)
    return fail(std::string("certificate ") + toString(certificate_->fault));
  fail(errorCause(error.message));
}

void ServerLink::fail(const std::string& text) {
  fault_ = ProbeFault{stage_, kNoAnswer, text};
  finish(nullptr);
}

void ServerLink::finish(std::unique_ptr<ProbeTransport> transport) {
  limit_.cancel();
  events_.disconnect();
  accept_.disconnect();
  if (!transport)
    g_cancellable_cancel(cancellable_.get());
  const OnReady on_ready = std::exchange(on_ready_, nullptr);
  on_ready(std::move(transport));
}

}  // namespace turnout
