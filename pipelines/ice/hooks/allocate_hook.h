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

#include <cstdint>
#include <functional>
#include <string>

namespace turnout {

struct AllocateAnswer {
  int error_code;               // STUN error code; 0: allocated
  std::string error_text;       // reason phrase of the error
  std::string relayed_address;  // "ip:port" when allocated
  std::string mapped_address;   // the client's as the server sees it, when allocated
};

// Watches the requests of one server entry of one NiceAgent. Must outlive neither: answers that
// come after its destruction are dropped.
class AllocateWatch {
 public:
  // Called for final answers only (the first 401 challenge and 438 stale nonce are part of a good
  // exchange, RFC 8656 5), on the thread that runs libnice and under the NiceAgent's lock: it may
  // not call libnice.
  using OnAnswer = std::function<void(const AllocateAnswer&)>;

  explicit AllocateWatch(OnAnswer on_answer);
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
