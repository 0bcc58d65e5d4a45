// One bot's link to one other participant, as the bot handles it: its machine bound to the world.
// Two kinds: a peer connection (peer_link.cc), and messages through the signaling server alone
// (message_only_link.cc).
//
// Threads: the host's loop. A link must not be destroyed inside a call of its listener: post that.
#pragma once

#include "bots/attempt/bot_attempt.h"
#include "bots/host/bot_world.h"
#include "bots/signaling/client/signaling_client.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

class Link {
 public:
  struct Listener {
    std::function<void(Instant at, EventBody body)> record;
    std::function<void()> connected;
    std::function<void(const Settled& how)> settled;
    std::function<void()> down, up;                          // later: media stopped, media is back
    std::function<void(const Recovery::History&)> recreate;  // make it anew
  };
  struct Setup {
    BotWorld& world;
    const CallOrder& order;
    int bot = 0;
    OpenLink open;
    std::vector<std::string> local_addresses;     // literals to bind to; empty: all interfaces
    std::optional<Instant> lost_at;               // of a link that replaces one
    std::function<SignalingClient*()> signaling;  // null while there is no socket
  };

  static std::unique_ptr<Link> make(Setup setup, Listener listener);  // over peer connections
  static std::unique_ptr<Link> makeOfMessages(Setup setup, Listener listener);

  virtual ~Link() = default;
  virtual void start() = 0;
  virtual void onDescription(Instant, const SignalDescription&) {}
  virtual void onCandidate(Instant, const SignalCandidate&) {}
  virtual void onPing(Instant, const SignalPing&) {}
  virtual void onSignalingLost(Instant at, const std::string& what) = 0;
  virtual void onSignalingBack(Instant) {}
  virtual void rebind(const std::string& peer_id) = 0;  // the peer is reached under this id now
  virtual void setNetwork(const NetworkCondition&) {}
  virtual void changeAddress(Instant, const std::string& /*literal*/) {}
  virtual void setServers(const std::vector<IceServer>&) {}  // for restarts from now on
  // Whether an offer of the same connection number that comes now is to be ignored, as ours counts.
  virtual bool winsAgainstOffers() const { return false; }
  // Made anew by us, its offer not answered yet: it may have to yield to one of the same number.
  virtual bool isFresh() const { return false; }
  virtual Recovery::History history() const { return {}; }
  virtual void close() = 0;  // reports what was sent and received
  // When something last came from the other end; now, if that cannot be told.
  virtual Instant lastHeard() const = 0;
};

}  // namespace turnout
