// One bot's part in one call, apart from its links: get in, expect the others, take the steps of
// the scenario, leave. A machine like LinkAttempt: no sockets, clocks or threads. What happened
// goes in with its time; what to do comes out as actions, in order.
//
//   phase     | input                        | next      | actions
//   kIdle     | start                        | kEntering | OpenSocket
//   kEntering | Entry is in                  | kIn       | OpenLink each
//   kEntering | Entry refused, socket down   | kFailed   | BotFailed(cause)
//   kIn       | somebody comes, or came back | same      | OpenLink
//   kIn       | somebody left                | same      | CloseLink
//   kIn       | others missing in time       | kFailed   | BotFailed(cause)
//   kIn       | socket down                  | same      | OpenSocket when Reconnection says so;
//   the
//             |                              |           | links that are up live on
//   kIn       | registered again             | same or   | RebindLink each, or get in again
//             |                              | kEntering |
//   kIn       | a step is due                | kAway     | CloseLink each; refresh: DropSocket;
//             |                              |           | leave: Ask
//             |                              | kEntering | next_partner: CloseLink, Ask
//             |                              | kGone     | tab_kill: DropSocket, BotGone
//   kAway     | its time is over             | kEntering | OpenSocket, or Ask
//   live      | leave                        | kLeaving  | CloseLink each, Ask
//   kLeaving  | left                         | same      | SayGoodbye
//   kLeaving  | down, deadline               | kGone     | BotLeft, BotGone
//   kFailed   | leave                        | as live
//
// Its state, as the call must know it, is told by StateTold whenever it changes.
#pragma once

#include "bots/attempt/entry.h"
#include "bots/attempt/link_attempt.h"
#include "bots/attempt/reconnection.h"
#include "bots/attempt/recovery.h"
#include "bots/timeline/event.h"
#include "pipelines/ice/network_condition.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

enum class BotState {
  kBusy,    // something is to be awaited: links, a step, the way back
  kSteady,  // every link is up, and no step is left
  kFailed,
};

struct OpenSocket {};
struct DropSocket {};  // no goodbye
struct CutSocket {     // and the bot lives on; it knows at once, but for kSilently
  enum class How {
    kSilently,   // nothing passes any more; SignalDown when the client notices
    kReset,      // RST
    kClosed,     // in order, but without a goodbye
    kAbandoned,  // nothing passes any more, and the server is not told
  } how = How::kReset;
};
struct AskServer {
  Entry::Ask ask;
  std::string key, page;  // kRegister: of the session to come back into; RoomPeer::page
};
struct SayGoodbye {};
struct OpenLink {
  Neighbour peer;
  int index = 0;              // of the participant
  int round = 1;              // Event::round
  int number = 1;             // of the connection between these two sockets, on the wire
  bool is_polite = true;      // yields when two offers meet: who did not make the first one
  Recovery::History history;  // of a link that replaces a lost one
  Instant begin;              // the connect deadline counts from here
  milliseconds connect;       // until then
};
struct CloseLink {
  std::string peer_id;
};
struct RebindLink {  // the same peer has another socket id
  std::string from, to;
};
struct SetNetwork {  // of the whole bot, from now on
  NetworkCondition peers;
  bool signaling_dropped = false;
};
struct ChangeAddress {  // of what is there and what comes
  std::string literal;
};
struct CrashHost {};  // the process, at once
struct TellLinksSignalingLost {
  std::string what;
};
struct TellLinksSignalingBack {};
struct StateTold {
  BotState state = BotState::kBusy;
};
struct BotGone {
  enum class Way { kLeft, kVanished } way = Way::kLeft;  // kVanished: nobody was told
};

using BotAction =
    std::variant<OpenSocket, DropSocket, CutSocket, AskServer, SayGoodbye, OpenLink, CloseLink,
                 RebindLink, SetNetwork, ChangeAddress, CrashHost, TellLinksSignalingLost,
                 TellLinksSignalingBack, Record, StateTold, BotGone>;

struct PlannedStep {
  int index = 0;  // into the scenario's steps
  Step step;
};

struct BotPlan {
  Instant scheduled;
  Entry::Plan entry;
  std::vector<PlannedStep> steps;  // of this bot in this call
  milliseconds longest_drop{0};    // of the network, by whichever bot
  std::uint64_t seed = 1;

  const Scenario::Deadlines& deadlines() const { return entry.deadlines; }
};

class BotAttempt {
 public:
  enum class Phase { kIdle, kEntering, kIn, kAway, kFailed, kLeaving, kGone };

  explicit BotAttempt(BotPlan plan) : plan_(std::move(plan)), reconnection_(plan_.seed) {}

  void start(Instant at);
  void onSignal(const SignalEvent& event);  // descriptions, candidates and pings are for the links
  void onLinkConnected(Instant at, const std::string& peer_id);
  void onLinkSettled(Instant at, const std::string& peer_id, const Settled& how);
  void onLinkDown(Instant at, const std::string& peer_id);  // was up, and media stopped
  void onLinkUp(Instant at, const std::string& peer_id);    // media is back
  // The link is to be made anew, by us or because the other end did: `number` as on the wire.
  void onLinkRecreate(Instant at, const std::string& peer_id, const Recovery::History& history);
  void onNewConnection(Instant at, const std::string& peer_id, int number,
                       const Recovery::History& history);
  void onVanished(Instant at, int participant);  // who is known to have: the server must say so
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime()
  void leave(Instant at);
  void interrupt(Instant at);  // the run was stopped: leave, and say so if nothing was decided yet

  Phase phase() const { return phase_; }
  BotState state() const { return state_; }
  std::vector<BotAction> takeActions() { return std::exchange(actions_, {}); }

 private:
  struct Link {
    int index = 0, number = 1;
    std::string user, page;
    bool is_polite = true;
    bool connected = false, settled = false, up = false;
  };

  void act(BotAction action) { actions_.push_back(std::move(action)); }
  void record(Instant at, EventBody body) { act(Record{at, std::move(body), -1}); }
  void recordOf(Instant at, int peer, EventBody body) { act(Record{at, std::move(body), peer}); }
  void enter(Phase phase) { phase_ = phase; }

  void begin(Instant at, Entry::Way way);
  void followEntry(Instant at);
  void getIn(Instant at);
  void ask(SignalRequest request, std::string text = {});
  void open(Instant at, const Neighbour& peer);
  bool keeps(const Neighbour& peer);
  int nextNumber(const Neighbour& peer) const;
  void openLink(OpenLink link);
  void reopen(Instant at, const std::string& peer_id, bool we_offer, int number,
              const Recovery::History& history);
  void considerComplete();
  void close(std::string peer_id);
  void closeAll();

  void onRegistered(Instant at, const SignalRegistered& registered);
  void onIncoming(const SignalEvent& event);
  void onPeerBack(Instant at, const SignalPeerBack& back);
  void onBack(Instant at, const SignalBack& back);
  void onPartnerLeft(Instant at, const std::string& peer_id, const std::string& reason);
  void onCallOver(Instant at, const SignalCallOver& over);
  void onRefused(Instant at, const SignalRefused& refused);
  void onMatchedAgain(Instant at, const SignalMatched& matched);
  void onAcknowledgedLeave();
  void onDown(Instant at, const std::string& what);
  void retryEntry(Instant at, FailureCause cause, const std::string& what);
  void loseSocket(Instant at, const std::string& what);
  std::optional<Instant> reconnectAt() const;
  void reconnect();
  void onConnected();
  void onReconnected(Instant at);
  void onNotReconnected(Instant at, const std::string& error);
  void getInAgain(Instant at);
  void onIncomplete(Instant at);

  void considerSteps(Instant at);
  bool isReached(StepTrigger trigger) const;
  bool isSeeking() const;  // in a match, and not through with its steps
  const Step& step() const { return plan_.steps[step_].step; }
  void endDrop(Instant at);
  void takeStep(Instant at);
  void goAway(Instant at);
  void dropAll();
  void cutSocket(Instant at);
  void changeAddress(Instant at);
  void reload(Instant at);
  void pass(Instant at);
  void comeBack(Instant at, Entry::Way way);
  void onGhost(Instant at, int participant);

  bool isComplete() const;  // everybody who is expected is there, and up
  bool isDecided() const;   // nothing can change for the better: all have come and settled
  void tellState();
  void fail(Instant at, FailureCause cause, const std::string& detail);
  void gone(Instant at, const BotLeft& how, BotGone::Way way);

  BotPlan plan_;
  Phase phase_ = Phase::kIdle;
  BotState state_ = BotState::kBusy;
  std::optional<Entry> entry_;
  std::map<std::string, Link> links_;  // open, by socket id
  std::map<int, int> rounds_;          // links opened so far, by participant
  struct Numbered {
    std::string page;
    int number = 0;
  };
  std::map<std::string, Numbered> last_numbers_;  // of connections on the wire, by user
  int expected_ = 0;                              // others who must be there
  std::set<int> vanished_;                        // who will never come back, by participant
  bool was_up_ = false, has_failed_ = false;
  bool socket_up_ = false, has_left_ = false, is_back_ = false, has_resumed_ = false;
  std::string key_, call_;  // of our session; of the call we are in
  int page_ = 0;            // RoomPeer::page of ours: the how-manieth we loaded
  Reconnection reconnection_;
  bool is_cut_ = false;  // the socket, and the client has not noticed
  milliseconds grace_{};
  std::optional<Instant> complete_by_, return_at_, reload_at_, step_at_, leave_by_;
  Instant away_since_;
  std::size_t step_ = 0;
  bool in_step_ = false;
  int reloads_left_ = 0, addresses_used_ = 0;
  std::map<int, Instant> ghosts_;  // by participant: until when the server may keep it from us
  // Signals that were refused: no errors yet, if it turns out that the news was on its way.
  std::vector<std::pair<Instant, SessionError>> refused_;
  std::vector<BotAction> actions_;
};

}  // namespace turnout
