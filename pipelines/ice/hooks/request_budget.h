// How many requests each STUN and TURN server gets from the agents of this process: counted as they
// go out, by server and second, and kept within a limit, so that a tool that makes load does not
// hammer somebody's server by accident. What is held back are whole gatherings, before their first
// request: a conversation that has begun is never touched, so what is measured of it stays true, and
// the wait is part of the call's time.
//
// Threads: any.
#pragma once

#include "pipelines/base/clock.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

class RequestBudget {
 public:
  // What a gathering asks of a server in all, as counted on the wire: Binding; or Allocate, with and
  // without the credential, permissions and channels for a peer's few addresses, and the release.
  static constexpr int kOfBinding = 1, kOfRelay = 8;

  struct Second {  // of one server
    std::string server;
    std::int64_t second = 0;  // of the machine's monotonic clock
    int requests = 0;         // sent, each time that one was sent
    int waited = 0;           // gatherings that had to wait
    double longest_wait_ms = 0;
  };

  explicit RequestBudget(int per_second = 0) : per_second_(per_second) {}  // 0: no limit
  RequestBudget(const RequestBudget&) = delete;
  RequestBudget& operator=(const RequestBudget&) = delete;

  void limitTo(int per_second);

  // How long a gathering is to wait that will ask these servers so much, and the reservation of it.
  // Each server's requests are spread evenly; a tenth of a second's worth may go at once.
  Duration reserve(const std::vector<std::pair<std::string, int>>& servers, Instant at);

  // From now on requests to this address are counted as this server's.
  void know(const std::string& address, const std::string& server);
  // A request that is sent to an address ("ip:port"), which may be that of no server; or to a server.
  void countTo(const std::string& address, Instant at);
  void count(const std::string& server, Instant at);

  // What there is since the last call; a second that is not over may come again, with more.
  std::vector<Second> take();

 private:
  Second& of(const std::string& server, Instant at);  // with mutex_ held

  std::mutex mutex_;
  int per_second_;
  std::map<std::string, Instant> paid_until_;  // by server
  std::map<std::string, std::string> names_;   // of servers, by address
  std::map<std::pair<std::int64_t, std::string>, Second> seconds_;
};

// A STUN request as only servers get (RFC 8656 17) or anybody may (Binding). The head suffices.
bool isStunRequest(std::span<const std::uint8_t> packet);

}  // namespace turnout
