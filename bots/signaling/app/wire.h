// The JSON that more than one kind of call writes.
#pragma once

#include "bots/signaling/app/app_error.h"
#include "bots/signaling/app/end_reason.h"
#include "bots/signaling/app/sessions.h"
#include "pipelines/base/json.h"

#include <string>
#include <variant>

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

}  // namespace turnout
