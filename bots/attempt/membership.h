// Whether a bot is part of its call, as the signaling server sees it: the socket, the session that
// outlives it, the way in (Entry) and the way back to the server (Reconnection). A machine without
// sockets, clocks or threads; links are not its business.
//
//   phase     | input                            | next      | out
//   ----------+----------------------------------+-----------+-----------------------------------
//   kIdle     | start                            | kEntering | OpenSocket
//   kEntering | Entry is in                      | kIn       | Entered
//   kEntering | Entry is refused                 | same      | Refused: the bot fails
//   kEntering | socket down                      | same      | OpenSocket later, or Refused
//   kIn       | socket down                      | same      | LostSocket; OpenSocket later
//   kIn       | registered again, resumed        | same      | FoundSocket, then StillIn
//   kIn       | registered again, a new session  | kEntering | FoundSocket
//   kIn       | call over, partner left          | same      | PartnerGone
//   kIn       | somebody calls, nobody is linked | kEntering | (resume())
//   kIn, ...  | goAway(), dropPage()             | kAway     | Ask(leave); DropSocket
//   kAway     | comeBack()                       | kEntering | OpenSocket, or Ask
//   live      | fail()                           | kFailed   |
//   live      | leave()                          | kLeaving  | Ask(leave) or Ask(hang up)
//   kLeaving  | left                             | same      | SayGoodbye
//   kLeaving  | socket down, deadline            | kGone     | Gone
//   live      | leave() without a socket         | kGone     | Gone
#pragma once

#include "bots/attempt/bot_action.h"
#include "bots/attempt/entry.h"
#include "pipelines/base/random.h"

#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace turnout {

// When a bot whose socket to the signaling server is gone tries to connect again: as Socket.IO
// clients do, after a second, then twice as long each time up to five, each varied by up to a half
// (https://socket.io/docs/v4/client-options/#reconnectiondelay).
class Reconnection {
 public:
  explicit Reconnection(std::uint64_t seed) : random_(seed, 0) {}

  void lost(Instant at);    // the socket, when it was there
  void failed(Instant at);  // a try
  void tried() { due_.reset(), attempts_++; }
  struct Back {
    int attempts = 1;
    Duration away{};
  };
  Back back(Instant at);  // connected and registered
  void giveUp() { lost_at_.reset(), due_.reset(); }

  bool isOngoing() const { return lost_at_.has_value(); }
  std::optional<Instant> due() const { return due_; }  // of the next try
  int attempts() const { return attempts_; }

 private:
  void plan(Instant at);

  Random random_;
  std::optional<Instant> lost_at_, due_;
  int attempts_ = 0;
};

class Membership {
 public:
  enum class Phase { kIdle, kEntering, kIn, kAway, kFailed, kLeaving, kGone };

  // News for the bot.
  struct Entered {  // is in, and these are there to have links with
    std::vector<Peer> peers;
  };
  struct StillIn {  // the socket is back, and these are there; links may live
    std::vector<Peer> peers;
  };
  struct LostSocket {
    std::string what;
  };
  struct FoundSocket {};  // registered again; StillIn or Entered says what that is worth
  struct PartnerGone {    // of a call or match that is over
    std::string reason;
  };
  struct NewPartner {};     // who we were with is not who we are with now
  struct CalledMeanwhile {  // while away: back earlier than meant
    SignalEvent event;
  };
  struct Refused {  // there is no way in, or back
    FailureCause cause = FailureCause::kInternal;
    std::string detail;
  };
  struct Gone {
    bool clean = false;
  };
  using News = std::variant<Entered, StillIn, LostSocket, FoundSocket, PartnerGone, NewPartner,
                            CalledMeanwhile, Refused, Gone>;
  using Output = std::variant<BotAction, News>;

  Membership(Entry::Plan plan, std::uint64_t seed) : plan_(std::move(plan)), reconnection_(seed) {}

  void start(Instant scheduled);
  // Descriptions, candidates, pings and who comes and goes are the links'.
  void onSignal(const SignalEvent& event, bool is_linked);
  void onTime(Instant at);
  std::optional<Instant> due() const;                                      // of onTime()
  void holdSockets(std::optional<Instant> until) { held_until_ = until; }  // nothing passes

  void dropPage(Instant at);  // no goodbye; the session may outlive it
  void goAway(Instant at);    // politely, and connected still
  void comeBack(Instant at, Entry::Reason reason);
  void stayAway(Instant at);             // there is nothing to get into
  void resume(const SignalEvent& call);  // somebody calls who wants us back
  void seekPartner(Instant at);          // a match's, as such apps do by themselves
  void seekNextPartner(Instant at);      // the same, by asking for another one than the present
  void cutSocket(Instant at, CutSocket::How how, const std::string& what);
  void forgetCall() { call_.clear(), reconnection_.giveUp(); }
  void fail(Instant at, const char* why);
  void leave(Instant at);
  void goForGood(Instant at);  // nobody is told

  // News came that explains why signals were refused just now: these are no errors.
  void forgiveRefusals(Instant at) { refused_.clear(), news_at_ = at; }

  Phase phase() const { return phase_; }
  const Entry& entry() const { return *entry_; }
  bool isRegistered() const { return phase_ == Phase::kIn || (entry_ && entry_->isRegistered()); }
  bool lacksSocket() const { return is_cut_ || reconnection_.isOngoing(); }
  // Whether what the server says comes: not through a socket that is dead, or held back.
  bool hearsServer() const { return socket_up_ && !is_cut_ && !held_until_; }
  // The server resumed our session and still names it by the id of the socket that is gone.
  bool isUnderAnOldId() const { return is_under_an_old_id_; }
  int page() const { return page_; }  // the n-th one we loaded
  Duration grace() const { return grace_; }
  std::vector<Output> takeOutputs() { return std::exchange(outputs_, {}); }

 private:
  void act(BotAction action) { outputs_.emplace_back(std::move(action)); }
  void tell(News news) { outputs_.emplace_back(std::move(news)); }
  void record(Instant at, EventBody body) { act(Record{at, std::move(body)}); }
  void enter(Phase phase, Instant at, const char* why);  // the only writer of phase_
  bool isConsistent() const;
  void begin(Instant at, Entry::Reason reason);
  void enterAgain(Instant at, Entry::Reason reason, const char* why);
  void followEntry(Instant at);
  void ask(SignalRequest request, std::string text = {});
  void onConnected();
  void onRegistered(Instant at, const SignalRegistered& registered);
  void onReconnected(Instant at);
  void onBack(Instant at, const SignalBack& back);
  void onIncoming(const SignalEvent& event, bool is_linked);
  void onCallOver(Instant at, const SignalCallOver& over);
  void onMatchedAgain(Instant at, const SignalMatched& matched);
  void onRefused(Instant at, const SignalRefused& refused);
  void onNotReconnected(Instant at, const SignalRefused& refused);
  void onLeft();
  void onDown(Instant at, const std::string& what);
  void retryEntry(Instant at, FailureCause cause, const std::string& what);
  void loseSocket(Instant at, const std::string& what);
  void reconnect(Instant at);
  std::optional<Instant> reconnectAt() const;
  void gone(Instant at, bool clean);

  Entry::Plan plan_;
  Phase phase_ = Phase::kIdle;
  std::optional<Entry> entry_;
  Reconnection reconnection_;
  bool socket_up_ = false;
  bool is_cut_ = false;  // the socket, and the client has not noticed
  bool has_left_ = false;
  std::string key_, id_;  // of our session; of our socket, by the server's word
  std::string call_;      // that we are in
  int page_ = 0;          // RoomPeer::page of ours: the n-th one we loaded
  bool is_back_ = false;  // from a lost socket, or on a new page: registers again
  bool has_resumed_ = false, is_under_an_old_id_ = false;
  Instant away_since_;
  milliseconds grace_{};
  std::optional<Instant> leave_by_, held_until_, news_at_;
  // Signals that were refused: no errors yet, if it turns out that the news was on its way.
  struct RefusedSignal {
    Instant at, forgiven_until;
    SessionError error;
  };
  std::vector<RefusedSignal> refused_;
  std::vector<Output> outputs_;
};

}  // namespace turnout
