// The ledger of one gathering: exactly one outcome per configured server, whatever order the news
// come in. What is known before gathering began is told when it begins; what is not known when it
// ends had no answer.
//
// Threads: any. The callback runs on the thread that brought the news, without a lock.
#pragma once

#include "pipelines/ice/agent/ice_agent.h"

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// RTCPeerConnectionIceErrorEvent: the server could not be reached.
constexpr int kNoAnswer = 701;

class ServerOutcomes {
 public:
  using OnOutcome = std::function<void(Instant, const IceServerOutcome&)>;
  enum class Failures {
    kAtOnce,  // one request per server: its failure is the outcome
    kAtEnd,   // one request per local address: another one may still succeed
  };

  ServerOutcomes(const std::vector<IceServer>& servers, Failures failures, OnOutcome on_outcome);

  void begin(Instant at);
  void succeed(std::size_t server, const std::string& address, Instant at);
  void fail(std::size_t server, int error_code, const std::string& error_text, Instant at);
  void finish(Instant at);
  // Every server's request has been answered, or will not be made. Never before finish() when
  // failures are told at the end.
  bool isComplete() const;

 private:
  struct Entry {
    std::string url, username;
    std::optional<IceServerOutcome> outcome;
    Instant at;
    bool is_told = false;
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

}  // namespace turnout
