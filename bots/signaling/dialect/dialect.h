// A dialect: how one app does its signaling, as data. What it says on the wire for each thing a bot
// wants (steps), and what the things it hears mean (rules). docs/DIALECTS.md teaches the language from
// easy to hard; dialect_session.h performs it.
//
// Values only. A dialect is read once, checked as a whole, and shared by all bots.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/json.h"
#include "scenarios/problem.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace turnout {

// A place in what was heard: "users" and "0.users" are in the first argument, "1" is the whole
// second one, "item.id" is in the element of the list that the rule goes through.
struct DialectPath {
  enum class Root { kArgument, kItem };
  Root root = Root::kArgument;
  std::size_t argument = 0;          // kArgument: which
  std::vector<std::string> steps{};  // keys of objects; indices of arrays, as digits
  std::string text{};                // as written
};

// A test of one value: of what was heard at a path, or of a variable ("$name").
struct DialectTest {
  enum class Kind { kEquals, kNot, kPresent, kAbsent, kOneOf, kEmpty, kNotEmpty };
  std::variant<DialectPath, std::string> subject;  // a path, or a variable's name
  Kind kind = Kind::kEquals;
  std::vector<JsonValue> values;  // templates: one for kEquals and kNot, all of kOneOf
};

struct DialectRule;

// One message of ours. Its templates are JSON in which "${name}" stands for a variable. It waits until
// every variable in it is known, and until `after` was heard.
struct DialectMessage {
  std::string event;                 // Socket.IO: its name, a template; a plain WebSocket has none
  std::vector<JsonValue> arguments;  // templates; a plain WebSocket: one, the message
  std::string after;                 // the event that must have been heard before; empty: none
  bool wants_ack = false;
  std::vector<DialectRule> ack_rules;  // for the answer, first match wins
};

// What a heard message means, in the words that the attempt machines know (signal_event.h).
enum class DialectMeaning {
  kNothing,  // captures or replies, no more
  kRegistered,
  kJoined,  // in the room; `peers` or other rules say who else is
  kQueued,
  kRinging,
  kIncoming,
  kAnswered,
  kMatched,
  kPeerJoined,
  kPeerBack,
  kPeerLeft,
  kOver,  // the call or match
  kRefused,
};
const char* toString(DialectMeaning meaning);

// How the app refuses, or what has become of us.
enum class DialectRefusal {
  kBusy,
  kFull,
  kAlreadyActive,
  kNoSuchUser,
  kRenamed,
  kNotAllowed,
  kOther
};
const char* toString(DialectRefusal refusal);

struct DialectRule {
  std::vector<std::string> on;      // names of events; "*": any. Empty: of an acknowledgement
  std::vector<DialectTest> when;    // all must hold
  std::optional<DialectPath> each;  // once for each element of this list, or key of this map
  std::vector<std::pair<std::string, DialectPath>>
      take;                         // variables, "peer.name" those of the peer
  std::optional<DialectPath> peer;  // who it is about
  DialectMeaning means = DialectMeaning::kNothing;
  DialectRefusal refusal = DialectRefusal::kOther;  // kRefused
  // Whether we offer to this peer: said, read from the message, or as kPeerJoined and the others do
  // unless told otherwise (docs/DIALECTS.md, "Who offers").
  std::variant<std::monostate, bool, DialectPath> offers;
  std::optional<DialectPath> call;                            // id of the call or match
  std::optional<DialectPath> reason;                          // kOver, kRefused: the app's words
  std::optional<DialectPath> description, candidate, signal;  // signal: either, told by its content
  std::string description_type;                               // of a bare SDP text: offer or answer
  std::vector<DialectMessage> reply;
};

// What goes out when nothing comes in: "no `until` within `within` after the step was taken".
struct DialectTimeout {
  std::string step;
  std::vector<std::string> until;  // events, any of which is enough
  milliseconds within{5000};
  DialectRule then;
};

struct DialectVariable {
  enum class Make { kUuid, kNumber, kToken, kText };
  enum class OnRefresh { kKeep, kNew };
  std::string name;
  Make make = Make::kUuid;
  JsonValue text;  // kText: a template
  OnRefresh on_refresh = OnRefresh::kKeep;
};

struct DialectTransport {
  enum class Kind { kSocketIo, kWebSocket };
  enum class Start { kWebSocket, kPolling, kPollingThenUpgrade };
  Kind kind = Kind::kSocketIo;
  int engine = 4;  // Engine.IO's protocol: 3 or 4
  Start start = Start::kWebSocket;
  std::string path;                // a template; empty: that of the URL, or "/socket.io/"
  std::string nsp = "/";           // a template
  JsonValue query, auth, headers;  // templates: objects, or absent
  std::string subprotocol;
  std::string event_field = "type";  // kWebSocket: where a message has its name
};

struct Dialect {
  std::string name;
  DialectTransport transport;
  std::vector<DialectVariable> variables;
  // By the word of the request: register, join, call, answer, hang-up, find-partner, next-partner,
  // leave. One that is absent needs nothing said.
  std::map<std::string, std::vector<DialectMessage>, std::less<>> steps;
  // What the media layer wants said: offer, answer, candidate, end-of-candidates.
  std::map<std::string, DialectMessage, std::less<>> send;
  std::vector<DialectRule> rules;  // first match wins
  std::vector<DialectTimeout> timeouts;
  bool trickles = true;                     // false: one description with all candidates
  bool candidates_wait_for_answer = false;  // ours are sent once a description came from the peer

  const std::vector<DialectMessage>* step(std::string_view word) const;
  bool hasMeaning(DialectMeaning meaning) const;  // of any rule or acknowledgement
};

// All problems at once, each with its path. `text`: at most 256 KiB.
Dialect readDialect(std::string_view text, ScenarioProblems& problems);

// In words, for a person: what it would send for each step, and what it understands.
std::string explained(const Dialect& dialect);

}  // namespace turnout
