// One participant of one call: binds a BotAttempt and a LinkAttempt per neighbour (the pure
// machines) to a signaling client and peer connections (the world). It decides nothing itself: it
// stamps what happens, hands it to a machine and carries out the actions that come back.
//
// Thread: the host's loop only.
#pragma once

#include "bots/attempt/bot_attempt.h"
#include "bots/attempt/link_attempt.h"
#include "bots/protocol/control_message.h"
#include "bots/signaling/signaling_client.h"
#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_profile.h"
#include "pipelines/peer/peer_connection.h"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace turnout {

// What every bot of a host shares. Outlives them all.
struct BotWorld {
  Loop& loop;
  PeerFactory& peers;
  HostSetup setup;
  IceProfile profile;
  std::function<void(const Event&)> record;
};

class Bot {
 public:
  struct Listener {
    std::function<void(bool up)> settled;  // every link is up, or something failed: once
    std::function<void()> gone;            // nothing of this bot is left: once, destroy it later
  };

  Bot(BotWorld& world, const CallOrder& order, int index, Listener listener);
  ~Bot();
  Bot(const Bot&) = delete;
  Bot& operator=(const Bot&) = delete;

  void start();
  void leave();
  void interrupt();

 private:
  struct Link;

  BotPlan botPlan() const;
  LinkPlan linkPlan() const;
  std::string userName(int bot) const;
  int indexOf(const std::string& user);

  void onSignal(const SignalEvent& event);
  void onPeer(Link& link, const PeerEvent& event);
  void drain();  // carries out actions until no machine has any
  void perform(BotAction action);
  void perform(Link& link, LinkAction action);
  void openLink(const OpenLink& order);
  void endLink(Link& link, Instant at);
  Link* linkTo(const std::string& peer_id);
  void recordEvent(Instant at, int peer, EventBody body);

  BotWorld& world_;
  CallOrder order_;
  int index_;
  Listener listener_;
  BotAttempt attempt_;
  std::unique_ptr<SignalingClient> signaling_;
  std::map<std::string, std::unique_ptr<Link>> links_;  // by socket id
  int strangers_ = 0;  // participants that are not bots of this call
  Timer deadline_;
  bool draining_ = false;
};

}  // namespace turnout
