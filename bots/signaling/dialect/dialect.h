// A dialect: how one app does its signaling, as data. What it says on the wire for each thing a bot
// wants (steps), and what the things it hears mean (rules). docs/DIALECTS.md teaches the language from
// easy to hard; dialect_session.h performs it.
//
// Values only. A dialect is read once, checked as a whole, and shared by all bots.
#pragma once

#include "bots/signaling/client/signal_event.h"
#include "bots/signaling/dialect/template.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/json.h"
#include "pipelines/base/server_url.h"
#include "scenarios/problem.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace turnout {

// A place in what was heard: "users" and "0.users" are in the first argument, "1" is the whole
// second one, "item.id" is in the element of the list that the rule goes through, "$room" is a variable.
struct DialectPath {
  enum class Root { kArgument, kItem, kVariable };
  Root root = Root::kArgument;
  std::size_t argument = 0;          // kArgument: which
  std::string variable{};            // kVariable: its name
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
// every variable in it is known, and until `after` was heard. It is left out unless `when` holds at the
// time that it is wanted.
struct DialectMessage {
  std::vector<DialectTest> when;    // of variables
  Template event;                   // Socket.IO: its name; a plain WebSocket has none
  std::vector<Template> arguments;  // a plain WebSocket: one, the message
  std::string after;                // the event that must have been heard before; empty: none
  bool is_beside = false;           // it goes over the second connection
  bool wants_ack = false;
  std::vector<DialectRule> ack_rules;  // for the answer, first match wins
};

// What a heard message means, in the words that the attempt machines know (signal_event.h).
enum class DialectMeaning {
  kNothing,  // captures or replies, no more
  kRegistered,
  kJoined,  // in the room; `peers` or other rules say who else is
  kBack,    // after a registration that resumed: what we are in still
  kQueued,
  kNoPartner,  // the app gave the search up
  kRinging,
  kIncoming,
  kAnswered,
  kMatched,
  kPeerJoined,
  kPeerBack,
  kPeerLeft,
  kOver,  // the call or match
  kLeft,  // we have, as we wanted to
  kRefused,
};
const char* toString(DialectMeaning meaning);

struct DialectRule {
  std::vector<std::string> on;      // names of events; "*": any. Empty: of an acknowledgement
  bool is_beside = false;           // of the second connection
  std::vector<DialectTest> when;    // all must hold
  std::optional<DialectPath> each;  // once for each element of this list, or key of this map
  std::vector<std::pair<std::string, DialectPath>>
      take;                                            // variables, "peer.name" those of the peer
  std::vector<std::pair<std::string, JsonValue>> set;  // the same, as templates say
  std::optional<DialectPath> peer;                     // who it is about
  std::optional<DialectPath> user;  // the name of the user it is about, where `peer` is another id
  std::optional<DialectPath> page;  // RoomPeer::page
  std::optional<DialectPath> was;   // kPeerBack: the id of before
  DialectMeaning means = DialectMeaning::kNothing;
  Refusal refusal = Refusal::kOther;                      // kRefused
  SignalBack::Place place = SignalBack::Place::kNothing;  // kBack
  // Whether we offer to this peer: said, read from the message, or as kPeerJoined and the others do
  // unless told otherwise (docs/DIALECTS.md, "Who offers").
  std::variant<std::monostate, bool, DialectPath> offers;
  std::variant<std::monostate, bool, DialectPath> polite;  // whether our offer gives way to its own
  std::optional<DialectPath> id;  // kRegistered, kJoined: what the app calls us, if not ${socket}
  std::optional<DialectPath> key, resumed, grace_ms;          // kRegistered: of the session
  std::optional<DialectPath> call;                            // id of the call or match
  std::optional<DialectPath> reason;                          // kOver, kRefused: the app's words
  std::optional<DialectPath> description, candidate, signal;  // signal: either, told by its content
  std::optional<DialectPath> mid, mline;  // of the candidate, where they stand elsewhere
  std::optional<DialectPath> connection;  // the number of the peer connection it is for
  std::string description_type;           // of a bare SDP text: offer or answer
  std::optional<DialectPath> ping, pong;  // a message of a link without media, and its answer
  std::vector<DialectMessage> reply;
};

// What goes out when nothing comes in: "no `until` within `within` after the step was taken".
struct DialectTimeout {
  std::string step;
  std::vector<std::string> until;  // events, any of which is enough
  milliseconds within{5000};
  DialectRule then;
};

// What keeps a session alive in the eyes of the app.
struct DialectHeartbeat {
  milliseconds every{5000};
  std::vector<DialectMessage> say;
};

struct DialectVariable {
  enum class Make { kUuid, kNumber, kToken, kText, kGiven };  // kGiven: by the scenario
  enum class OnRefresh { kKeep, kNew };
  std::string name;
  Make make = Make::kUuid;
  JsonValue text;  // kText: a template; kGiven: what it is where nothing is given
  OnRefresh on_refresh = OnRefresh::kKeep;
};

// An HTTP request before the socket is opened: a login, an id. Cookies of its answer go with the
// requests after it.
struct DialectPrologue {
  std::string method = "GET";
  std::string path = "/";  // with its query; a template
  JsonValue headers;       // templates
  JsonValue json, form;    // of the body, templates: one of them, or neither
  std::vector<std::pair<std::string, DialectPath>> take;  // from a JSON answer; a text is "0"
};

struct DialectTransport {
  enum class Kind { kSocketIo, kWebSocket };
  Kind kind = Kind::kSocketIo;
  int engine = 4;  // Engine.IO's protocol: 3 or 4
  EngineStart start = EngineStart::kWebSocket;
  std::string url;   // of Dialect::beside alone, a template; empty: the app's own server
  std::string path;  // a template; empty: that of the URL, or "/socket.io/"
  std::string nsp;   // a template; empty: that of the URL's path, or "/"
  JsonValue query, auth, headers;  // templates: objects, or absent
  std::string subprotocol;
  DialectPath event_field{.steps = {"type"}, .text = "type"};  // kWebSocket: a message's name
  bool is_binary = false;  // kWebSocket: our JSON goes in binary frames
  std::vector<DialectPrologue> before;
};

struct Dialect {
  std::string name;
  DialectTransport transport;
  std::optional<DialectTransport> beside;  // a second connection, opened once the first is there
  std::vector<DialectVariable> variables;
  // By the word of the request: register, join, call, answer, hang-up, find-partner, next-partner,
  // leave. One that is absent needs nothing said.
  std::map<std::string, std::vector<DialectMessage>, std::less<>> steps;
  // What the media layer wants said: offer, answer, candidate, end-of-candidates.
  std::map<std::string, DialectMessage, std::less<>> send;
  std::vector<DialectRule> rules;      // first match wins
  std::vector<DialectRule> ack_rules;  // of acknowledgements that no rule of the message is for
  std::vector<DialectTimeout> timeouts;
  std::optional<DialectHeartbeat> heartbeat;
  std::string address = "${user}";          // what others dial to reach us, a template
  std::set<std::string> gates;              // events that messages come `after`
  bool trickles = true;                     // false: one description with all candidates
  bool candidates_wait_for_answer = false;  // ours are sent once a description came from the peer
  unsigned meanings = 0;                    // a bit for each that a rule or acknowledgement has

  const std::vector<DialectMessage>* step(std::string_view word) const;
  bool hasMeaning(DialectMeaning meaning) const;
  bool hasRule(const std::function<bool(const DialectRule&)>& is) const;  // of acks too
  SignalAbilities abilities() const;
};

// Those of scenarios/dialects, compiled in: their names, and the text of one.
std::vector<std::string> shippedDialects();
std::optional<std::string_view> shippedDialect(std::string_view name);

// All problems at once, each with its path. `text`: at most 256 KiB.
Dialect readDialect(std::string_view text, ScenarioProblems& problems);

// The part of it that is about the whole: variables without a value or a use, and what must be there.
void checkDialect(const Dialect& dialect, ScenarioProblems& problems);

// In words, for a person: what it would send for each step, and what it understands.
std::string explained(const Dialect& dialect);

}  // namespace turnout
