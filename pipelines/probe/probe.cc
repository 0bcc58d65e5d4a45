#include "pipelines/probe/probe.h"

#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <utility>

#include <gio/gio.h>

namespace turnout {
namespace {

constexpr Duration kCrossLimit = 1500ms;

}  // namespace

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
  for (std::size_t i = 0; i < targets_.size(); ++i) {
    servers.push_back(targets_[i].server);
    startServer({.target = i, .probe = {}}, {targets_[i].server, targets_[i].expectation});
  }
  nat_.emplace(loop_, servers, options_.local_address, [this] { onPartDone(); });
}

void Probe::startServer(Part part, ServerProbe::Setup setup) {
  const std::size_t number = parts_.size();
  parts_.push_back(std::move(part));
  parts_.back().probe = std::make_unique<ServerProbe>(loop_, setup, options_,
                                                      [this, number] { onServerDone(number); });
}

void Probe::stop() {
  is_stopped_ = true;
  for (const Part& part : parts_)
    part.probe->stop();
  for (const auto& crossing : crossings_)
    crossing->stop();
}

void Probe::onServerDone(std::size_t part) {
  if (!is_stopped_ && follow(parts_[part]))
    ++pending_;
  onPartDone();
}

// The other server is asked as this one was, TLS for the same name included (RFC 8489 10). A server
// that was asked already is a circle.
bool Probe::follow(const Part& part) {
  constexpr int kMostRedirections = 5;
  const auto& alternate = part.probe->alternate();
  const ProbeTarget& target = targets_[part.target];
  if (!alternate || part.redirections >= kMostRedirections)
    return false;
  const std::string address = socketAddressText(*alternate);
  if (address == part.probe->report().address ||
      !alternates_.insert(toString(target.server.transport) + (" " + address)).second)
    return false;
  ServerProbe::Setup setup{target.server, target.expectation, hostText(*alternate)};
  setup.server.port = portOf(*alternate);
  startServer({.target = part.target,
               .probe = {},
               .redirected_by = part.probe->report().address,
               .redirections = part.redirections + 1},
              std::move(setup));
  return true;
}

void Probe::onPartDone() {
  if (--pending_ > 0)
    return;
  if (crossings_.empty() && !is_stopped_ && options_.with_echo)
    startCrossings();
  if (pending_ == 0)
    finish();
}

// One server with the next, of those that have relays of their own: addresses, not transports.
void Probe::startCrossings() {
  constexpr std::size_t kMost = 4;
  std::vector<ServerProbe::Setup> relays;
  std::set<std::string> hosts;
  for (const Part& part : parts_) {
    const ServerReport& report = part.probe->report();
    const auto relayed = report.relayed_address.substr(0, report.relayed_address.rfind(':'));
    if (!report.works() || relayed.empty() || relays.size() == kMost ||
        !part.redirected_by.empty() || !hosts.insert(relayed).second)
      continue;
    relays.push_back({targets_[part.target].server, Expectation::kMustWork, {}});
  }
  if (relays.size() < 2)
    return;
  pending_ = relays.size() - 1;
  ProbeOptions options = options_;
  options.limit = std::min<Duration>(options_.limit, kCrossLimit);
  for (std::size_t i = 0; i + 1 < relays.size(); ++i)
    crossings_.push_back(std::make_unique<CrossProbe>(loop_, relays[i], relays[i + 1], options,
                                                      [this] { onPartDone(); }));
}

// Reports come in the order of the targets, each followed by where it sends its clients.
void Probe::finish() {
  ProbeReport report;
  for (std::size_t target = 0; target < targets_.size(); ++target)
    for (const Part& part : parts_)
      if (part.target == target) {
        report.servers.push_back(part.probe->report());
        report.servers.back().redirected_by = part.redirected_by;
      }
  // Who sends its clients elsewhere does what it is for: the faults are those of where they go.
  for (std::size_t i = 1; i < report.servers.size(); ++i)
    if (!report.servers[i].redirected_by.empty())
      report.servers[i - 1].fault.reset();
  for (const auto& crossing : crossings_)
    report.crossings.push_back(crossing->report());
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
