// Calls from one user to another: it rings, is answered, ends. Pure; parties are session keys, and
// nobody is party to two calls.
//
//   phase     input                        next
//   (none)    ring                         kRinging, the ring timeout starts
//   kRinging  answer, by the callee        kActive, the ring timeout is gone for good
//   kRinging  reject, by the callee        over: rejected or busy
//   kRinging  hang up, by the caller       over: cancelled
//   kRinging  hang up, by the callee       over: rejected
//   kRinging  ring timeout                 over: ring_timeout
//   kActive   hang up, by either           over: hung_up
//   kActive   answer, reject               same; refused late_message
//   either    a party drops out            over: as the caller of drop() says
//   over      anything by a former party   refused late_message
// An answer at the very instant of the timeout is in time if it is put in first: callers let fall
// due what is due before an input's instant, and what is due at it only afterwards.
#pragma once

#include "bots/signaling/app/app_error.h"
#include "bots/signaling/app/call_kind.h"
#include "bots/signaling/app/deadlines.h"
#include "bots/signaling/app/planted_bug.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

namespace turnout {

class Ringing {
 public:
  enum class Phase { kRinging, kActive };
  struct Call {
    std::string id;
    std::string caller, callee;
    Phase phase = Phase::kRinging;

    const std::string& other(const std::string& party) const {
      return party == caller ? callee : caller;
    }
  };
  struct Ended {
    Call call;
    EndReason reason;
  };
  using EndedOr = std::variant<Ended, AppError>;
  struct Options {
    Duration ring_timeout = 30s;
    PlantedBugs bugs;
  };

  explicit Ringing(Options options) : options_(std::move(options)) {}

  Call ring(Instant at, const std::string& caller, const std::string& callee);
  std::variant<Call, AppError> answer(const std::string& who, const std::string& id);
  EndedOr reject(const std::string& who, const std::string& id, EndReason reason);
  EndedOr hangUp(const std::string& who, const std::string& id);
  std::optional<Ended> drop(const std::string& who, EndReason reason);
  std::optional<Ended> takeExpired(Instant at);
  void forget(const std::string& who);  // who was in it, once in none any more

  const Call* of(const std::string& who) const;
  Instant deadline() const { return ring_ends_.next(); }
  std::size_t count(Phase phase) const;
  std::size_t memoryCount() const { return last_call_of_.size(); }

 private:
  std::variant<Call*, AppError> find(const std::string& who, const std::string& id);
  Ended end(const Call& call, EndReason reason);

  const Options options_;
  std::uint64_t last_number_ = 0;
  std::unordered_map<std::string, Call> calls_;                          // by id
  std::unordered_map<std::string, std::string> call_of_, last_call_of_;  // by party
  Deadlines ring_ends_;                                                  // by id
};

const char* toString(Ringing::Phase phase);

// One user calls another by name: the words around Ringing.
class RingCalls final : public CallKind {
 public:
  RingCalls(SharedState& shared, Ringing::Options options)
      : shared_(shared), ringing_(std::move(options)) {}

  // Both are in nothing; `to` is not the caller himself.
  Answer call(Instant at, const std::string& key, const Sessions::Session& to);
  Answer answer(const std::string& key, const JsonValue& request);
  Answer reject(const std::string& key, const JsonValue& request);
  Answer hangUp(const std::string& key, const JsonValue& request);

  bool holds(const std::string& key) const override { return ringing_.of(key) != nullptr; }
  std::vector<std::string> partnersOf(const std::string& key) const override;
  bool maySignal(const std::string& key) const override;
  void describe(const std::string& key, JsonWriter& json) const override;
  void vacate(Instant at, const std::string& key, EndReason why) override;
  void onResumed(Instant, const std::string&) override {}
  void forget(const std::string& key) override { ringing_.forget(key); }
  void onTime(Instant at) override;
  Instant deadline() const override { return ringing_.deadline(); }

  const Ringing& ringing() const { return ringing_; }

 private:
  Side sideOf(const Ringing::Call& call, const std::string& key) const;
  Answer finish(const Ringing::EndedOr& result, const std::string& key);
  void notifyEnded(const Ringing::Ended& ended, const std::string& to);

  SharedState& shared_;
  Ringing ringing_;
};

}  // namespace turnout
