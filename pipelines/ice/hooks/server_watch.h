// What STUN and TURN servers answer to libnice, which tells success only, and only sometimes: nothing
// of an error, nothing of a second relay on the same relayed address, which it prunes, and nothing of
// a mapped address that is a host candidate's. Its functions that make requests and read answers are
// interposed (interposition.h).
#pragma once

#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <cstdint>
#include <functional>
#include <memory>
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

// What became of every TURN Allocate request for one server entry of one NiceAgent: exactly, also on
// errors. Must outlive neither: answers that come after its destruction are dropped.
//
// stun_usage_turn_create makes each request, stun_usage_turn_process reads each answer. To know which
// entry a request belongs to, the entry's user name is given to libnice with a label behind it; the
// hook reads the label on the first request and cuts it off in libnice's own copy, so that it is never
// sent nor hashed.
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
    // A success that libnice does not believe, or cannot read; it goes on waiting.
    std::function<void(ServerFault)> on_doubt;
    // Where libnice is to go on; nothing: 300 is the final answer.
    std::function<std::optional<sockaddr_storage>(const AlternateServer&)> on_alternate;
  };

  // `family`: what each request asks for.
  explicit AllocateWatch(Handlers handlers, RelayFamily family = RelayFamily::kServers);
  ~AllocateWatch();
  AllocateWatch(const AllocateWatch&) = delete;
  AllocateWatch& operator=(const AllocateWatch&) = delete;

  // What to give nice_agent_set_relay_info as the user name.
  std::string labelled(const std::string& username) const;

 private:
  std::uint64_t ticket_;
};

// The answers to STUN Binding requests, by stun_usage_bind_process: the mapped address of every
// successful one. A Binding request carries nothing that names its agent, but the mapped address
// does: no two sockets share one.
//
// stun_usage_bind_create gives requests the magic cookie of RFC 8489 5. libnice's are those of RFC
// 3489, and it throws their answers away while a TURN server is being asked: the TURN request comes
// first in its list and calls an answer without the cookie malformed.
class BindingWatch {
 public:
  // For every answer in the process, on the thread that runs that agent's libnice, under its lock:
  // may not call libnice. The address is "ip:port".
  using OnMapped = std::function<void(const std::string& mapped_address)>;

  explicit BindingWatch(OnMapped on_mapped);
  ~BindingWatch();
  BindingWatch(const BindingWatch&) = delete;
  BindingWatch& operator=(const BindingWatch&) = delete;

 private:
  std::shared_ptr<const OnMapped> on_mapped_;
};

}  // namespace turnout
