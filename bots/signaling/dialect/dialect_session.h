// One bot's session in an app that a dialect describes: what the bot wants becomes the app's messages,
// what the app says becomes the events that the attempt machines know (signal_event.h).
//
// A message of ours waits until every variable in it has a value and until what it comes `after` was
// heard; so nothing goes out too early, and one that never can go out is told by stuck(). What is heard
// twice (a peer announced again, a second leave) means nothing the second time, and we are never our own
// peer.
//
// Pure: messages, acknowledgements and times in; emits and events out. Bounded: at most kMostWaiting
// messages wait, the oldest gives way.
#pragma once

#include "bots/signaling/client/signal_event.h"
#include "bots/signaling/dialect/dialect.h"
#include "bots/signaling/dialect/template.h"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

class DialectSession {
 public:
  static constexpr std::size_t kMostWaiting = 512;

  struct Identity {
    std::string user, room, pool;
    int bot = 0;             // its number in the call
    std::uint64_t seed = 0;  // of its made variables
    int page = 0;            // how often it was refreshed
  };
  struct Heard {
    std::string event;
    std::vector<JsonValue> arguments;
  };
  struct Emit {
    std::string event;                   // of Socket.IO; empty on a plain WebSocket
    std::vector<std::string> arguments;  // JSON texts
    std::uint64_t ack = 0;               // asks for an acknowledgement, by this number; 0: no
  };
  using Body = decltype(SignalEvent::body);

  DialectSession(std::shared_ptr<const Dialect> dialect, Identity identity);

  void onConnected(Instant at, const std::string& socket_id);
  void onHeard(Instant at, const Heard& heard);
  void onAcknowledged(Instant at, std::uint64_t ack, const std::vector<JsonValue>& arguments);
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime()

  // `text`: user, room, call or pool, as Entry asks for it. A request that the dialect has no step for
  // is answered at once.
  void request(Instant at, SignalRequest request, const std::string& text);
  void describe(Instant at, const std::string& peer, const std::string& type,
                const std::string& sdp);
  // Empty: end of candidates, said only where the dialect has words for it.
  void sendCandidate(Instant at, const std::string& peer, unsigned mline, const std::string& mid,
                     const std::string& candidate);

  std::vector<Emit> takeEmits() { return std::exchange(emits_, {}); }
  std::vector<Body> takeEvents() { return std::exchange(events_, {}); }

  // For a URL, its query or a handshake: filled with what is known now; nullopt: not known yet.
  std::optional<std::string> text(const std::string& text_template) const;
  std::optional<std::string> json(const JsonValue& json_template) const;

  // The messages that wait, each with what it waits for: "offer: ${room}".
  std::vector<std::string> stuck() const;
  std::uint64_t unknown() const { return unknown_; }  // messages that no rule was for
  std::uint64_t dropped() const { return dropped_; }  // of those that waited, too many

 private:
  struct Waiting {
    const DialectMessage* message = nullptr;
    std::string what;                          // the step or description it is for
    std::string peer;                          // "" : nobody's
    std::map<std::string, std::string> media;  // variables of this message alone
    bool for_described_peer = false;           // a candidate that waits for the peer's description
    std::optional<Body> then;                  // what is so once it has gone out
  };
  struct Peer {
    std::map<std::string, std::string> variables;
    bool described = false;  // a description of it came
    bool we_offered = false;
  };
  struct Scope {  // what a rule can see
    const std::vector<JsonValue>* arguments;
    JsonValue item;  // of the list that the rule goes through
  };
  struct Deadline {
    Instant at;
    const DialectTimeout* timeout = nullptr;
  };

  void makeVariables();
  std::optional<std::string> lookUp(const std::string& name, const std::string& peer,
                                    const std::map<std::string, std::string>* media) const;
  JsonValue at(const DialectPath& path, const Scope& scope) const;
  std::string textAt(const std::optional<DialectPath>& path, const Scope& scope) const;
  bool holds(const DialectTest& test, const Scope& scope) const;
  bool matches(const DialectRule& rule, const Scope& scope) const;
  bool applyFirst(Instant now, const std::vector<DialectRule>& rules, const std::string& event,
                  const std::vector<JsonValue>& arguments);
  void apply(Instant now, const DialectRule& rule, const std::vector<JsonValue>& arguments);
  void applyOnce(Instant now, const DialectRule& rule, const Scope& scope);
  void joined(const DialectRule& rule, const std::vector<Scope>& scopes);
  void mean(const DialectRule& rule, const Scope& scope, const std::string& peer);
  void hearDescription(const std::string& peer, const JsonValue& value, const std::string& type,
                       int depth);
  void hearCandidate(const std::string& peer, const JsonValue& value, int depth);
  void hearSignal(const std::string& peer, const JsonValue& value, int depth);
  bool weOffer(const DialectRule& rule, const Scope& scope, bool otherwise) const;
  bool isSelf(const std::string& peer) const;
  void say(const std::vector<DialectMessage>& messages, const std::string& what,
           const std::string& peer, std::optional<Body> then);
  void wait(Waiting waiting);
  void flush();
  bool goesOut(Waiting& waiting);
  std::optional<Body> impliedBy(SignalRequest request, const std::string& text);
  void startTimeouts(Instant at, const std::string& step);

  const std::shared_ptr<const Dialect> dialect_;
  Identity identity_;
  std::map<std::string, std::string> variables_;  // JSON texts
  std::map<std::string, Peer> peers_;
  std::string current_peer_;  // whom a message without "peer" is about
  std::string incoming_call_;
  std::set<std::string> heard_;
  std::deque<Waiting> waiting_;
  std::map<std::uint64_t, std::pair<const DialectMessage*, std::string>> asked_;  // and the peer
  std::uint64_t next_ack_ = 1;
  SignalRequest last_request_ = SignalRequest::kConnect;
  bool is_caller_ = false, is_joined_ = false;
  std::vector<Deadline> deadlines_;
  std::vector<Emit> emits_;
  std::vector<Body> events_;
  std::uint64_t unknown_ = 0, dropped_ = 0;
};

}  // namespace turnout
