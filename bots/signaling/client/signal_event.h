// What a seat at the signaling server hears, in the words of docs/PROTOCOL.md: values, stamped when
// they came from the socket.
#pragma once

#include "pipelines/base/clock.h"

#include <string>
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
  std::string error;  // the server's word
};
struct SignalPeerJoined {
  RoomPeer peer;
};
struct SignalPeerBack {  // under a new socket id
  RoomPeer peer;
  std::string was;
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
               SignalDescription, SignalCandidate, SignalPing, SignalLeft, SignalDown>
      body;
};

}  // namespace turnout
