#include "pipelines/probe/server_link.h"

#include "pipelines/probe/stun_client.h"
#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <set>
#include <utility>

#include <gio/gio.h>

namespace turnout {
namespace {

std::string take(char* text) {
  const Owned<char> owned(text);
  return text ? text : "";
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

UdpRace::UdpRace(Loop& loop, std::vector<Runner> runners, OnDone on_done)
    : loop_(loop),
      runners_(std::move(runners)),
      on_done_(std::move(on_done)),
      request_(codec_.request({})),
      is_out_(runners_.size()) {
  for (std::size_t i = 0; i < runners_.size(); ++i)
    runners_[i].socket->listen(
        {[this, i](const sockaddr_storage&, auto bytes) { onMessage(i, bytes); },
         [this, i](const GError& error) {
           onRefused(i, {serverFaultOf(error), errorCause(error.message)});
         }});
  winner_ = firstLeft(false);
  end_ = loop_.after(kLength, [this] { finish(); });
  ask();
}

void UdpRace::ask() {
  for (std::size_t i = 0; i < runners_.size(); ++i)
    if (!is_out_[i])
      runners_[i].socket->send(request_.bytes);
  again_ = loop_.after(StunClient::kFirstPause, [this] { ask(); });
}

// All runners have the same request: who answers first makes the others' answers unknown.
void UdpRace::onMessage(std::size_t runner, std::span<const std::uint8_t> bytes) {
  if (!codec_.understand(bytes))
    return;
  if (!runners_[runner].is_first) {
    other_ = runners_[runner].address;
    is_out_[runner] = true;
    if (firstLeft(false) == runners_.size())
      end_ = loop_.after(0s, [this] { finish(); });
    return;
  }
  winner_ = runner;
  has_answer_ = true;
  end_ = loop_.after(0s, [this] { finish(); });
}

void UdpRace::onRefused(std::size_t runner, TransportEnd why) {
  if (is_out_[runner] || has_answer_)
    return;
  is_out_[runner] = true;
  why_ = std::move(why);
  winner_ = firstLeft(false);
  if (firstLeft(true) == runners_.size())
    end_ = loop_.after(0s, [this] { finish(); });
}

std::size_t UdpRace::firstLeft(bool with_others) const {
  std::size_t runner = 0;
  while (runner < runners_.size() &&
         (is_out_[runner] || !(runners_[runner].is_first || with_others)))
    ++runner;
  return runner;
}

void UdpRace::finish() {
  again_.cancel();
  end_.cancel();
  for (Runner& runner : runners_)
    runner.socket->listen({});
  if (!other_.empty() && !has_answer_) {
    winner_ = runners_.size();
    why_ = {ServerFault::kOtherAddress, other_};
  }
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(winner_ < runners_.size() ? std::move(runners_[winner_]) : Runner{}, why_);
}

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
  limit_ = setup_.loop.after(setup_.limit, [this] { fail(ServerFault::kTimeout); });
  if (setup_.server.transport != TurnTransport::kUdp)
    return connectStream();
  const std::string host = address_.empty() ? setup_.server.host : address_;
  if (socketAddress(host, setup_.server.port)) {
    limit_ = setup_.loop.after(0s, [this, host] { openUdp({.literals = {host}}); });
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
  if (addresses.literals.empty()) {
    times_.dns_ms.reset();
    return fail(addresses.fault, addresses.error_text);
  }
  stage_ = ServerStage::kConnect;
  TransportEnd why{ServerFault::kUnreachable, {}};
  std::vector<UdpRace::Runner> runners;
  std::set<sa_family_t> families;
  for (const std::string& literal : addresses.literals) {
    const auto peer = socketAddress(literal, setup_.server.port);
    if (!peer)
      continue;  // an IPv6 address with a zone: of one link only
    const bool is_first = families.insert(peer->ss_family).second;
    auto socket = UdpSocket::connectTo(setup_.loop, *peer, setup_.local_address);
    if (socket)
      runners.push_back({literal, *std::move(socket), is_first});
    else
      why.text = errorCause(socket.error().what);  // there is no route
  }
  if (runners.size() < 2)
    return onRaced(runners.empty() ? UdpRace::Runner{} : std::move(runners[0]), why);
  stage_ = ServerStage::kStun;
  race_.emplace(setup_.loop, std::move(runners),
                [this](UdpRace::Runner winner, const TransportEnd& refusal) {
                  onRaced(std::move(winner), refusal);
                });
}

void ServerLink::onRaced(UdpRace::Runner winner, const TransportEnd& why) {
  if (!on_ready_)
    return;
  if (!winner.socket)
    return fail(why.fault, why.text);
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
  stage_ = ServerStage::kTls;
  limit_ =
      setup_.loop.after(0s, [this, why = trust.error().what] { fail(ServerFault::kOurSide, why); });
  return false;
}

void ServerLink::connectStream() {
  if (!loadTrust())
    return;
  const IceServer& server = setup_.server;
  const auto client = socketClientFor(server, setup_.local_address);
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
      stage_ = ServerStage::kConnect;
      return;
    }
    case G_SOCKET_CLIENT_CONNECTED: {
      times_.tcp_ms = lap();
      setNoDelay(G_SOCKET_CONNECTION(stream));
      const auto remote = Ref<GSocketAddress>::adopt(
          g_socket_connection_get_remote_address(G_SOCKET_CONNECTION(stream), nullptr));
      if (remote)
        address_ = take(g_inet_address_to_string(
            g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote.get()))));
      return;
    }
    case G_SOCKET_CLIENT_TLS_HANDSHAKING:
      stage_ = ServerStage::kTls;
      return judge_.begin(G_TLS_CONNECTION(stream), setup_.server, trust_.get());
    case G_SOCKET_CLIENT_TLS_HANDSHAKED:
      times_.tls_ms = lap();
      return;
    default:
      return;
  }
}

void ServerLink::onConnected(GSocketClient* client, GAsyncResult* result) {
  Owned<GError> error;
  auto connection =
      Ref<GSocketConnection>::adopt(g_socket_client_connect_finish(client, result, error.out()));
  if (!on_ready_)
    return;
  if (!connection)
    return fail(judge_.faultOf(*error.get()), errorCause(error->message));
  if (setup_.server.transport == TurnTransport::kTls)
    if (const ServerFault fault = judge_.faultOf(connection.get()); fault != ServerFault::kNone)
      return fail(fault);
  finish(std::make_unique<StreamTransport>(
      setup_.loop, Ref<GIOStream>::adopt(G_IO_STREAM(connection.release()))));
}

void ServerLink::fail(ServerFault fault, const std::string& text) {
  fault_ = noStunAnswer(stage_, fault, text);
  if (fault == ServerFault::kCertificate)
    fault_->certificate_fault = judge_.certificateFault();
  finish(nullptr);
}

void ServerLink::finish(std::unique_ptr<ProbeTransport> transport) {
  limit_.cancel();
  events_.disconnect();
  if (!transport)
    g_cancellable_cancel(cancellable_.get());
  const OnReady on_ready = std::exchange(on_ready_, nullptr);
  on_ready(std::move(transport));
}

}  // namespace turnout
