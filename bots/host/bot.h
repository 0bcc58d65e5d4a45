// One participant of one call: binds a BotAttempt (the pure machine) to a signaling client and
// links (the world). It decides nothing itself: it stamps what happens, hands it to the machine and
// carries out the actions that come back.
//
// Thread: the host's loop only.
#pragma once

#include "bots/attempt/bot_attempt.h"
#include "bots/host/bot_world.h"
#include "bots/host/link.h"
#include "bots/signaling/client/signaling_client.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

class Bot {
 public:
  struct Listener {
    std::function<void(BotState)> state_told;
    std::function<void(BotGone::Way)> gone;  // nothing of this bot is left: destroy it later
  };

  Bot(BotWorld& world, const CallOrder& order, int index, Listener listener);
  ~Bot();
  Bot(const Bot&) = delete;
  Bot& operator=(const Bot&) = delete;

  void start();
  void onVanished(int participant);  // known to have, whatever the server says
  void renewServers(const std::vector<IceServer>& servers, const std::string& reason);
  void leave();
  void interrupt();

 private:
  struct OpenedLink {
    std::unique_ptr<Link> link;
    int index = 0, number = 1;
    std::shared_ptr<std::string> id;  // the key it is under, for its listener
  };

  BotPlan planFor(int index) const;
  void onSignal(const SignalEvent& event);
  void passToLink(const SignalEvent& event);
  void drain();  // carries out actions until the machine has none
  void perform(BotAction action);
  void openSocket();
  void cutSocket(CutSocket::How how);
  void askServer(const AskServer& question);
  void openLink(const OpenLink& order);
  void closeLink(const std::string& peer_id);
  Link* linkTo(const std::string& peer_id);
  Link* linkFor(Instant at, const std::string& peer_id, int connection, const std::string& type);
  void rebindLink(const RebindLink& order);
  void setNetwork(const SetNetwork& order);
  void changeAddress(const std::string& literal);
  void retire(std::unique_ptr<Link> link);
  void recordEvent(Instant at, int peer, int round, EventBody body);

  BotWorld& world_;
  CallOrder order_;
  int index_;
  Listener listener_;
  BotAttempt attempt_;
  std::string user_;
  std::unique_ptr<SignalingClient> signaling_;
  std::vector<std::unique_ptr<SignalingClient>> abandoned_;  // of which the server is not told
  int sockets_ = 0;  // opened or given up: what an older one says is not heard
  std::map<std::string, OpenedLink> links_;  // by socket id
  std::vector<std::unique_ptr<Link>> retired_;
  std::map<int, Instant> lost_at_;  // by participant: when its last link was last heard from
  Timer due_, bury_;
  bool draining_ = false;
  NetworkCondition network_;
  std::vector<std::string> local_addresses_;
};

}  // namespace turnout
