// The links of one bot: who has to be there, to whom there is a link, and the machine of each.
// Without sockets, clocks or threads: what came goes in with its time, actions and news come out.
//
// Two rules that both ends of a link follow, so that they can never disagree (docs/RECOVERY.md):
//
// Numbers. Between two pages connections are numbered from 1. An offer with a higher number than
//   that of the link there is replaces it; what is for a lower number comes too late.
// Politeness. When two offers for the same number meet, the one of the user whose name sorts first
//   counts (bytewise). The other end gives its own up, whoever came back, called or offered first.
//
// When either end has another socket to the server, each says once more what the other has not
// answered (LinkAttempt::onReachable): nothing depends on a signal that was lost with the old one.
#pragma once

#include "bots/attempt/bot_action.h"
#include "bots/attempt/media_link.h"
#include "bots/attempt/message_link.h"
#include "scenarios/scenario.h"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace turnout {

struct LinkNews {  // of the link to participant `index`, for the bot
  enum class Kind { kConnected, kSettled, kDown, kUp, kReplaced };
  Kind kind = Kind::kConnected;
  int index = 0;
  Settled how{};  // kSettled
};

class LinkSet {
 public:
  struct Plan {
    std::string user;  // our name
    Instant scheduled;
    Scenario::Deadlines deadlines;
    RecoveryPolicy recovery;
    std::set<MediaKind> media;
    std::map<MediaKind, MediaDirection> expected;
    bool relay_only = false;
    std::optional<MessageLoad> messages;  // if any: links of messages only
    // When something last came over the peer connection of a link; nullopt: nothing yet.
    std::function<std::optional<Instant>(int link)> last_heard = [](int) { return std::nullopt; };
  };
  struct Opening {
    Instant begin;                    // of the time to connect
    milliseconds connect{};           // that much
    bool outlives_signaling = false;  // LinkPlan
  };

  explicit LinkSet(Plan plan) : plan_(std::move(plan)) {}

  // Who has to be there: `others` at the beginning; whoever has gone for good is not waited for.
  void expect(int others);
  void expectOneLess();
  int missing() const { return expected_ - static_cast<int>(links_.size()); }
  void onVanished(Instant at, int participant, Duration server_may_take);
  void postponeReports(Instant until);                            // no news can come before that
  bool isWaitingForNews() const { return !unreported_.empty(); }  // of who vanished
  void forgetVanished() { unreported_.clear(); }
  void forgetVanished(int participant) { unreported_.erase(participant); }
  std::optional<int> takeUnreported(Instant at);  // the server has kept this one from us too long

  // Whether the link to this peer goes on: the same peer told twice is one peer, and the same page
  // under another socket id has its end of the link still. If not, an older one is closed.
  bool keeps(Instant at, const Peer& peer);
  void open(Instant at, const Peer& peer, int index, const Opening& how);
  void close(Instant at, const std::string& peer_id);
  void closeAll(Instant at);
  void usePage(int page);  // ours: connections are numbered anew on another one

  void onDescription(const SignalDescription& description, Instant at);
  void onCandidate(const SignalCandidate& candidate, Instant at);
  void onPing(const SignalPing& ping, Instant at);
  void onPeer(int link, const PeerEvent& event);
  void onRefused(int link, Instant at, const std::string& what);  // a command, or the peer itself
  void onSignalingLost(Instant at, const std::string& what);
  void onSignalingBack(Instant at);
  void onAddressChanged(Instant at);
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime() and takeUnreported()

  bool isEmpty() const { return links_.empty(); }
  std::string anyPeer() const { return links_.empty() ? "" : links_.begin()->first; }
  int indexOf(const std::string& peer_id) const;                                // -1: no link
  std::vector<std::string> peersBut(const std::set<std::string>& users) const;  // their ids
  int roundsTo(int participant) const;  // links opened so far
  bool areAllThere() const { return missing() <= 0; }
  bool areAllConnected() const;
  bool areAllUp() const;
  bool areAllSettled() const;

  using Output = std::variant<BotAction, LinkNews>;
  std::vector<Output> takeOutputs() { return std::exchange(outputs_, {}); }

 private:
  struct Opened {
    OpenLink order;
    Opening how;
    std::optional<Instant> lost_at;  // of the link that it replaces
    std::variant<MediaLink, MessageLink> machine;
    bool connected = false, settled = false, up = false;
  };
  using Links = std::map<std::string, Opened>;  // by socket id

  void act(BotAction action) { outputs_.emplace_back(std::move(action)); }
  void tell(LinkNews news) { outputs_.emplace_back(news); }
  bool isPolite(const Peer& peer) const;
  int nextNumber(const Peer& peer) const;
  void start(Instant at, OpenLink order, const Opening& how, const Recovery::History& history,
             std::optional<Instant> lost_at);
  MediaLink mediaLink(const OpenLink& order, const Opening& how, const Recovery::History& history,
                      std::optional<Instant> lost_at) const;
  void replace(Instant at, const std::string& peer_id, bool we_offer, int number,
               const Recovery::History& history);
  Opened* find(int link);
  Opened* linkFor(Instant at, const std::string& from, int number, const std::string& type);
  void takeOver(Instant at, const std::string& peer_id, int number);
  std::optional<Instant> lastHeard(const Opened& opened) const;
  void follow(Instant at, Opened& opened);
  void noteNews(Opened& opened, const LinkNews& news);
  template <class Do>
  void forEachMedia(Instant at, Do&& call);

  Plan plan_;
  Links links_;
  int expected_ = 0;
  int opened_ = 0;  // links so far
  int page_ = 0;
  std::map<int, int> rounds_;          // the same, by participant
  std::map<int, Instant> lost_at_;     // when the last link to a participant was last heard from
  std::map<int, Instant> unreported_;  // who vanished: until when the server may keep it from us
  struct Numbered {
    std::string page;
    int number = 0;
  };
  std::map<std::string, Numbered> last_numbers_;  // of connections on the wire, by user
  std::vector<Output> outputs_;
};

}  // namespace turnout
