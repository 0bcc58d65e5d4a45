// One bot's seat at the signaling server, in the words of the app rather than the wire: register,
// get into a room, call or match, exchange descriptions and candidates, leave. Of our own protocol
// (docs/PROTOCOL.md) over Socket.IO v4, or of an app that a dialect describes (docs/DIALECTS.md): who
// has one does not know which.
//
// Threads: one loop, given at creation; events come on it as values and never after the destructor.
// Every request is answered by an event, SignalRefused if not by its own; requests after SignalDown
// are dropped.
#pragma once

#include "bots/signaling/client/signal_event.h"
#include "bots/signaling/dialect/dialect_session.h"
#include "pipelines/base/http/http_message.h"
#include "pipelines/base/loop.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

class SignalingClient {
 public:
  using OnEvent = std::function<void(SignalEvent)>;
  struct Passed {  // one message of a dialect, as it was on the wire
    Instant at;
    enum class Kind { kSent, kHeard, kMisheard } kind = Kind::kSent;
    std::string what;  // its name and its arguments; of kMisheard why nothing came of the last one
  };
  using OnPassed = std::function<void(const Passed&)>;

  // Where the server is, and how to get to it.
  struct Server {
    std::string url;  // serverUrl(); of our own protocol engineOrigin()
    TlsTrust tls{};
    Secret token{};                      // of our own protocol: `serve --token-file`
    std::optional<EngineStart> start{};  // nothing: as the dialect says, or a WebSocket
  };

  // Both connect at once.
  static std::unique_ptr<SignalingClient> connect(Loop& loop, const Server& server,
                                                  OnEvent on_event);
  // `on_passed`: for who wants to see what goes over the wire.
  static std::unique_ptr<SignalingClient> connect(Loop& loop, const Server& server,
                                                  std::shared_ptr<const Dialect> dialect,
                                                  DialectSession::Identity identity,
                                                  OnEvent on_event, OnPassed on_passed = {});
  virtual ~SignalingClient() = default;  // drops the socket without a goodbye

  // `page`: RoomPeer::page of ours. `key`: of the session to come back into; empty: none.
  virtual void registerUser(const std::string& user, const std::string& page,
                            const std::string& key) = 0;
  virtual void joinRoom(const std::string& room, const std::string& user) = 0;
  virtual void callUser(const std::string& user) = 0;
  virtual void answerCall(const std::string& call) = 0;
  virtual void hangUp(const std::string& call) = 0;
  virtual void findPartner(const std::string& pool) = 0;
  virtual void nextPartner(const std::string& pool) = 0;
  virtual void leave() = 0;
  virtual void sayGoodbye() = 0;  // the session ends at once; SignalDown follows

  // `connection`: the n-th peer connection of the two it is for.
  virtual void sendDescription(const std::string& to, int connection, const std::string& type,
                               const std::string& sdp) = 0;
  // An empty candidate is the end of candidates. `mid`, as in RTCIceCandidate.sdpMid, goes with it
  // if there is one: some stacks look at that alone.
  virtual void sendCandidate(const std::string& to, int connection, unsigned mline,
                             const std::string& candidate, const std::string& mid = {}) = 0;
  // While paused nothing passes, either way; what is sent and what comes waits, as TCP makes it
  // wait when the network drops everything for a while.
  virtual void setPaused(bool is_paused) = 0;

  // Two ends of the socket that are no goodbye: by a WebSocket close, and by a TCP reset.
  // SignalDown follows the first only.
  virtual void closeSocket() = 0;
  virtual void resetSocket() = 0;

  // With `padding_bytes` of payload; an answer carries the number of what it answers.
  virtual void sendPing(const std::string& to, std::int64_t number, int padding_bytes) = 0;
  virtual void answerPing(const std::string& to, std::int64_t number) = 0;

  // Of a dialect: the messages of ours that wait, each with what it waits for.
  virtual std::vector<std::string> stuck() const { return {}; }
  // Of a dialect: what was heard and came to nothing, each kind of it once, with how often: "3 x relay: no
  // rule is for it". The first few.
  virtual std::vector<std::string> misheard() const { return {}; }
};

}  // namespace turnout
