#include "pipelines/ice/servers/server_gathering.h"

#include <algorithm>
#include <utility>

#include <gio/gio.h>

namespace turnout {
namespace {

// NICE_CANDIDATE_MAX_TURN_SERVERS of libnice's candidate.h: more do not fit into a priority.
constexpr std::size_t kMaxRelays = 8;

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

bool isSameUdpEndpoint(const IceServer& a, const IceServer& b) {
  return a.transport == TurnTransport::kUdp && b.transport == TurnTransport::kUdp &&
         a.host == b.host && a.port == b.port;
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
    outcomes.succeed(*stun, address, now());
}

void ServerGathering::fail(std::size_t server, const std::string& why) {
  ledger_->outcomes.fail(server, kNoAnswer, why, now());
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
  for (Entry& entry : entries_) {
    if (servers_[entry.server].transport != TurnTransport::kUdp)
      splice(entry);
    else
      findAddress(entry.server);
  }
}

void ServerGathering::planStun(std::size_t server, bool relay_only) {
  if (relay_only)
    return fail(server, "not asked: only relay candidates are wanted");
  if (ledger_->stun)
    return fail(server, "not asked: libnice uses one STUN server, the first");
  ledger_->stun = server;
  binding_watch_.emplace([ledger = ledger_](const std::string& mapped) {
    ledger->mapped.onBinding(mapped);
    ledger->lookForMapped();
  });
}

void ServerGathering::planTurn(std::size_t server) {
  if (entries_.size() == kMaxRelays)
    return fail(server, "not asked: libnice uses at most 8 TURN servers");
  // An allocation is known by both addresses (RFC 8656 2.2): over UDP, one socket can hold one.
  if (std::any_of(entries_.begin(), entries_.end(), [&](const Entry& earlier) {
        return isSameUdpEndpoint(servers_[earlier.server], servers_[server]);
      }))
    return fail(server, "not asked: the same UDP endpoint as an earlier URL");
  auto watch = std::make_unique<AllocateWatch>(
      [ledger = ledger_, server, url = servers_[server].url](const AllocateAnswer& answer) {
        if (answer.error_code != 0)
          return ledger->outcomes.fail(server, answer.error_code, answer.error_text, now());
        ledger->mapped.onAllocation(answer.mapped_address, url);
        ledger->outcomes.succeed(server, answer.relayed_address, now());
      });
  entries_.push_back({server, std::move(watch), nullptr, {}});
}

// The splice looks the name up itself: TLS needs it for the certificate.
void ServerGathering::splice(Entry& entry) {
  const GSocketFamily family =
      contains(families_, G_SOCKET_FAMILY_IPV4) ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;
  auto listening = TurnSplice::listen(
      {.control = control_.loop(),
       .server = servers_[entry.server],
       .family = family,
       .local_address = local_address_,
       .gate = gate_,
       .on_failure = [ledger = ledger_, server = entry.server](const std::string& what) {
         ledger->outcomes.fail(server, kNoAnswer, what, now());
       }});
  if (!listening)
    return fail(entry.server, listening.error().what);
  entry.splice = std::move(*listening);
  entry.address = entry.splice->address();
  control_.loop().post([weak = weak_from_this(), splice = entry.splice.get()] {
    if (const auto alive = weak.lock())
      splice->start();
  });
}

std::string* ServerGathering::addressOf(std::size_t server) {
  if (server == ledger_->stun)
    return &stun_address_;
  const auto entry = std::find_if(entries_.begin(), entries_.end(),
                                  [server](const Entry& each) { return each.server == server; });
  return &entry->address;
}

void ServerGathering::findAddress(std::size_t server) {
  const std::string& host = servers_[server].host;
  if (familyOf(host))
    return onAddresses(server, std::vector{host});
  {
    const std::lock_guard lock(mutex_);
    ++lookups_;
  }
  control_.loop().post([weak = weak_from_this(), server, host, &loop = control_.loop()] {
    lookUpHost(loop, host, [weak, server](HostAddresses addresses) {
      const auto self = weak.lock();
      if (!self)
        return;
      self->onAddresses(server, addresses);
      std::function<void()> ready;
      {
        const std::lock_guard lock(self->mutex_);
        if (--self->lookups_ == 0)
          ready = std::exchange(self->ready_, nullptr);
      }
      if (ready)
        ready();
    });
  });
}

void ServerGathering::onAddresses(std::size_t server, const HostAddresses& addresses) {
  if (!addresses)
    return fail(server, "name not resolved: " + addresses.error().what);
  const auto reachable =
      std::find_if(addresses->begin(), addresses->end(), [this](const std::string& literal) {
        return contains(families_, familyOf(literal).value_or(G_SOCKET_FAMILY_INVALID));
      });
  if (reachable == addresses->end())
    return fail(server, "no local address of the family of " + addresses->front());
  const std::lock_guard lock(mutex_);
  *addressOf(server) = *reachable;
}

void ServerGathering::begin(std::function<void()> ready) {
  ledger_->outcomes.begin(now());
  {
    const std::lock_guard lock(mutex_);
    if (lookups_ > 0) {
      ready_ = std::move(ready);
      return;
    }
  }
  ready();
}

std::optional<ServerGathering::Endpoint> ServerGathering::stunServer() const {
  const std::lock_guard lock(mutex_);
  if (stun_address_.empty())
    return std::nullopt;
  return Endpoint{stun_address_, servers_[*ledger_->stun].port};
}

std::vector<const ServerGathering::Entry*> ServerGathering::usable() const {
  std::vector<const Entry*> entries;
  for (const Entry& entry : entries_)
    if (!entry.address.empty())
      entries.push_back(&entry);
  return entries;
}

std::vector<ServerGathering::Relay> ServerGathering::relays() const {
  const std::lock_guard lock(mutex_);
  std::vector<Relay> relays;
  for (const Entry* entry : usable()) {
    const IceServer& server = servers_[entry->server];
    const std::uint16_t port = entry->splice ? entry->splice->port() : server.port;
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
    const IceServer& server = servers_[entries[relay_index]->server];
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
  for (const Entry& entry : entries_) {
    if (const char* phase = entry.splice ? entry.splice->pendingPhase() : nullptr)
      fail(entry.server, std::string(phase) + ": no answer");
  }
  ledger_->outcomes.finish(now());
}

}  // namespace turnout
