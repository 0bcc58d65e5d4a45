#include "pipelines/ice/hooks/server_watch.h"

#include "pipelines/base/clock.h"
#include "pipelines/ice/hooks/check_hooks.h"
#include "pipelines/ice/hooks/interposition.h"
#include "pipelines/stun/socket_address.h"
#include "pipelines/stun/stun_message.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include <stun/usages/bind.h>
#include <stun/usages/turn.h>

namespace turnout {
namespace {

// Between user name and ticket. A control character: no SASLprep-ed user name (RFC 8489 9.2.2)
// contains it.
constexpr char kLabel = '\x01';

using TransactionId = std::array<std::uint8_t, sizeof(StunTransactionId)>;

TransactionId idOf(const StunMessage* message) {
  TransactionId id;
  stun_message_id(message, id.data());
  return id;
}

std::string realmOf(const StunMessage* message) {
  std::uint16_t size = 0;
  const void* realm = message ? stun_message_find(message, STUN_ATTRIBUTE_REALM, &size) : nullptr;
  return realm ? std::string(static_cast<const char*>(realm), size) : std::string();
}

// ERROR-CODE is 4 bytes of number, then the phrase (RFC 8489 14.8); some servers pad it with NULs.
std::string reasonOf(const StunMessage* message) {
  std::uint16_t size = 0;
  const void* found = stun_message_find(message, STUN_ATTRIBUTE_ERROR_CODE, &size);
  return found && size > 4 ? reasonPhrase({static_cast<const char*>(found) + 4, size - 4u})
                           : std::string();
}

// Of one allocation, over all its requests. libnice has no limit of its own.
struct Retries {
  int challenges = 0, stale_nonces = 0;
};
constexpr int kMostChallenges = 2;  // the first, and one change of realm
constexpr int kMostStaleNonces = 2;

struct Request {
  std::uint64_t ticket = 0;
  std::string realm{};  // sent with it; empty: the first, unauthenticated request
  Instant at{};         // first sent
  Retries retries{};
};

double roundTripOf(const Request& request) {
  return toMs(now() - request.at);
}

// The interposed functions are process-wide, hence so is this.
class Tickets {
 public:
  std::uint64_t add(AllocateWatch::Handlers handlers, RelayFamily family) {
    const std::lock_guard lock(mutex_);
    watchers_[++last_] = std::make_shared<AllocateWatch::Handlers>(std::move(handlers));
    families_[last_] = family;
    return last_;
  }

  void remove(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    watchers_.erase(ticket);
    families_.erase(ticket);
    std::erase_if(names_, [&](const auto& name) { return name.second == ticket; });
    std::erase_if(requests_, [&](const auto& request) { return request.second.ticket == ticket; });
  }

  // The ticket of a server entry, known by its user name: from the label (which is cut off) the
  // first time, later from the string's address, which is the entry's own copy.
  std::optional<std::uint64_t> identify(std::uint8_t* username, std::size_t* size) {
    const std::lock_guard lock(mutex_);
    auto* text = reinterpret_cast<char*>(username);
    if (const auto* label = static_cast<char*>(std::memchr(text, kLabel, *size))) {
      const std::uint64_t ticket = std::strtoull(label + 1, nullptr, 10);
      *size = static_cast<std::size_t>(label - text);
      text[*size] = '\0';
      names_[username] = ticket;
    }
    const auto name = names_.find(username);
    return name == names_.end() ? std::nullopt : std::optional(name->second);
  }

  RelayFamily familyOf(std::optional<std::uint64_t> ticket) {
    const std::lock_guard lock(mutex_);
    const auto found = ticket ? families_.find(*ticket) : families_.end();
    return found == families_.end() ? RelayFamily::kServers : found->second;
  }

  void sent(const TransactionId& id, Request request) {
    const std::lock_guard lock(mutex_);
    if (watchers_.contains(request.ticket))
      requests_[id] = std::move(request);
  }

  std::optional<Request> request(const TransactionId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = requests_.find(id);
    return found == requests_.end() ? std::nullopt : std::optional(found->second);
  }

  // Whether another request may follow upon an answer that asks for one.
  bool mayRetry(const TransactionId& id, int code) {
    const std::lock_guard lock(mutex_);
    Retries& retries = requests_[id].retries;
    return code == STUN_ERROR_STALE_NONCE ? ++retries.stale_nonces <= kMostStaleNonces
                                          : ++retries.challenges <= kMostChallenges;
  }

  std::shared_ptr<const AllocateWatch::Handlers> handlersOf(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    const auto found = watchers_.find(ticket);
    return found == watchers_.end() ? nullptr : found->second;
  }

  void answer(const Request& request, AllocateAnswer answer) {
    answer.outcome.rtt_ms = roundTripOf(request);
    if (const auto handlers = handlersOf(request.ticket))
      handlers->on_answer(answer);
  }

 private:
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::shared_ptr<AllocateWatch::Handlers>> watchers_;
  std::map<std::uint64_t, RelayFamily> families_;
  std::map<const std::uint8_t*, std::uint64_t> names_;
  std::map<TransactionId, Request> requests_;
};

Tickets& tickets() {
  static auto* const all = new Tickets;  // never destroyed: libnice threads may outlive main()
  return *all;
}

// Like libnice's priv_map_reply_to_relay_request, which tries again with the new nonce or realm, but
// also without one, for ever.
bool isRetried(int code, const Request& request, const StunMessage* answer) {
  const std::string realm = realmOf(answer);
  if (realm.empty() || realm.size() > kLongestRealm)
    return false;
  return code == STUN_ERROR_STALE_NONCE ||
         (code == STUN_ERROR_UNAUTHORIZED && realm != request.realm);
}

AllocateAnswer allocated(const sockaddr_storage& relayed) {
  AllocateAnswer answer;
  answer.outcome.address = socketAddressText(relayed);
  return answer;
}

// 401 and 438 are there to be answered, which needs both (RFC 8489 9.2.4), as far as browsers take them.
bool isBrokenChallenge(int code, const StunMessage* message) {
  std::uint16_t size = 0;
  const std::size_t realm = realmOf(message).size();
  return (code == STUN_ERROR_UNAUTHORIZED || code == STUN_ERROR_STALE_NONCE) &&
         (realm == 0 || realm > kLongestRealm ||
          !stun_message_find(message, STUN_ATTRIBUTE_NONCE, &size));
}

// To a login, which answers a challenge, 400 says something else than to a first request.
AllocateAnswer refused(int code, const StunMessage* message, const Request& request) {
  AllocateAnswer answer;
  answer.outcome.error_code = code;
  answer.outcome.error_text = reasonOf(message);
  answer.outcome.stage = code == STUN_ERROR_BAD_REQUEST && request.realm.empty()
                             ? ServerStage::kStun
                             : ServerStage::kAllocate;
  answer.outcome.fault =
      isBrokenChallenge(code, message) ? ServerFault::kNoChallenge : ServerFault::kErrorResponse;
  return answer;
}

// libnice reads the code again after us; 400 makes it give up.
void makeFinal(StunMessage* message) {
  std::uint16_t size = 0;
  auto* value = static_cast<std::uint8_t*>(
      const_cast<void*>(stun_message_find(message, STUN_ATTRIBUTE_ERROR_CODE, &size)));
  if (value && size >= 4) {
    value[2] = 4;
    value[3] = 0;
  }
}

void judgeError(StunMessage* message, const Request& request) {
  int code = 0;
  if (stun_message_find_error(message, &code) != STUN_MESSAGE_RETURN_SUCCESS)
    return tickets().answer(request,
                            {noStunAnswer(ServerStage::kAllocate, ServerFault::kMalformed)});
  if (!isRetried(code, request, message) || !tickets().mayRetry(idOf(message), code)) {
    tickets().answer(request, refused(code, message, request));
    return makeFinal(message);
  }
  if (const auto handlers = tickets().handlersOf(request.ticket))
    handlers->on_challenge(roundTripOf(request));
}

std::string alternateDomainOf(const StunMessage* message) {
  constexpr auto kAlternateDomain = static_cast<StunAttribute>(0x8003);
  std::uint16_t size = 0;
  const void* domain = stun_message_find(message, kAlternateDomain, &size);
  return domain ? std::string(static_cast<const char*>(domain), size) : std::string();
}

// Puts the address that libnice is to go on with into `alternate`.
StunUsageTurnReturn judgeAlternate(StunMessage* message, const Request& request,
                                   sockaddr_storage& alternate) {
  const auto handlers = tickets().handlersOf(request.ticket);
  const auto next =
      handlers
          ? handlers->on_alternate({alternate, alternateDomainOf(message), roundTripOf(request)})
          : std::nullopt;
  if (next) {
    alternate = *next;
    return STUN_USAGE_TURN_RETURN_ALTERNATE_SERVER;
  }
  tickets().answer(request, refused(STUN_ERROR_TRY_ALTERNATE, message, request));
  return STUN_USAGE_TURN_RETURN_ERROR;
}

// RFC 8656 7.3 wants relayed address, mapped address and lifetime in every success. libnice does with
// the first; browsers take all three or none.
StunUsageTurnReturn judgeMalformed(const Request& request) {
  tickets().answer(request, {noStunAnswer(ServerStage::kAllocate, ServerFault::kMalformed)});
  return STUN_USAGE_TURN_RETURN_ERROR;
}

// Of what libnice throws away: a success without the integrity that its request has, with an
// attribute that must be understood and is not, or broken. An unmatched one may be a second copy.
void noteDoubt(StunValidationStatus status, const std::uint8_t* buffer, std::size_t size) {
  const bool is_unsigned = status == STUN_VALIDATION_UNAUTHORIZED;
  TransactionId id;
  constexpr std::size_t kCookieAt = 4;  // RFC 8489 5, with the magic cookie
  const bool is_success = size >= kCookieAt + id.size() && buffer[0] == 0x01 && !(buffer[1] & 0x10);
  if (status == STUN_VALIDATION_SUCCESS || status == STUN_VALIDATION_UNMATCHED_RESPONSE ||
      !is_success)
    return;
  std::copy_n(buffer + kCookieAt, id.size(), id.begin());
  const auto request = tickets().request(id);
  const auto handlers = request ? tickets().handlersOf(request->ticket) : nullptr;
  if (handlers && handlers->on_doubt)
    handlers->on_doubt(is_unsigned ? ServerFault::kUnsigned : ServerFault::kMalformed);
}

// What libnice is to make of the answer: mostly its own verdict.
// libnice refreshes an allocation after half its lifetime, at once and for ever where that is less
// than a second, and uses one of no lifetime after it has freed it (0.1.21, conncheck.c:
// priv_add_new_turn_refresh). Without the attribute it reads what was in memory before.
void makeBearable(const StunMessage* answer, std::uint32_t* lifetime_s) {
  constexpr std::uint32_t kShortest = 2, kDefault = 600;  // RFC 8656 3.2
  if (!lifetime_s)
    return;
  *lifetime_s = stun_message_has_attribute(answer, STUN_ATTRIBUTE_LIFETIME)
                    ? std::max(*lifetime_s, kShortest)
                    : kDefault;
}

StunUsageTurnReturn judge(StunMessage* message, StunUsageTurnReturn verdict,
                          const sockaddr_storage* relayed, const sockaddr_storage* mapped,
                          sockaddr_storage* alternate) {
  const auto request = tickets().request(idOf(message));
  if (!request)
    return verdict;
  switch (verdict) {
    case STUN_USAGE_TURN_RETURN_RELAY_SUCCESS:  // without a mapped address
      return judgeMalformed(*request);
    case STUN_USAGE_TURN_RETURN_MAPPED_SUCCESS: {
      if (!stun_message_has_attribute(message, STUN_ATTRIBUTE_LIFETIME))
        return judgeMalformed(*request);
      AllocateAnswer answer = allocated(*relayed);
      answer.mapped_address = socketAddressText(*mapped);
      tickets().answer(*request, std::move(answer));
      break;
    }
    case STUN_USAGE_TURN_RETURN_ERROR:
      judgeError(message, *request);
      break;
    case STUN_USAGE_TURN_RETURN_ALTERNATE_SERVER:
      return judgeAlternate(message, *request, *alternate);
    case STUN_USAGE_TURN_RETURN_INVALID:  // not an answer: libnice goes on waiting
      break;
  }
  return verdict;
}

}  // namespace

AllocateWatch::AllocateWatch(Handlers handlers, RelayFamily family)
    : ticket_(tickets().add(std::move(handlers), family)) {}
AllocateWatch::~AllocateWatch() {
  tickets().remove(ticket_);
}
std::string AllocateWatch::labelled(const std::string& username) const {
  return username + kLabel + std::to_string(ticket_);
}

namespace {

// The interposed function is process-wide, hence so is this.
struct Watches {
  std::mutex mutex;
  std::set<std::shared_ptr<const BindingWatch::OnMapped>> all;
};

Watches& watches() {
  static auto* const one = new Watches;  // never destroyed: libnice threads may outlive main()
  return *one;
}

void tellMapped(const std::string& mapped) {
  std::vector<std::shared_ptr<const BindingWatch::OnMapped>> listeners;
  {
    const std::lock_guard lock(watches().mutex);
    listeners.assign(watches().all.begin(), watches().all.end());
  }
  for (const auto& listener : listeners)
    (*listener)(mapped);
}

}  // namespace

BindingWatch::BindingWatch(OnMapped on_mapped)
    : on_mapped_(std::make_shared<const OnMapped>(std::move(on_mapped))) {
  const std::lock_guard lock(watches().mutex);
  watches().all.insert(on_mapped_);
}

BindingWatch::~BindingWatch() {
  const std::lock_guard lock(watches().mutex);
  watches().all.erase(on_mapped_);
}

}  // namespace turnout

// The signatures are libnice's (stun/usages/turn.h, bind.h).
extern "C" {

__attribute__((visibility("default"))) size_t stun_usage_turn_create(
    StunAgent* agent, StunMessage* msg, uint8_t* buffer, size_t buffer_len,
    StunMessage* previous_response, StunUsageTurnRequestPorts request_ports, int32_t bandwidth,
    int32_t lifetime, uint8_t* username, size_t username_len, uint8_t* password,
    size_t password_len, StunUsageTurnCompatibility compatibility) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real =
      realFunction<decltype(stun_usage_turn_create)>("stun_usage_turn_create");
  const auto ticket = username ? tickets().identify(username, &username_len) : std::nullopt;
  const AskForRelayFamily asking(tickets().familyOf(ticket));
  const size_t size =
      real(agent, msg, buffer, buffer_len, previous_response, request_ports, bandwidth, lifetime,
           username, username_len, password, password_len, compatibility);
  if (ticket && size > 0) {
    const auto before =
        previous_response ? tickets().request(idOf(previous_response)) : std::nullopt;
    tickets().sent(idOf(msg), {*ticket, realmOf(previous_response), now(),
                               before ? before->retries : Retries{}});
  }
  return size;
}

__attribute__((visibility("default"))) StunUsageTurnReturn stun_usage_turn_process(
    StunMessage* msg, struct sockaddr_storage* relay_addr, socklen_t* relay_addrlen,
    struct sockaddr_storage* addr, socklen_t* addrlen, struct sockaddr_storage* alternate_server,
    socklen_t* alternate_server_len, uint32_t* bandwidth, uint32_t* lifetime,
    StunUsageTurnCompatibility compatibility) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real =
      realFunction<decltype(stun_usage_turn_process)>("stun_usage_turn_process");
  const StunUsageTurnReturn verdict =
      real(msg, relay_addr, relay_addrlen, addr, addrlen, alternate_server, alternate_server_len,
           bandwidth, lifetime, compatibility);
  makeBearable(msg, lifetime);
  return judge(msg, verdict, relay_addr, addr, alternate_server);
}

__attribute__((visibility("default"))) StunUsageTurnReturn stun_usage_turn_refresh_process(
    StunMessage* msg, uint32_t* lifetime, StunUsageTurnCompatibility compatibility) {
  static auto* const real = turnout::realFunction<decltype(stun_usage_turn_refresh_process)>(
      "stun_usage_turn_refresh_process");
  const StunUsageTurnReturn verdict = real(msg, lifetime, compatibility);
  turnout::makeBearable(msg, lifetime);
  return verdict;
}

__attribute__((visibility("default"))) size_t stun_usage_bind_create(StunAgent* agent,
                                                                     StunMessage* msg,
                                                                     uint8_t* buffer,
                                                                     size_t buffer_len) {
  static auto* const real =
      turnout::realFunction<decltype(stun_usage_bind_create)>("stun_usage_bind_create");
  if (agent->compatibility == STUN_COMPATIBILITY_RFC3489)
    agent->compatibility = STUN_COMPATIBILITY_RFC5389;
  return real(agent, msg, buffer, buffer_len);
}

__attribute__((visibility("default"))) StunUsageBindReturn stun_usage_bind_process(
    StunMessage* msg, struct sockaddr* addr, socklen_t* addrlen, struct sockaddr* alternate_server,
    socklen_t* alternate_server_len) {
  static auto* const real =
      turnout::realFunction<decltype(stun_usage_bind_process)>("stun_usage_bind_process");
  const auto verdict = real(msg, addr, addrlen, alternate_server, alternate_server_len);
  if (verdict == STUN_USAGE_BIND_RETURN_SUCCESS)
    turnout::tellMapped(
        turnout::socketAddressText(reinterpret_cast<const sockaddr_storage&>(*addr)));
  return verdict;
}

__attribute__((visibility("default"))) StunValidationStatus stun_agent_validate(
    StunAgent* agent, StunMessage* msg, const uint8_t* buffer, size_t buffer_len,
    StunMessageIntegrityValidate validater, void* validater_data) {
  using namespace turnout;  // NOLINT(google-build-using-namespace): a C function of this file
  static auto* const real = realFunction<decltype(stun_agent_validate)>("stun_agent_validate");
  const StunValidationStatus status =
      real(agent, msg, buffer, buffer_len, validater, validater_data);
  noteDoubt(status, buffer, buffer_len);
  return status;
}
}  // extern "C"
