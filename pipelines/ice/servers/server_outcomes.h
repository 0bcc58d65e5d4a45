// The ledger of one gathering: exactly one outcome per configured server, whatever order the news
// come in. What is known before gathering began is told when it begins; what is not known when it
// ends had no answer.
//
// Threads: any. The callback runs on the thread that brought the news, without a lock.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace turnout {

class ServerOutcomes {
 public:
  using OnOutcome = std::function<void(Instant, const IceServerOutcome&)>;
  enum class Failures {
    kAtOnce,  // as many requests per server as expected: with the last one's failure
    kAtEnd,   // one request per local address: another one may still succeed
  };

  ServerOutcomes(const std::vector<IceServer>& servers, Failures failures, OnOutcome on_outcome);

  // One more server, to which another one sent us; its index.
  std::size_t add(const std::string& url, const std::string& username);
  void expect(std::size_t server, int requests);  // before begin(); 1 if not said

  void begin(Instant at);
  void succeed(std::size_t server, IceServerOutcome success, Instant at);
  // `failure`: what asking came to; url, username and time are filled in here.
  void fail(std::size_t server, IceServerOutcome failure, Instant at);
  // An answer that is not the last: the server is there, and so far away.
  void hear(std::size_t server, double rtt_ms);
  // An answer that was not taken: what it is, should none follow that is.
  void doubt(std::size_t server, ServerFault fault);
  void finish(Instant at);
  // Every server's request has been answered, or will not be made. Never before finish() when
  // failures are told at the end.
  bool isComplete() const;
  std::optional<Instant> began() const;

 private:
  struct Entry {
    std::string url, username;
    std::optional<IceServerOutcome> outcome{};
    Instant at{};
    bool is_told = false;
    int requests = 1;                           // that have no answer yet
    std::optional<IceServerOutcome> failure{};  // of one of them
    std::optional<double> rtt_ms{};
    ServerFault doubt = ServerFault::kTimeout;
  };
  using Told = std::vector<std::pair<Instant, IceServerOutcome>>;

  void settle(std::size_t server, IceServerOutcome outcome, Instant at);
  Told takeUntold();  // with mutex_ held
  void tell(const Told& told);

  const Failures failures_;
  const OnOutcome on_outcome_;
  mutable std::mutex mutex_;
  std::vector<Entry> entries_;
  std::optional<Instant> began_;
  bool is_finished_ = false;
};

// Which server told an agent which of its addresses as seen from outside, from what can be
// observed: candidates (libnice hides those that equal another), Binding answers of the whole
// process, and Allocate answers. Any thread.
class MappedAddresses {
 public:
  void onCandidate(const std::string& address);  // a host or server reflexive one of this agent
  void onBinding(const std::string& mapped);     // of any agent; call before its candidate appears
  void onAllocation(const std::string& mapped, const std::string& url);

  // An address that is this agent's and in a Binding answer can only be from its own request.
  bool isFromBinding(const std::string& address) const;
  std::string fromBinding() const;  // one such address; empty: there is none yet
  // The TURN server that told it first; empty when none did.
  std::string turnUrl(const std::string& address) const;

 private:
  mutable std::mutex mutex_;
  std::set<std::string> own_, bound_;
  std::map<std::string, std::string> allocated_;
};

}  // namespace turnout
