// Random partners: the words around Matchmaker. Pure.
#pragma once

#include "bots/signaling/app/call_kind.h"
#include "bots/signaling/app/matchmaker.h"

namespace turnout {

class MatchCalls final : public CallKind {
 public:
  MatchCalls(SharedState& shared, Duration match_timeout)
      : shared_(shared), matchmaker_(match_timeout) {}

  // For one who is in nothing, or waits already.
  void find(Instant at, const std::string& key, const std::string& pool);
  bool isWaiting(const std::string& key) const { return matchmaker_.isWaiting(key); }

  bool holds(const std::string& key) const override {
    return matchmaker_.isWaiting(key) || matchmaker_.matchOf(key);
  }
  std::vector<std::string> partnersOf(const std::string& key) const override;
  bool maySignal(const std::string&) const override { return true; }
  void describe(const std::string& key, JsonWriter& json) const override;
  void vacate(Instant at, const std::string& key, EndReason why) override;
  void onResumed(Instant at, const std::string& key) override;
  void forget(const std::string& key) override { matchmaker_.forget(key); }
  void onTime(Instant at) override;
  Instant deadline() const override { return matchmaker_.deadline(); }

  const Matchmaker& matchmaker() const { return matchmaker_; }

 private:
  void pair(Instant at, const std::string& key);
  void notifyMatched(const Matchmaker::Match& match, const std::string& key);
  Side sideOf(const Matchmaker::Match& match, const std::string& key) const;

  SharedState& shared_;
  Matchmaker matchmaker_;
};

}  // namespace turnout
