// A first draft of a dialect, learned from a recording of what a page and its app said to each other, and
// what could not be told from it. docs/DIALECTS.md, "A stranger's app in ten minutes".
//
// Two kinds of recording are read:
//   HAR         of a browser's network panel; Chrome saves the frames of WebSockets as _webSocketMessages.
//               Socket.IO that begins with polling is followed from its posts and polls to its socket.
//   JSON lines  {"type": "send" or "receive", "data": "the text of a frame"}, with "url" in the first of
//               them, and "time" in seconds if it is known.
//
// Pure. What is kept of a recording is names, shapes and values that look like no secret: of a password
// or token it is only told that there was one.
#pragma once

#include "pipelines/base/json.h"
#include "pipelines/base/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

struct RecordedMessage {
  bool is_ours = false;  // the page said it
  double at = 0;         // seconds
  std::string event;     // of Socket.IO; of a plain WebSocket: its type. Empty: an acknowledgement
  std::vector<JsonValue> arguments;  // of a plain WebSocket: one, the message
  std::optional<std::uint64_t> ack;  // asks for an acknowledgement of this number, or is it
};

// One page's connection with the app.
struct RecordedSession {
  bool is_socket_io = false;
  int engine = 4;
  bool starts_by_polling = false;
  std::string path, nsp = "/";
  std::vector<std::pair<std::string, std::string>> query;
  JsonValue auth;
  std::string event_field = "type";
  std::string socket_id;
  std::vector<RecordedMessage> messages;
};

// The connections in a recording that look like signaling, in the order in which they began. Error
// (kBadScenario): it is neither kind of recording, or nothing in it looks like signaling.
Result<std::vector<RecordedSession>> readRecording(std::string_view text);

struct LearnedDialect {
  std::string text;                // a dialect, as a person would write it
  std::vector<std::string> notes;  // what is guessed or could not be told
};
// `recordings`: of one app. One of each end of a call tells all; with one end the other's part is guessed.
Result<LearnedDialect> learnDialect(const std::vector<std::string>& recordings,
                                    const std::string& name);

}  // namespace turnout
