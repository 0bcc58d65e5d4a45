#include "pipelines/ice/hooks/interposition.h"

#include "pipelines/ice/hooks/server_watch.h"

#include <array>
#include <string>
#include <string_view>

#include <gio/gio.h>
#include <stun/stunagent.h>
#include <stun/usages/bind.h>
#include <stun/usages/ice.h>
#include <stun/usages/timer.h>
#include <stun/usages/turn.h>

namespace turnout {
namespace {

struct Interposed {
  const char* name;
  void* ours;
  const char* lost;  // without it
};
#define TURNOUT_INTERPOSED(function, lost)                  \
  Interposed {                                              \
#function, reinterpret_cast < void*>(&(function)), lost \
  }

// libnice builds a refresh of the pre-RFC dialects by its own call of stun_usage_turn_create: if
// that call reaches ours, the label is gone afterwards.
bool callsOursFromWithin() {
  StunAgent agent;
  stun_agent_init(&agent, STUN_ALL_KNOWN_ATTRIBUTES, STUN_COMPATIBILITY_RFC3489,
                  static_cast<StunAgentUsageFlags>(0));
  const AllocateWatch watch(AllocateWatch::Handlers{});
  std::string username = watch.labelled("probe");
  StunMessage message;
  std::array<std::uint8_t, 512> buffer{};
  stun_usage_turn_create_refresh(&agent, &message, buffer.data(), buffer.size(), nullptr, 0,
                                 reinterpret_cast<std::uint8_t*>(username.data()), username.size(),
                                 nullptr, 0, STUN_USAGE_TURN_COMPATIBILITY_GOOGLE);
  return std::string_view(username.data()) == "probe";
}

}  // namespace

Result<Done> checkInterposition() {
  constexpr const char* kTurn = "TURN outcomes cannot be observed";
  constexpr const char* kStun = "STUN outcomes cannot be observed";
  constexpr const char* kNetwork = "the network cannot be disturbed";
  constexpr const char* kChecks = "checks cannot be sent as browsers send them";
  const auto not_interposed = [](const char* lost, const std::string& name) {
    return Error{ErrorCode::kInternal, std::string(lost) + ": " + name +
                                           " is not interposed; link the executable with "
                                           "turnout_ice's link options"};
  };
  for (const Interposed& each : {TURNOUT_INTERPOSED(stun_usage_turn_create, kTurn),
                                 TURNOUT_INTERPOSED(stun_usage_turn_process, kTurn),
                                 TURNOUT_INTERPOSED(stun_usage_turn_refresh_process, kTurn),
                                 TURNOUT_INTERPOSED(stun_agent_validate, kTurn),
                                 TURNOUT_INTERPOSED(stun_usage_bind_create, kStun),
                                 TURNOUT_INTERPOSED(stun_usage_bind_process, kStun),
                                 TURNOUT_INTERPOSED(g_socket_new, kNetwork),
                                 TURNOUT_INTERPOSED(g_socket_send_message, kNetwork),
                                 TURNOUT_INTERPOSED(g_socket_receive_message, kNetwork),
                                 TURNOUT_INTERPOSED(stun_agent_finish_message, kChecks),
                                 TURNOUT_INTERPOSED(stun_usage_ice_conncheck_create, kChecks),
                                 TURNOUT_INTERPOSED(stun_timer_start, kChecks)})
    if (dlsym(RTLD_DEFAULT, each.name) != each.ours || !dlsym(RTLD_NEXT, each.name))
      return not_interposed(each.lost, each.name);
  if (!callsOursFromWithin())
    return not_interposed(kTurn, "stun_usage_turn_create");
  return Done{};
}

}  // namespace turnout
