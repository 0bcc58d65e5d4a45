// The three kinds of call (rooms, calls that ring, random matches) as the application sees them:
// what it can ask each (CallKind), what they share (SharedState), and the JSON that more than one
// of them writes. A session is in one of them at most. Pure.
#pragma once

#include "bots/signaling/app/app_error.h"
#include "bots/signaling/app/app_stats.h"
#include "bots/signaling/app/sessions.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/json.h"

#include <string>
#include <variant>
#include <vector>

namespace turnout {

// The one argument of an acknowledgement, or why there is nothing but a refusal.
using Answer = std::variant<std::string, AppError>;

inline std::string okText() {
  return R"({"ok":true})";
}
inline std::string refusalText(AppError error) {
  return JsonWriter()
      .beginObject()
      .field("ok", false)
      .field("error", toString(error))
      .endObject()
      .take();
}
inline void writeUser(JsonWriter& json, const Sessions::Session& session) {
  json.field("user", session.user);
  if (!session.page.empty())
    json.field("page", session.page);
}
inline void writePeer(JsonWriter& json, const Sessions::Session& session) {
  json.beginObject().field("id", session.address);
  writeUser(json, session);
  json.endObject();
}

// A call between two as one of them sees it. The initiator is who makes the offer.
struct Side {
  const std::string& call;
  const Sessions::Session& peer;
  bool initiator;
};
inline void writeSide(JsonWriter& json, const Side& side) {
  json.field("call", side.call).key("peer");
  writePeer(json, side.peer);
  json.field("initiator", side.initiator);
}
inline std::string endedText(const std::string& call, EndReason reason) {
  return JsonWriter()
      .beginObject()
      .field("call", call)
      .field("reason", toString(reason))
      .endObject()
      .take();
}

struct Emit {
  std::string to;        // a connection id
  const char* event;     // its name
  std::string argument;  // JSON
};

// Owned by SignalingApp; one input to it fills the outbox once.
struct SharedState {
  Sessions sessions;
  std::vector<Emit> outbox;
  AppStats stats;

  // To where the session is reached now; to nobody while it is held.
  void notify(const std::string& key, const char* event, std::string argument) {
    const auto& session = sessions.at(key);
    if (sessions.isReachable(session))
      outbox.push_back({session.address, event, std::move(argument)});
    else
      stats.undelivered++;
  }
};

class CallKind {
 public:
  virtual ~CallKind() = default;

  virtual bool holds(const std::string& key) const = 0;
  virtual std::vector<std::string> partnersOf(const std::string& key) const = 0;
  virtual bool maySignal(const std::string& key) const = 0;
  virtual void describe(const std::string& key, JsonWriter& json) const = 0;  // for "reconnected"

  virtual void vacate(Instant at, const std::string& key,
                      EndReason why) = 0;  // others are notified
  virtual void onResumed(Instant at, const std::string& key) = 0;
  virtual void forget(const std::string& key) = 0;  // the session is over, and in nothing

  virtual void onTime(Instant at) = 0;
  virtual Instant deadline() const = 0;  // when onTime() is due; Instant::max() for never
};

}  // namespace turnout
