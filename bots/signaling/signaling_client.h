// One bot's seat at the signaling server, in the words of the app rather than the wire: join a
// room, exchange descriptions and candidates with the others in it, leave. Over Socket.IO v4; the
// events are listed in docs/PROTOCOL.md.
//
// Threads: one loop, given at creation; events come on it as values and never after the destructor.
#pragma once

#include "bots/signaling/room_peer.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

struct SignalJoined {
  std::string id;               // our own socket id
  std::vector<RoomPeer> peers;  // who was in the room before us
};
struct SignalJoinRejected {
  std::string reason;
};
struct SignalPeerJoined {
  RoomPeer peer;
};
struct SignalPeerLeft {
  std::string id;
};
struct SignalDescription {
  std::string from;
  std::string type;  // offer, answer
  std::string sdp;
};
struct SignalCandidate {
  std::string from;
  unsigned mline = 0;
  std::string candidate;  // empty: end of candidates
};
struct SignalLeft {};  // our leave was acknowledged
struct SignalDown {    // the socket failed or went away; nothing more will come
  bool was_joined = false;
  std::string what;
};

struct SignalEvent {
  Instant at;
  std::variant<SignalJoined, SignalJoinRejected, SignalPeerJoined, SignalPeerLeft,
               SignalDescription, SignalCandidate, SignalLeft, SignalDown>
      body;
};

class SignalingClient {
 public:
  using OnEvent = std::function<void(SignalEvent)>;
  enum class Start { kWebSocket, kPollingThenUpgrade };

  // `url`: "http://host:port" (or https). Connects and joins at once.
  static std::unique_ptr<SignalingClient> join(Loop& loop, const std::string& url,
                                               const std::string& room, const std::string& user,
                                               Start start, OnEvent on_event);
  virtual ~SignalingClient() = default;  // drops the socket without a goodbye
  virtual void sendDescription(const std::string& to, const std::string& type,
                               const std::string& sdp) = 0;
  virtual void sendCandidate(const std::string& to, unsigned mline,
                             const std::string& candidate) = 0;  // empty: end of candidates
  virtual void leave() = 0;                                      // ends in SignalLeft
};

}  // namespace turnout
