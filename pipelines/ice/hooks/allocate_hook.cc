#include "pipelines/ice/hooks/allocate_hook.h"

#include "pipelines/ice/hooks/binding_hook.h"
#include "pipelines/ice/hooks/real_function.h"
#include "pipelines/ice/hooks/socket_hook.h"
#include "pipelines/stun/socket_address.h"

#include <array>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

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

std::string reasonOf(const StunMessage* message) {
  // ERROR-CODE is 4 bytes of number, then the phrase (RFC 8489 14.8).
  std::uint16_t size = 0;
  const void* found = stun_message_find(message, STUN_ATTRIBUTE_ERROR_CODE, &size);
  return found && size > 4 ? std::string(static_cast<const char*>(found) + 4, size - 4u)
                           : std::string();
}

struct Request {
  std::uint64_t ticket;
  std::string realm;  // sent with it; empty: the first, unauthenticated request
};

// The interposed functions are process-wide, hence so is this.
class Tickets {
 public:
  std::uint64_t add(AllocateWatch::OnAnswer on_answer) {
    const std::lock_guard lock(mutex_);
    watchers_[++last_] = std::make_shared<AllocateWatch::OnAnswer>(std::move(on_answer));
    return last_;
  }

  void remove(std::uint64_t ticket) {
    const std::lock_guard lock(mutex_);
    watchers_.erase(ticket);
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

  void answer(std::uint64_t ticket, const AllocateAnswer& answer) {
    std::shared_ptr<AllocateWatch::OnAnswer> watcher;
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = watchers_.find(ticket); found != watchers_.end())
        watcher = found->second;
    }
    if (watcher)
      (*watcher)(answer);
  }

 private:
  std::mutex mutex_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, std::shared_ptr<AllocateWatch::OnAnswer>> watchers_;
  std::map<const std::uint8_t*, std::uint64_t> names_;
  std::map<TransactionId, Request> requests_;
};

Tickets& tickets() {
  static auto* const all = new Tickets;  // never destroyed: libnice threads may outlive main()
  return *all;
}

// The same rule as libnice's priv_map_reply_to_relay_request: it tries again with the new nonce or
// realm, and gives up on everything else.
bool isRetried(int code, const Request& request, const StunMessage* answer) {
  const std::string realm = realmOf(answer);
  if (realm.empty())
    return false;
  return code == STUN_ERROR_STALE_NONCE ||
         (code == STUN_ERROR_UNAUTHORIZED && realm != request.realm);
}

void judge(const StunMessage* message, StunUsageTurnReturn verdict, const sockaddr_storage* relayed,
           const sockaddr_storage* mapped) {
  const auto request = tickets().request(idOf(message));
  if (!request)
    return;
  switch (verdict) {
    case STUN_USAGE_TURN_RETURN_RELAY_SUCCESS:  // without a mapped address
      tickets().answer(request->ticket, {0, {}, socketAddressText(*relayed), {}});
      return;
    case STUN_USAGE_TURN_RETURN_MAPPED_SUCCESS:
      tickets().answer(request->ticket,
                       {0, {}, socketAddressText(*relayed), socketAddressText(*mapped)});
      return;
    case STUN_USAGE_TURN_RETURN_ERROR: {
      int code = 0;
      if (stun_message_find_error(message, &code) != STUN_MESSAGE_RETURN_SUCCESS)
        tickets().answer(request->ticket, {701, "malformed answer", {}, {}});
      else if (!isRetried(code, *request, message))
        tickets().answer(request->ticket, {code, reasonOf(message), {}, {}});
      return;
    }
    case STUN_USAGE_TURN_RETURN_INVALID:           // not an answer: libnice goes on waiting
    case STUN_USAGE_TURN_RETURN_ALTERNATE_SERVER:  // libnice asks the other server
      return;
  }
}

}  // namespace

AllocateWatch::AllocateWatch(OnAnswer on_answer) : ticket_(tickets().add(std::move(on_answer))) {}
AllocateWatch::~AllocateWatch() {
  tickets().remove(ticket_);
}
std::string AllocateWatch::labelled(const std::string& username) const {
  return username + kLabel + std::to_string(ticket_);
}

Result<Done> checkAllocateHook() {
  if (const auto binding = checkBindingHook(); !binding)
    return binding.error();
  if (const auto socket = checkSocketHook(); !socket)
    return socket.error();
  const auto missing = [](const char* what) {
    return Error{ErrorCode::kInternal, std::string("TURN outcomes cannot be observed: ") + what +
                                           "; link the executable with turnout_ice's link options"};
  };
  if (!realFunction<decltype(stun_usage_turn_create)>("stun_usage_turn_create") ||
      !realFunction<decltype(stun_usage_turn_process)>("stun_usage_turn_process"))
    return missing("libnice is not linked");
  if (dlsym(RTLD_DEFAULT, "stun_usage_turn_process") !=
      reinterpret_cast<void*>(&stun_usage_turn_process))
    return missing("stun_usage_turn_process is not exported");

  // libnice builds a refresh of the pre-RFC dialects by its own call of stun_usage_turn_create: if
  // that call reaches the hook, the label is gone afterwards.
  StunAgent agent;
  stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC3489,
                  static_cast<StunAgentUsageFlags>(0));
  const AllocateWatch watch([](const AllocateAnswer&) {});
  std::string username = watch.labelled("probe");
  StunMessage message;
  std::array<std::uint8_t, 512> buffer{};
  stun_usage_turn_create_refresh(&agent, &message, buffer.data(), buffer.size(), nullptr, 0,
                                 reinterpret_cast<std::uint8_t*>(username.data()), username.size(),
                                 nullptr, 0, STUN_USAGE_TURN_COMPATIBILITY_GOOGLE);
  if (std::string_view(username.data()) != "probe")
    return missing("stun_usage_turn_create is not interposed");
  return Done{};
}

}  // namespace turnout

// The signatures are libnice's (stun/usages/turn.h).
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
  const size_t size =
      real(agent, msg, buffer, buffer_len, previous_response, request_ports, bandwidth, lifetime,
           username, username_len, password, password_len, compatibility);
  if (ticket && size > 0)
    tickets().sent(idOf(msg), {*ticket, realmOf(previous_response)});
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
  judge(msg, verdict, relay_addr, addr);
  return verdict;
}

}  // extern "C"
