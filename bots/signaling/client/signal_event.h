// What a seat at the signaling server hears, in the words of docs/PROTOCOL.md: values, stamped when
// they came from the socket.
#pragma once

#include "pipelines/base/clock.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace turnout {

// Someone in a room, as the others see them.
struct RoomPeer {
  std::string id;    // socket id: where to send signals
  std::string user;  // the name it joined with
  // Which page of the user it is, by its own word: the same after a lost socket, another after a
  // reload. Empty: it did not say.
  std::string page{};
  // Whether its offer gives way to ours when two meet, by the app's word; nullopt: by the names.
  std::optional<bool> polite{};

  bool operator==(const RoomPeer&) const = default;
};

enum class SignalRequest {  // what a refusal refuses
  kConnect,
  kRegister,
  kJoin,
  kCall,
  kAnswer,
  kHangUp,
  kFindPartner,
  kNextPartner,
  kLeave,
  kSignal,
};
// The name of its event.
inline const char* toString(SignalRequest request) {
  switch (request) {
    case SignalRequest::kConnect:
      return "connect";
    case SignalRequest::kRegister:
      return "register";
    case SignalRequest::kJoin:
      return "join";
    case SignalRequest::kCall:
      return "call";
    case SignalRequest::kAnswer:
      return "answer";
    case SignalRequest::kHangUp:
      return "hang-up";
    case SignalRequest::kFindPartner:
      return "find-partner";
    case SignalRequest::kNextPartner:
      return "next-partner";
    case SignalRequest::kLeave:
      return "leave";
    case SignalRequest::kSignal:
      return "signal";
  }
  return "";
}

// Why a server says no, or what has become of us there: what the machines have to tell apart. The
// server's own word goes beside it, for people.
enum class Refusal {
  kOther,
  kBusy,           // one of the two is in something already
  kFull,           // the room is
  kAlreadyActive,  // our name is in use by a connection that the server takes for alive
  kAlreadyIn,      // we are in a room, call or queue already
  kNoSuchUser,     // not here, or not yet
  kGone,           // the other one's connection is lost, and has not come back yet
  kStalePeer,      // nobody of that id is with us any more
  kLate,           // it is for something that is over
  kRenamed,        // we were let in under another name
  kNotAllowed,
};
// As dialects write them.
inline constexpr std::pair<const char*, Refusal> kRefusalWords[] = {
    {"other", Refusal::kOther},
    {"busy", Refusal::kBusy},
    {"full", Refusal::kFull},
    {"already-active", Refusal::kAlreadyActive},
    {"already-in", Refusal::kAlreadyIn},
    {"no-such-user", Refusal::kNoSuchUser},
    {"gone", Refusal::kGone},
    {"stale-peer", Refusal::kStalePeer},
    {"late", Refusal::kLate},
    {"renamed", Refusal::kRenamed},
    {"not-allowed", Refusal::kNotAllowed}};
inline const char* toString(Refusal refusal) {
  for (const auto& [word, value] : kRefusalWords)
    if (value == refusal)
      return word;
  return "";
}

// What a protocol can do, for the machines to ask before they expect it.
struct SignalAbilities {
  bool keeps_sessions = true;       // who lost the socket can come back into what it was in
  bool announces_departure = true;  // partners are told when somebody has gone
  bool numbers_connections = true;  // signals say which peer connection of the two they are for
};

struct SignalConnected {};  // to the server; registered nowhere yet
struct SignalRegistered {
  std::string key;  // to come back with
  bool resumed = false;
  milliseconds grace{};
  std::string id{};  // of this socket, as the others are told it
};
struct SignalBack {  // after a registration that resumed: what we are still in
  enum class Place { kNothing, kRoom, kRinging, kCall, kQueue, kMatch };
  Place place = Place::kNothing;
  std::string call;             // kRinging, kCall, kMatch
  std::vector<RoomPeer> peers;  // but for kNothing and kQueue
  bool initiator = false;       // kRinging, kCall, kMatch
};
struct SignalJoined {
  std::string id;               // our own socket id
  std::vector<RoomPeer> peers;  // who was in the room before us
};
struct SignalRinging {  // our call rings at the other end
  std::string call;
};
struct SignalIncoming {
  std::string call;
  RoomPeer from;
};
struct SignalAnswered {  // at both ends
  std::string call;
  RoomPeer peer;
  bool initiator = false;  // who offers: the caller
};
struct SignalQueued {};
struct SignalMatched {
  std::string call;
  RoomPeer peer;
  bool initiator = false;  // who offers
};
struct SignalNoPartner {};
struct SignalCallOver {  // the other one, or the server, ended it
  std::string call;
  std::string reason;
};
struct SignalRefused {
  SignalRequest request = SignalRequest::kJoin;
  std::string error;  // our own protocol's word; of a dialect that of the refusal, if it has one
  Refusal refusal = Refusal::kOther;
  std::string said{};  // the app's own words, of a dialect

  std::string inWords() const { return said.empty() ? error : error + ": " + said; }
};
struct SignalPeerJoined {
  RoomPeer peer;
  bool we_offer = false;
};
struct SignalPeerBack {  // under a new socket id
  RoomPeer peer;
  std::string was;
  bool we_offer = false;
};
struct SignalPeerLeft {
  std::string id;
};
struct SignalDescription {
  std::string from;
  int connection = 0;  // the n-th peer connection of the two it is for; 0: not said
  std::string type;    // offer, answer
  std::string sdp;
};
struct SignalCandidate {
  std::string from;
  int connection = 0;
  unsigned mline = 0;
  std::string candidate;  // empty: end of candidates
  std::string mid{};      // sdpMid, if it said so
};
struct SignalUnread {  // of a shape that docs/PROTOCOL.md has not; its sender was told
  std::string from;
  std::string what;  // its keys: "hello, text"
};
struct SignalPing {  // a message of a link without media
  std::string from;
  std::int64_t number = 0;
  bool is_answer = false;
};
struct SignalLeft {};  // our leave or hang-up was acknowledged
struct SignalDown {    // the socket failed or went away; nothing more will come
  std::string what;
};

struct SignalEvent {
  Instant at;
  std::variant<SignalConnected, SignalRegistered, SignalBack, SignalJoined, SignalRinging,
               SignalIncoming, SignalAnswered, SignalQueued, SignalMatched, SignalNoPartner,
               SignalCallOver, SignalRefused, SignalPeerJoined, SignalPeerBack, SignalPeerLeft,
               SignalDescription, SignalCandidate, SignalUnread, SignalPing, SignalLeft, SignalDown>
      body;
};

}  // namespace turnout
