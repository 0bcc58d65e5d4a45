#include "pipelines/probe/probe.h"

#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <utility>

#include <gio/gio.h>

namespace turnout {

Probe::Probe(Loop& loop, std::vector<ProbeTarget> targets, ProbeOptions options, OnDone on_done)
    : loop_(loop),
      targets_(std::move(targets)),
      options_(std::move(options)),
      on_done_(std::move(on_done)),
      began_(now()) {
  // From the loop, so that what GLib does is done there.
  start_ = loop_.after(0s, [this] { start(); });
}

// Loading the system's authorities blocks for some 50 ms, which would count as times of servers.
void Probe::start() {
  if (std::any_of(targets_.begin(), targets_.end(), [](const ProbeTarget& target) {
        return target.server.transport == TurnTransport::kTls;
      }))
    Ref<GTlsDatabase>::adopt(g_tls_backend_get_default_database(g_tls_backend_get_default()));
  pending_ = targets_.size() + 1;
  std::vector<IceServer> servers;
  for (const ProbeTarget& target : targets_) {
    servers.push_back(target.server);
    servers_.push_back(std::make_unique<ServerProbe>(loop_, target.server, target.expectation,
                                                     options_, [this] { onPartDone(); }));
  }
  nat_.emplace(loop_, servers, options_.local_address, [this] { onPartDone(); });
}

void Probe::stop() {
  for (const auto& server : servers_)
    server->stop();
}

void Probe::onPartDone() {
  if (--pending_ > 0)
    return;
  ProbeReport report;
  for (const auto& server : servers_)
    report.servers.push_back(server->report());
  report.nat = nat_->report();
  report.elapsed_ms = toMs(now() - began_);
  const OnDone on_done = std::exchange(on_done_, nullptr);
  on_done(report);
}

namespace {

struct TransportUrl {
  TurnTransport transport;
  const char* scheme;
  const char* query;
  std::uint16_t usual_port;
};
constexpr TransportUrl kUrls[] = {{TurnTransport::kUdp, "turn:", "?transport=udp", 3478},
                                  {TurnTransport::kTcp, "turn:", "?transport=tcp", 3478},
                                  {TurnTransport::kTls, "turns:", "?transport=tcp", 5349}};

bool isSame(const IceServer& one, const IceServer& other) {
  return one.scheme == other.scheme && one.host == other.host && one.port == other.port &&
         one.transport == other.transport;
}

bool isTls(TurnTransport transport) {
  return transport == TurnTransport::kTls;
}

}  // namespace

std::vector<ProbeTarget> allTransportsOf(const std::vector<IceServer>& servers) {
  std::vector<ProbeTarget> all;
  for (const IceServer& server : servers)
    all.push_back({server, Expectation::kMustWork});
  for (const IceServer& server : servers) {
    if (server.scheme != IceScheme::kTurn)
      continue;
    for (const TransportUrl& url : kUrls) {
      IceServer tried = server;
      tried.transport = url.transport;
      const auto told = std::find_if(servers.begin(), servers.end(), [&](const IceServer& other) {
        return other.scheme == IceScheme::kTurn && other.host == server.host &&
               isTls(other.transport) == isTls(url.transport);
      });
      tried.port = told == servers.end() ? url.usual_port : told->port;
      tried.url = url.scheme + hostPort(tried.host, tried.port) + url.query;
      if (std::none_of(all.begin(), all.end(),
                       [&](const ProbeTarget& target) { return isSame(target.server, tried); }))
        all.push_back({tried, Expectation::kTried});
    }
  }
  return all;
}

}  // namespace turnout
