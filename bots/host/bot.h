// One participant of one call: binds a BotAttempt (the pure machine) to the world, which is a
// signaling client and a peer connection for each link. It decides nothing itself: it stamps what
// happens, hands it to the machine and carries out the actions that come back. It starts at its
// scheduled instant, and leaves when it is told to; of the other bots it knows only what signaling says.
//
// Thread: the host's loop only.
#pragma once

#include "bots/attempt/bot_attempt.h"
#include "bots/protocol/control_message.h"
#include "bots/signaling/client/signaling_client.h"
#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_config.h"
#include "pipelines/peer/peer_factory.h"
#include "scenarios/scenario.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

// What all bots of a host share: the scenario they play, the ways out to the world. Outlives them.
struct BotWorld {
  Loop& loop;
  PeerFactory* peers;  // null: calls of messages only
  Scenario scenario;   // without credentials: these come with each order
  SignalingClient::Server signaling;
  std::shared_ptr<const Dialect> dialect;  // null: our own protocol
  std::vector<SignalingAccess::Value> dialect_values;
  std::vector<std::string> local_addresses;  // literals to bind to; empty: all interfaces
  IceProfile profile;
  std::function<void(const Event&)> record;
  std::function<void()> crash;  // the process dies, once what was recorded is on its way
  // What the bots of a room or pool tell each other, for as long as one of them is there.
  std::map<std::string, std::weak_ptr<DialectDirectory>> directories{};
};

class Bot {
 public:
  // `told`: each new state. After kLeft or kVanished nothing of the bot goes on: destroy it, though
  // not from within the call.
  Bot(BotWorld& world, const BotOrder& order, std::function<void(BotReport::State)> told);
  ~Bot();
  Bot(const Bot&) = delete;
  Bot& operator=(const Bot&) = delete;

  void onVanished(int participant);  // known to have, whatever the server says
  // For the connections and restarts from now on.
  void setIceServers(const std::vector<IceServer>& servers, const std::string& reason);
  // All bots of a call leave at one instant, each before it hears of the others' leaving, though
  // they may be in several processes: at that instant, this goes before whatever else is waiting.
  void leaveAt(Instant at);
  void stay();       // takes leaveAt() back
  void interrupt();  // the call is given up: leave now

 private:
  struct OpenedLink {
    OpenLink order;
    std::unique_ptr<PeerConnection> peer;  // null: links of messages, or it could not be made
  };

  BotPlan plan() const;
  bool isWaiting() const { return attempt_.phase() == Membership::Phase::kIdle; }
  void start();
  void leave();
  PeerConfig peerConfig(const OpenLink& order) const;
  template <class Do>
  void tell(Do&& input);  // the machine, and does what it wants then
  void drain();           // carries out actions until the machine has none
  void perform(BotAction action);
  void openSocket(int page);
  DialectSession::Identity identity(int page);
  void cutSocket(CutSocket::How how);
  void askServer(const AskServer& question);
  void send(const SendSignal& signal);
  void openLink(const OpenLink& order);
  void closeLink(int link);
  void command(const CommandPeer& order);
  void setNetwork(const SetNetwork& order);
  void changeAddress(const std::string& literal);
  PeerConnection* peerOf(int link) const;
  void recordMedia(const OpenLink& order, const MediaTotals& totals);
  void recordEvent(Instant at, int peer, int round, EventBody body);

  BotWorld& world_;
  BotOrder order_;
  std::function<void(BotReport::State)> told_;
  BotAttempt attempt_;
  std::string user_;
  std::unique_ptr<SignalingClient> signaling_;
  std::vector<std::unique_ptr<SignalingClient>> abandoned_;  // of which the server is not told
  std::shared_ptr<DialectDirectory> directory_;              // with a dialect
  std::shared_ptr<std::map<std::string, std::string>> kept_;
  int sockets_ = 0;                  // opened or given up: what an older one says is not heard
  std::map<int, OpenedLink> links_;  // by OpenLink::link
  std::vector<std::unique_ptr<PeerConnection>> closed_;  // destroyed outside of their own calls
  Timer start_, leave_, due_, destroy_closed_;
  std::optional<Instant> due_at_;  // when due_ fires
  bool draining_ = false;
  NetworkCondition network_;
  std::vector<std::string> local_addresses_;
};

}  // namespace turnout
