// One bot's session in an app that a dialect describes: what the bot wants becomes the app's messages,
// what the app says becomes the events that the attempt machines know (signal_event.h).
//
// A message of ours waits until every variable in it has a value and until what it comes `after` was
// heard; so nothing goes out too early, and one that never can go out is told by stuck(). What is heard
// twice (a peer announced again, a second leave) means nothing the second time, and we are never our own
// peer. What a peer says before the machines know it is kept for them until they do.
//
// Pure: messages, acknowledgements and times in; emits and events out. Bounded, whatever the app does:
// kMostWaiting messages wait at most, the oldest gives way; kMostPeers peers, kMostHeld bytes of what
// they said too early.
#pragma once

#include "bots/signaling/client/signal_event.h"
#include "bots/signaling/dialect/dialect.h"
#include "bots/signaling/dialect/template.h"
#include "pipelines/base/secret.h"

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

// What bots of one call, or of one pool of seekers, know of each other without the app's telling: many
// apps know people by an id that the server or the page made up.
struct DialectDirectory {
  std::map<std::string, std::string> users;      // our names, by what the app calls one
  std::map<std::string, std::string> addresses;  // what to dial, by our name: once in
};

class DialectSession {
 public:
  static constexpr std::size_t kMostWaiting = 512, kMostPeers = 256, kMostHeld = 4 << 20;
  static constexpr std::size_t kMostMisheard = 32;

  struct Identity {
    std::string user{}, room{}, pool{};
    int bot = 0;                                    // its number in the call
    std::uint64_t seed = 0;                         // of its made variables
    int page = 0;                                   // how often it was refreshed
    std::map<std::string, Secret> given{};          // values of variables, from the scenario
    std::shared_ptr<DialectDirectory> directory{};  // of the others; none: it knows nobody
    std::shared_ptr<std::map<std::string, std::string>> kept{};  // what its pages leave each other
  };
  struct Heard {
    std::string event;  // of Socket.IO; empty on a plain WebSocket: the message has it
    std::vector<JsonValue> arguments;
    bool is_beside = false;  // on the second connection
  };
  struct Emit {
    std::string event;                   // of Socket.IO; empty on a plain WebSocket
    std::vector<std::string> arguments;  // JSON texts
    std::uint64_t ack = 0;               // asks for an acknowledgement, by this number; 0: no
    bool is_beside = false;              // on the second connection
  };
  // What was heard and came to nothing.
  struct Misheard {
    enum class Why {
      kNoRule,         // no rule is for it
      kNothingThere,   // its rule looks where nothing is
      kNoDescription,  // what is there is none
      kNoCandidate,
      kNoSignal,
    } why = Why::kNoRule;
    std::string event;  // its name
    std::string path;   // where the rule looks
    std::string what;   // is there: "a string", "an object with t, s"
  };
  using Body = decltype(SignalEvent::body);

  DialectSession(std::shared_ptr<const Dialect> dialect, Identity identity);

  void onConnected(Instant at, const std::string& socket_id);
  void onBesideConnected(Instant at);  // the second connection
  void onBesideGone(Instant at, const std::string& why);
  void onHeard(Instant at, const Heard& heard);
  void onAcknowledged(Instant at, std::uint64_t ack, const std::vector<JsonValue>& arguments);
  // The server did not let us in, or is gone: events to rules, by the names "connect_error" and
  // "disconnect". The first is a refusal in any case.
  void onTurnedAway(Instant at, const std::string& message);
  void onGone(Instant at, const std::string& why);
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime()

  // `text`: user, room, call or pool, as Entry asks for it. A request that the dialect has no step for
  // is answered at once.
  void request(Instant at, SignalRequest request, const std::string& text);
  // `number`: of the connection between the two pages.
  void describe(Instant at, const std::string& peer, int number, const std::string& type,
                const std::string& sdp);
  // Empty: end of candidates, said only where the dialect has words for it.
  void sendCandidate(Instant at, const std::string& peer, int number, unsigned mline,
                     const std::string& mid, const std::string& candidate);
  // A message of a link without media, or the answer to one.
  void sendPing(Instant at, const std::string& peer, bool is_answer, std::int64_t number,
                const std::string& padding);

  std::vector<Emit> takeEmits() { return std::exchange(emits_, {}); }
  std::vector<Body> takeEvents() { return std::exchange(events_, {}); }

  // For a URL, its query or a handshake: filled with what is known now; nullopt: not known yet.
  std::optional<std::string> text(const std::string& text_template) const;
  std::optional<std::string> json(const JsonValue& json_template) const;
  // `key`: of the session to come back into, by kRegistered; empty: none.
  void comeWith(const std::string& key) { variables_["key"] = JsonWriter().string(key).take(); }
  // Captures from an answer that came before the session: of HTTP.
  void take(const std::vector<std::pair<std::string, DialectPath>>& takes, const JsonValue& answer);

  // The messages that wait, each with what it waits for: "offer: ${room}".
  std::vector<std::string> stuck() const;
  // Since the last time; the first kMostMisheard of them.
  std::vector<Misheard> takeMisheard() { return std::exchange(misheard_, {}); }
  std::uint64_t unknown() const { return unknown_; }  // messages that no rule was for
  std::uint64_t dropped() const { return dropped_; }  // of those that waited, too many

 private:
  using Media = std::vector<std::pair<std::string, std::string>>;  // variables of one message
  struct Waiting {
    const DialectMessage* message = nullptr;
    const char* what = "";                           // the step or description it is for
    SignalRequest request = SignalRequest::kSignal;  // the same, as a refusal names it
    std::string peer;                                // "": nobody's
    Media media;
    std::uint64_t not_before = 0;     // an event it comes after was heard later than this
    bool for_described_peer = false;  // a candidate that waits for the peer's description
    std::optional<Body> then;         // what is so once it has gone out
  };
  struct Origin {  // of a description: which connection of theirs it is of
    std::string fingerprint, session, ufrag;
    bool isOfAnother(const Origin& before) const;
  };
  struct Peer {
    std::map<std::string, std::string> variables;
    bool is_met = false;     // the machines know of it
    bool described = false;  // a description of it came
    bool offered = false;    // and that was an offer
    bool we_offered = false;
    int page = 1;            // how often it was announced anew
    int number = 0;          // of the connection between the two pages, as far as it is known
    Origin origin;           // of the description that came last
    std::vector<Body> held;  // until it is met
    // Ours, until all candidates are there, where they go with it.
    std::string type, sdp;
    std::vector<std::pair<unsigned, std::string>> candidates;
  };
  struct Scope {  // what a rule can see
    const std::vector<JsonValue>* arguments;
    JsonValue item;  // of the list that the rule goes through
  };
  struct Deadline {
    Instant at;
    const DialectTimeout* timeout = nullptr;
  };
  struct Asked {
    const DialectMessage* message = nullptr;
    SignalRequest request = SignalRequest::kSignal;
    std::string peer;
  };

  // Variables (dialect_session.cc).
  void makeVariables();
  void publish();  // to the others, what the app may call us
  std::optional<std::string> lookUp(const std::string& name, const std::string& peer,
                                    const Media* media) const;
  std::optional<std::string> lookUpCallee() const;
  void keep(const std::string& name, const JsonValue& value);
  const std::string& userOf(const std::string& id) const;
  RoomPeer roomPeer(const DialectRule& rule, const Scope& scope, const std::string& id) const;

  // What was heard, and what it means (dialect_hearing.cc).
  void hear(Instant at, const std::string& event, const std::vector<JsonValue>& arguments,
            bool is_beside = false);
  JsonValue at(const DialectPath& path, const Scope& scope) const;
  std::string textAt(const std::optional<DialectPath>& path, const Scope& scope) const;
  std::int64_t integerAt(const std::optional<DialectPath>& path, const Scope& scope) const;
  bool holds(const DialectTest& test, const Scope& scope) const;
  bool matches(const DialectRule& rule, const Scope& scope) const;
  bool applyFirst(Instant now, const std::vector<DialectRule>& rules, const std::string& event,
                  const std::vector<JsonValue>& arguments, bool is_beside = false);
  void apply(Instant now, const DialectRule& rule, const std::vector<JsonValue>& arguments);
  void applyOnce(Instant now, const DialectRule& rule, const Scope& scope);
  void joined(const DialectRule& rule, const std::vector<Scope>& scopes);
  void mean(const DialectRule& rule, const Scope& scope, const std::string& peer);
  void registered(const DialectRule& rule, const Scope& scope);
  void back(const DialectRule& rule, const std::vector<Scope>& scopes);
  void over(const DialectRule& rule, const Scope& scope, const std::string& peer);
  void refused(const DialectRule& rule, const Scope& scope);
  void hearMedia(const DialectRule& rule, const Scope& scope, const std::string& peer);
  bool hearDescription(const std::string& peer, int number, const JsonValue& value,
                       const std::string& type, int depth);
  void hearSdp(const std::string& peer, int number, const std::string& type,
               const std::string& sdp);
  void hearCandidate(const std::string& peer, int number, SignalCandidate candidate);
  void mishear(Misheard::Why why, const std::string& path, const JsonValue& value);
  bool hearSignal(const std::string& peer, int number, const JsonValue& value, int depth);
  using Side = std::variant<std::monostate, bool, DialectPath>;
  bool sideOf(const Side& side, const Scope& scope, bool otherwise) const;
  bool isSelf(const std::string& peer) const;
  Peer* peerOf(const std::string& id);  // made if there is room for it
  bool forgetPeer(const std::string& id);
  void forgetPeers() { peers_.clear(), held_bytes_ = 0; }
  bool isMet(const std::string& id) const;
  void meet(const std::string& id, Body news);  // tells the machines, then what was kept for them
  void meetThoseWhoOffered();
  void deliver(const std::string& id, Body body);

  // What goes out (dialect_session.cc).
  void say(const std::vector<DialectMessage>& messages, const char* what, SignalRequest request,
           const std::string& peer, std::optional<Body> then);
  void wait(Waiting waiting);
  void sendDescription(const std::string& peer, int number, const std::string& type,
                       const std::string& sdp);
  void sendMedia(const char* word, const std::string& peer, int number, Media media,
                 bool for_described_peer);
  void flush();
  bool goesOut(Waiting& waiting);
  bool offersAsCall();
  void tell(Body body);
  bool isHeard(const std::string& event, std::uint64_t not_before) const;
  std::optional<Body> impliedBy(SignalRequest request, const std::string& text);
  void startTimeouts(Instant at, const std::string& step);

  const std::shared_ptr<const Dialect> dialect_;
  const std::vector<JsonValue> no_arguments_;
  Identity identity_;
  std::map<std::string, std::string> variables_;  // JSON texts
  std::map<std::string, Peer> peers_;
  std::size_t held_bytes_ = 0;
  std::string current_peer_;           // whom a message without "peer" is about
  std::string current_call_, callee_;  // id of the call or match; whom we call
  bool is_beside_up_ = false;
  bool is_registered_ = false, is_caller_ = false, is_joined_ = false;
  bool is_ringing_ = false, offers_when_answered_ = false;  // here
  std::map<std::string, std::uint64_t> heard_;  // events that messages come after: the n-th thing
  std::uint64_t things_heard_ = 0, heard_before_entry_ = 0;
  std::deque<Waiting> waiting_;
  std::map<std::uint64_t, Asked> asked_;
  std::uint64_t next_ack_ = 1;
  SignalRequest last_request_ = SignalRequest::kConnect;
  std::vector<Deadline> deadlines_;
  std::optional<Instant> beat_at_;
  std::optional<Instant> callee_by_, look_again_;  // for the address of whom we call
  std::vector<Emit> emits_;
  std::vector<Body> events_;
  std::string hearing_;  // the event that is being heard
  std::vector<Misheard> misheard_;
  std::uint64_t unknown_ = 0, dropped_ = 0;
};

// "relay: no rule is for it", "relay: at \"body\" is a string, no description"
std::string inWords(const DialectSession::Misheard& misheard);

}  // namespace turnout
