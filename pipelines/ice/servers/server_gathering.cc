#include "pipelines/ice/servers/server_gathering.h"

#include "pipelines/stun/socket_address.h"

#include <algorithm>
#include <utility>

#include <gio/gio.h>

namespace turnout {
namespace {

// NICE_CANDIDATE_MAX_TURN_SERVERS of libnice's candidate.h: more do not fit into a priority.
constexpr std::size_t kMaxRelays = 8;

// How many servers may pass us on, one to the next.
constexpr std::size_t kMostRedirections = 4;

std::optional<GSocketFamily> familyOf(const std::string& literal) {
  const auto address = Ref<GInetAddress>::adopt(g_inet_address_new_from_string(literal.c_str()));
  return address ? std::optional(g_inet_address_get_family(address.get())) : std::nullopt;
}

std::vector<GSocketFamily> familiesOf(const std::vector<std::string>& literals) {
  std::vector<GSocketFamily> families;
  for (const std::string& literal : literals)
    if (const auto family = familyOf(literal))
      families.push_back(*family);
  return families;
}

IceServerOutcome mappedTo(const std::string& address) {
  IceServerOutcome outcome;
  outcome.address = address;
  return outcome;
}

bool isSameUdpEndpoint(const IceServer& a, const IceServer& b) {
  return a.transport == TurnTransport::kUdp && b.transport == TurnTransport::kUdp &&
         a.host == b.host && a.port == b.port;
}

// Of the program behind a URL, for its requests: all URLs of a TURN server that the run has started
// are one.
bool isOfTheRun(const IceServer& server) {
  return server.url.find('{') != std::string::npos;
}
std::string nameOf(const IceServer& server) {
  if (!isOfTheRun(server))
    return hostPort(server.host, server.port);
  const std::size_t open = server.url.find('{');
  return server.url.substr(open, server.url.find('}') - open + 1);
}

bool contains(const std::vector<GSocketFamily>& families, GSocketFamily family) {
  return families.empty() || std::find(families.begin(), families.end(), family) != families.end();
}

}  // namespace

std::shared_ptr<ServerGathering> ServerGathering::create(LoopThread& control,
                                                         const IceConfig& config,
                                                         std::shared_ptr<PacketGate> gate,
                                                         ServerOutcomes::OnOutcome on_outcome) {
  std::shared_ptr<ServerGathering> gathering(
      new ServerGathering(control, config, std::move(gate), std::move(on_outcome)));
  gathering->plan(config.relay_only);
  return gathering;
}

ServerGathering::ServerGathering(LoopThread& control, const IceConfig& config,
                                 std::shared_ptr<PacketGate> gate,
                                 ServerOutcomes::OnOutcome on_outcome)
    : control_(control),
      servers_(config.servers),
      families_(familiesOf(config.local_addresses)),
      local_address_(config.local_addresses.size() == 1 ? config.local_addresses.front() : ""),
      gate_(std::move(gate)),
      ledger_(std::make_shared<Ledger>(config.servers,
                                       config.local_addresses.size() == 1
                                           ? ServerOutcomes::Failures::kAtOnce
                                           : ServerOutcomes::Failures::kAtEnd,
                                       std::move(on_outcome))) {}

void ServerGathering::Ledger::lookForMapped() {
  if (const std::string address = mapped.fromBinding(); stun && !address.empty())
    outcomes.succeed(*stun, mappedTo(address), now());
}

void ServerGathering::Ledger::hear(double rtt_ms) {
  if (rtt_ms > check_times->slowest_server_ms)
    check_times->slowest_server_ms = rtt_ms;
}

void ServerGathering::fail(std::size_t server, ServerStage stage, ServerFault fault,
                           std::string text) {
  ledger_->outcomes.fail(server, noStunAnswer(stage, fault, std::move(text)), now());
}

void ServerGathering::plan(bool relay_only) {
  for (std::size_t i = 0; i < servers_.size(); ++i) {
    if (servers_[i].scheme == IceScheme::kStun)
      planStun(i, relay_only);
    else
      planTurn(i);
  }
  if (ledger_->stun)
    findAddress(*ledger_->stun);
  for (const auto& entry : Entries(entries_)) {
    if (entry->server.transport == TurnTransport::kUdp) {
      findAddress(entry->index);
    } else if (const auto spliced = splice(*entry, {}); !spliced) {
      fail(entry->index, ServerStage::kConnect, ServerFault::kOurSide, spliced.error().what);
    }
  }
}

void ServerGathering::planStun(std::size_t server, bool relay_only) {
  if (relay_only)
    return fail(server, ServerStage::kNone, ServerFault::kRelayOnly);
  if (ledger_->stun)
    return fail(server, ServerStage::kNone, ServerFault::kOneStunOnly);
  ledger_->stun = server;
  binding_watch_.emplace([ledger = ledger_](const std::string& mapped) {
    ledger->mapped.onBinding(mapped);
    ledger->lookForMapped();
  });
}

// An allocation is known by both addresses (RFC 8656 2.2): over UDP, one socket can hold one.
bool ServerGathering::isSameEndpointPlanned(const IceServer& server) const {
  return std::any_of(entries_.begin(), entries_.end(), [&server](const auto& earlier) {
    return isSameUdpEndpoint(earlier->server, server);
  });
}

void ServerGathering::planTurn(std::size_t server) {
  if (entries_.size() == kMaxRelays)
    return fail(server, ServerStage::kNone, ServerFault::kTooManyRelays);
  if (isSameEndpointPlanned(servers_[server]))
    return fail(server, ServerStage::kNone, ServerFault::kSameEndpoint);
  entries_.push_back(std::make_shared<Entry>(Entry{servers_[server], server}));
  watch(entries_.back());
}

// The entry owns its watch, so it is there as long as the watch calls.
void ServerGathering::watch(const std::shared_ptr<Entry>& entry) {
  entry->watch = std::make_unique<AllocateWatch>(
      AllocateWatch::Handlers{
          .on_answer =
              [ledger = ledger_, entry = entry.get()](const AllocateAnswer& answer) {
                if (answer.outcome.error_code != 0)
                  return ledger->outcomes.fail(entry->index, answer.outcome, now());
                ledger->hear(answer.outcome.rtt_ms.value_or(0));
                ledger->mapped.onAllocation(answer.mapped_address, entry->server.url);
                ledger->outcomes.succeed(entry->index, answer.outcome, now());
              },
          .on_challenge = [ledger = ledger_, entry = entry.get()](
                              double rtt_ms) { ledger->outcomes.hear(entry->index, rtt_ms); },
          .on_doubt = [ledger = ledger_, entry = entry.get()](
                          ServerFault fault) { ledger->outcomes.doubt(entry->index, fault); },
          .on_alternate = [weak = weak_from_this(), entry = entry.get()](
                              const AlternateServer& alternate) -> std::optional<sockaddr_storage> {
            const auto self = weak.lock();
            return self ? self->redirect(*entry, alternate) : std::nullopt;
          }},
      entry->server.relay_family);
}

// The splice looks the name up itself: TLS needs it for the certificate.
Result<Done> ServerGathering::splice(Entry& entry, const std::string& address) {
  const GSocketFamily family =
      contains(families_, G_SOCKET_FAMILY_IPV4) ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
  auto listening = TurnSplice::listen(
      {.control = control_.loop(),
       .server = entry.server,
       .name = nameOf(entry.server),
       .address = address,
       .family = family,
       .local_address = local_address_,
       .gate = gate_,
       .on_failure = [ledger = ledger_, index = entry.index](const IceServerOutcome& failure) {
         ledger->outcomes.fail(index, failure, now());
       }});
  if (!listening)
    return listening.error();
  TurnSplice* const splice = listening->get();
  entry.splices.push_back(std::move(*listening));
  entry.address = splice->address();
  control_.loop().post([weak = weak_from_this(), splice] {
    if (const auto alive = weak.lock())
      splice->start();
  });
  return Done{};
}

// The server sends us to another one (RFC 8489 10), over the same transport; over TLS its
// certificate is for the host that was asked first, or the domain that it names. Not in circles.
std::optional<sockaddr_storage> ServerGathering::redirect(Entry& entry,
                                                          const AlternateServer& alternate) {
  const std::string address = socketAddressText(alternate.address);
  const auto literal = hostText(alternate.address);
  const bool is_udp = entry.server.transport == TurnTransport::kUdp;
  std::size_t asked_before = 0;
  {
    const std::lock_guard lock(mutex_);
    entry.asked.insert(hostPort(entry.server.host, entry.server.port));
    if (is_udp)
      entry.asked.insert(hostPort(entry.address, entry.server.port));
    const bool is_other_family = is_udp && familyOf(entry.address) != familyOf(literal);
    if (entry.asked.size() > kMostRedirections || is_other_family ||
        !entry.asked.insert(address).second)
      return std::nullopt;
    asked_before = entry.index;
    const std::string& before = entry.server.url;
    const std::size_t query = before.find('?');
    IceServer next = entry.server;
    next.url = before.substr(0, before.find(':') + 1) + address +
               (query == std::string::npos ? "" : before.substr(query));
    next.port = portOf(alternate.address);
    if (!alternate.domain.empty())
      next.host = alternate.domain;
    entry.index = ledger_->outcomes.add(next.url, next.username);
    entry.server = std::move(next);
    if (is_udp)
      entry.address = literal;
  }
  IceServerOutcome redirected;
  redirected.address = address;
  redirected.fault = ServerFault::kRedirected;
  redirected.rtt_ms = alternate.rtt_ms;
  ledger_->outcomes.succeed(asked_before, std::move(redirected), now());
  if (is_udp) {
    countRequestsTo(literal, entry.server);
    return alternate.address;
  }
  if (const auto spliced = splice(entry, literal); !spliced) {
    fail(entry.index, ServerStage::kConnect, ServerFault::kOurSide, spliced.error().what);
    return std::nullopt;
  }
  return socketAddress(entry.address, entry.splices.back()->port());
}

void ServerGathering::findAddress(std::size_t server) {
  const std::string& host = servers_[server].host;
  if (familyOf(host))
    return onAddresses(server, {.literals = {host}});
  {
    const std::lock_guard lock(mutex_);
    ++lookups_;
  }
  control_.loop().post([weak = weak_from_this(), server, host, &loop = control_.loop()] {
    lookUpHost(loop, host, [weak, server](const HostAddresses& addresses) {
      const auto self = weak.lock();
      if (!self)
        return;
      self->onAddresses(server, addresses);
      self->onLookedUp();
    });
  });
}

// libnice takes one address for an entry. As libwebrtc does, a TURN server is asked at the first
// address of each family that we have, at the same time: what the resolver puts first may be dead.
// A STUN server is asked over IPv4 where that can be, as it is NATs that are to be seen through.
void ServerGathering::onAddresses(std::size_t server, const HostAddresses& addresses) {
  if (addresses.literals.empty())
    return fail(server, ServerStage::kName, addresses.fault, addresses.error_text);
  std::vector<std::string> firsts;
  for (const GSocketFamily family : {G_SOCKET_FAMILY_IPV4, G_SOCKET_FAMILY_IPV6}) {
    const auto first =
        std::find_if(addresses.literals.begin(), addresses.literals.end(),
                     [family](const std::string& literal) { return familyOf(literal) == family; });
    if (first != addresses.literals.end() && contains(families_, family))
      firsts.push_back(*first);
  }
  if (firsts.empty())
    return fail(server, ServerStage::kConnect, ServerFault::kOtherFamily);
  const std::lock_guard lock(mutex_);
  if (server == ledger_->stun) {
    stun_address_ = firsts.front();
    return;
  }
  auto at = std::find_if(entries_.begin(), entries_.end(),
                         [server](const auto& entry) { return entry->index == server; });
  (*at)->address = firsts.front();
  if (firsts.size() == 1 || entries_.size() == kMaxRelays)
    return;
  ledger_->outcomes.expect(server, 2);
  at = entries_.insert(std::next(at), std::make_shared<Entry>(Entry{servers_[server], server}));
  watch(*at);
  (*at)->address = firsts.back();
}

void ServerGathering::begin(std::function<void()> ready) {
  ledger_->outcomes.begin(now());
  const Duration wait = waitForBudget();
  {
    const std::lock_guard lock(mutex_);
    if (wait > Duration::zero()) {
      lookups_++;
      control_.loop().post([weak = weak_from_this(), wait, &loop = control_.loop()] {
        if (const auto waiting = weak.lock())
          waiting->wait_ = loop.after(wait, [weak] {
            if (const auto self = weak.lock())
              self->onLookedUp();
          });
      });
    }
    if (lookups_ > 0) {
      ready_ = std::move(ready);
      return;
    }
  }
  ready();
}

void ServerGathering::onLookedUp() {
  std::function<void()> ready;
  {
    const std::lock_guard lock(mutex_);
    if (--lookups_ == 0)
      ready = std::exchange(ready_, nullptr);
  }
  if (ready)
    ready();
}

Duration ServerGathering::waitForBudget() {
  if (!gate_->budget())
    return Duration::zero();
  std::map<std::string, int> requests;
  const std::lock_guard lock(mutex_);
  for (const auto& entry : entries_)
    if (!isOfTheRun(entry->server))
      requests[nameOf(entry->server)] += RequestBudget::kOfRelay;
  if (ledger_->stun && !isOfTheRun(servers_[*ledger_->stun]))
    requests[nameOf(servers_[*ledger_->stun])] += RequestBudget::kOfBinding;
  return gate_->budget()->reserve({requests.begin(), requests.end()}, now());
}

std::optional<ServerGathering::Endpoint> ServerGathering::stunServer() const {
  const std::lock_guard lock(mutex_);
  if (stun_address_.empty())
    return std::nullopt;
  countRequestsTo(stun_address_, servers_[*ledger_->stun]);
  return Endpoint{stun_address_, servers_[*ledger_->stun].port};
}

ServerGathering::Entries ServerGathering::usable() const {
  Entries entries;
  for (const auto& entry : entries_)
    if (!entry->address.empty())
      entries.push_back(entry);
  return entries;
}

void ServerGathering::countRequestsTo(const std::string& literal, const IceServer& server) const {
  if (gate_->budget())
    gate_->budget()->know(hostPort(literal, server.port), nameOf(server));
}

std::vector<ServerGathering::Relay> ServerGathering::relays() const {
  const std::lock_guard lock(mutex_);
  std::vector<Relay> relays;
  for (const auto& entry : usable()) {
    const IceServer& server = entry->server;
    if (entry->splices.empty())
      countRequestsTo(entry->address, server);
    const std::uint16_t port = entry->splices.empty() ? server.port : entry->splices.back()->port();
    relays.push_back({.endpoint = {entry->address, port},
                      .is_stream = server.transport != TurnTransport::kUdp,
                      .username = entry->watch->labelled(server.username),
                      .credential = server.credential});
  }
  return relays;
}

void ServerGathering::describe(IceCandidateInfo& candidate, std::size_t relay_index) const {
  if (candidate.type == CandidateType::kRelay) {
    const std::lock_guard lock(mutex_);
    const auto entries = usable();
    if (relay_index >= entries.size())
      return;
    const IceServer& server = entries[relay_index]->server;
    candidate.relay_protocol = toString(server.transport);
    candidate.url = server.url;
  } else if (candidate.type == CandidateType::kServerReflexive) {
    const bool is_stun = ledger_->stun && ledger_->mapped.isFromBinding(candidate.address);
    candidate.url =
        is_stun ? servers_[*ledger_->stun].url : ledger_->mapped.turnUrl(candidate.address);
  }
}

void ServerGathering::onCandidate(const IceCandidateInfo& candidate) {
  if (candidate.type != CandidateType::kHost && candidate.type != CandidateType::kServerReflexive)
    return;
  ledger_->mapped.onCandidate(candidate.address);
  ledger_->lookForMapped();
}

// Gathering may end before the splice gives up: it knows how far it came.
void ServerGathering::finish() {
  Entries entries;
  {
    const std::lock_guard lock(mutex_);
    entries = entries_;
  }
  for (const auto& entry : entries) {
    const ServerStage pending =
        entry->splices.empty() ? ServerStage::kNone : entry->splices.back()->pending();
    if (pending != ServerStage::kNone)
      fail(entry->index, pending, ServerFault::kTimeout);
  }
  ledger_->outcomes.finish(now());
}

}  // namespace turnout
