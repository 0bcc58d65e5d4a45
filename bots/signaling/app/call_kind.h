// What every kind of call can be asked, whatever it is: who is in it, with whom, and out of it. A
// session is in one of them at most.
#pragma once

#include "bots/signaling/app/end_reason.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/json.h"

#include <string>
#include <vector>

namespace turnout {

class CallKind {
 public:
  virtual ~CallKind() = default;

  virtual bool holds(const std::string& key) const = 0;
  virtual std::vector<std::string> partnersOf(const std::string& key) const = 0;
  virtual bool maySignal(const std::string& key) const = 0;
  virtual void describe(const std::string& key, JsonWriter& json) const = 0;  // for "reconnected"

  virtual void vacate(Instant at, const std::string& key, EndReason why) = 0;  // others are told
  virtual void onResumed(Instant at, const std::string& key) = 0;
  virtual void forget(const std::string& key) = 0;  // the session is over, and in nothing

  virtual void onTime(Instant at) = 0;
  virtual Instant deadline() const = 0;  // when onTime() is due; Instant::max() for never
};

}  // namespace turnout
