// What became of every TURN Allocate request that libnice sends, exactly and per server entry.
//
// libnice tells success only, and only sometimes: it says nothing of an error, and nothing of a
// second relay on the same relayed address, which it prunes. So two of its exported functions are
// interposed (ELF symbol interposition: the executable's definition wins over the library's):
// stun_usage_turn_create, which makes each Allocate request, and stun_usage_turn_process, which
// reads each answer. To know which server entry a request belongs to, the entry's user name is
// given to libnice with a label behind it; the hook reads the label on the first request and cuts
// it off in libnice's own copy, so that it is never sent nor hashed.
//
// Needs the executable to export both symbols: turnout_ice's link options do that, and
// checkAllocateHook() proves it.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <sys/socket.h>

namespace turnout {

struct AllocateAnswer {
  IceServerOutcome outcome;      // without url and username; address: the relayed one
  std::string mapped_address{};  // the client's as the server sees it, when allocated
};

// 300 Try Alternate (RFC 8489 10): the server wants another one to be asked.
struct AlternateServer {
  sockaddr_storage address{};
  std::string domain{};  // ALTERNATE-DOMAIN (RFC 8489 14.16), whose certificate counts over TLS
  double rtt_ms = 0;
};

// Watches the requests of one server entry of one NiceAgent. Must outlive neither: answers that
// come after its destruction are dropped.
//
// A server cannot keep a client asking: the second change of realm and the third stale nonce of one
// allocation are its final answer, whatever libnice would do.
class AllocateWatch {
 public:
  // All on the thread that runs libnice and under the NiceAgent's lock: they may not call libnice.
  struct Handlers {
    // Final answers only: a 401 challenge and a 438 stale nonce are part of a good exchange
    // (RFC 8656 5).
    std::function<void(const AllocateAnswer&)> on_answer;
    std::function<void(double rtt_ms)> on_challenge;  // an answer, and the request is made again
    // Where libnice is to go on; nothing: 300 is the final answer.
    std::function<std::optional<sockaddr_storage>(const AlternateServer&)> on_alternate;
  };

  explicit AllocateWatch(Handlers handlers);
  ~AllocateWatch();
  AllocateWatch(const AllocateWatch&) = delete;
  AllocateWatch& operator=(const AllocateWatch&) = delete;

  // What to give nice_agent_set_relay_info as the user name.
  std::string labelled(const std::string& username) const;

 private:
  std::uint64_t ticket_;
};

// Proves on the loaded libnice that both hooks are in force. Call at start-up.
Result<Done> checkAllocateHook();

}  // namespace turnout
