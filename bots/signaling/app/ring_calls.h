// One user calls another by name: the words around Ringing. Pure.
#pragma once

#include "bots/signaling/app/call_kind.h"
#include "bots/signaling/app/ringing.h"

namespace turnout {

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
