// A world for bots without sockets, GStreamer or time of its own: the real signaling application,
// and peer connections that are played. Everything takes a millisecond or two of a time that jumps
// from one thing to the next, so that a call with steps of many seconds takes none.
#pragma once

#include "bots/attempt/bot_attempt.h"
#include "bots/signaling/app/signaling_app.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

class SmallWorld {
 public:
  struct Call {
    CallShape shape;
    std::vector<Step> steps;
    std::string room = "r";
    Duration starts_after{};
  };

  explicit SmallWorld(SignalingAppOptions options = {}) : app_(std::move(options)) {}

  void start(const Call& call);
  // Until every bot is gone, or so long; false: some are not.
  bool run(Duration longest);

  struct Told {
    int call = 0, bot = 0;
    Record record;
  };
  const std::vector<Told>& told() const { return told_; }
  template <class Body>
  std::vector<Body> all() const {
    std::vector<Body> found;
    for (const Told& one : told_)
      if (const Body* body = std::get_if<Body>(&one.record.body))
        found.push_back(*body);
    return found;
  }
  bool hasEndedSteady(int call) const {
    return calls_.at(static_cast<std::size_t>(call)).was_steady;
  }

 private:
  static constexpr Duration kHop = 1ms, kHold = 500ms, kDeadSocketNoticed = 45s;
  struct Bot;
  struct Peer {  // a played peer connection
    int link = 0, index = 0;
    Bot* bot = nullptr;
    std::string offer, answer;  // its own, in force or pending
    int generation = 0;
    Peer* other = nullptr;  // connected to
    bool is_up = false, path_is_dead = false, is_negotiating = false;
    std::optional<Instant> silent_since;
    bool has_new_pair = false;  // since then
    bool silence_told = false;
  };
  struct Bot {
    int call = 0, index = 0;
    std::unique_ptr<BotAttempt> machine;
    std::string socket;  // id; empty: none
    int sockets = 0;
    bool is_paused = false;                   // the network holds signals back
    std::vector<std::function<void()>> held;  // either way
    bool drops_media = false, is_gone = false;
    std::map<int, std::unique_ptr<Peer>> peers;  // by link
    std::optional<Instant> planned;              // of onTime()
    BotState state = BotState::kBusy;
  };
  struct OneCall {
    std::vector<Bot*> bots;
    bool was_steady = false;
    int leave_plan = 0;
  };

  void after(Duration delay, std::function<void()> what) {
    queue_.emplace(at_ + delay, std::move(what));
  }
  void settle(Bot& bot);  // carries out what its machine wants, plans its next time
  void perform(Bot& bot, BotAction& action);
  void openSocket(Bot& bot);
  void loseSocket(const std::string& socket, Gone how);
  void cut(Bot& bot, CutSocket::How how);
  void ask(Bot& bot, SignalRequest request, const std::string& argument);
  void say(Bot& bot, decltype(SignalEvent::body) body);
  void pass(Bot& bot, std::function<void()> what);  // between a bot and the server
  void carryOut(const SignalingApp::Outcome& outcome);
  void hear(const std::string& socket, const std::string& event, const std::string& argument);
  void watchServer();
  void command(Bot& bot, CommandPeer& order);
  void connect(Peer& a, Peer& b);
  void considerMedia();
  void onState(Bot& bot, BotState state);
  void onGone(Bot& bot, BotGone::How how);
  static void tell(SmallWorld& world, Peer& peer, Duration delay, decltype(PeerEvent::body) body);

  Instant at_ = fromNs(1'000'000'000);
  std::multimap<Instant, std::function<void()>> queue_;
  SignalingApp app_;
  std::vector<std::unique_ptr<Bot>> bots_;
  std::vector<OneCall> calls_;
  std::map<std::string, Bot*> sockets_;  // that the server believes in
  std::map<std::string, Peer*> offers_;  // by text
  std::vector<std::unique_ptr<Peer>> closed_;
  std::vector<Told> told_;
  int named_ = 0;
};

}  // namespace turnout
