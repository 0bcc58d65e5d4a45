// One bot's attempt to connect to one other participant: a machine without sockets, clocks or
// threads. What happened goes in with its time; what to do comes out as actions, in order.
//
//   phase        | input                               | next         | actions
//   -------------+-------------------------------------+--------------+--------------------------
//   kIdle        | start(offerer)                      | kNegotiating | MakeOffer, if it offers
//   kNegotiating | local description                   | same         | ShipDescription
//   kNegotiating | remote description                  | same         | SetRemote, kept candidates
//   kNegotiating | both descriptions set               | kIce         |
//   kIce         | ICE connected or completed          | kDtls        |
//   kIce, kDtls  | connection connected                | kMedia       | Connected
//   kMedia       | first RTP of every kind             | kUp          | Settled(up)
//   any live     | ICE or DTLS failed, deadline, peer  | kFailed      | Settled(failed)
//                | failed, description refused         |              |
//   any live     | the other end can be reached again  | same         | what it may have missed
//   any          | end()                               | kEnded       |
//   kFailed,     | anything else                       | same         | recorded, never an error
//   kEnded       |                                     |              |
//
// Inputs that come early are remembered (candidates before the description, media before connected:
// they come from different threads and have no order). Every input is also recorded as an Event.
//
// Signals get lost when one of the two sockets to the server does: onReachable() says once more
// whatever the other end has not answered, and what comes twice is taken once.
#pragma once

#include "bots/timeline/event.h"
#include "pipelines/peer/peer_event.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace turnout {

struct MakeOffer {};
struct RestartIce {};
struct SetRemote {
  SdpType type = SdpType::kOffer;
  std::string sdp;
};
struct AddRemoteCandidate {  // an empty candidate is the end of candidates
  unsigned mline = 0;
  std::string candidate;
};
struct ShipDescription {
  SdpType type = SdpType::kOffer;
  std::string sdp;
};
struct ShipCandidate {  // an empty candidate is the end of candidates
  unsigned mline = 0;
  std::string candidate;
  std::string mid{};
};
struct Record {
  Instant at;
  EventBody body;
  int peer = -1;  // the participant it is about, if any
  int round = 1;  // Event::round
};
struct Connected {};  // once at most, before Settled
struct Settled {      // once per link: up, or failed
  bool up = false;
  FailureCause cause = FailureCause::kInternal;  // when not up
};

using LinkAction = std::variant<MakeOffer, SetRemote, AddRemoteCandidate, ShipDescription,
                                ShipCandidate, Record, Connected, Settled>;

struct LinkPlan {
  Instant begin;  // the connect deadline counts from here: the scheduled start, or a way back
  milliseconds connect{15'000};
  milliseconds first_media{10'000};
  bool relay_only = false;
  std::set<MediaKind> media;  // kinds that must arrive before the link counts as up
  std::map<MediaKind, MediaDirection> expected{};  // to be negotiated, where the scenario says so
  std::optional<Instant> lost_at;   // of a link that replaces one: when media last came on that
  std::string rung = "rejoin";      // what then brings media back
  bool outlives_signaling = false;  // a lost socket is no failure while it connects
};

class LinkAttempt {
 public:
  enum class Phase { kIdle, kNegotiating, kIce, kDtls, kMedia, kUp, kFailed, kEnded };
  enum class Role { kOfferer, kAnswerer };

  explicit LinkAttempt(LinkPlan plan) : plan_(std::move(plan)) {}

  void start(Instant at, Role role);
  void onPeer(const PeerEvent& event);
  void onDescription(Instant at, const std::string& type, const std::string& sdp);
  // `mid` may be empty: the m-line tells which section the candidate is of.
  void onCandidate(Instant at, unsigned mline, const std::string& candidate,
                   const std::string& mid = "");
  void onRefused(Instant at, const std::string& what);  // SetRemote or a peer could not be made
  void onSignalingLost(Instant at, const std::string& what);  // matters only while connecting
  void onReachable(Instant at);  // the other end, through a socket that one of the two has anew
  void onTime(Instant at);
  std::optional<Instant> due() const { return deadline_; }  // of onTime()
  void end(Instant at);                                     // the bot leaves

  Phase phase() const { return phase_; }
  bool isOffering() const { return is_offering_; }  // from the offer to its answer
  // The other end was told where this end can be reached, and it is not up yet.
  bool isOnItsWay() const { return local_set_ && isLive() && phase_ != Phase::kUp; }
  std::vector<LinkAction> takeActions() { return std::exchange(actions_, {}); }

 private:
  void act(LinkAction action) { actions_.push_back(std::move(action)); }
  void record(Instant at, EventBody body) { act(Record{at, std::move(body)}); }
  bool isLive() const { return phase_ != Phase::kFailed && phase_ != Phase::kEnded; }
  bool isConnecting() const { return phase_ > Phase::kIdle && phase_ < Phase::kMedia; }
  void enter(Phase phase, Instant at, const char* why);  // the only writer of phase_
  bool isConsistent() const;
  void fail(Instant at, FailureCause cause, const std::string& detail);
  const char* phaseWord() const;
  FailureCause iceCause(FailureCause otherwise) const;
  void noteLocal(Instant at, const LocalDescription& description);
  bool cameBefore(SdpType type, const std::string& sdp);  // and is answered again, if it needs that
  void shipAgain();
  void noteDescriptionSet(Instant at);
  void noteIceState(Instant at, IceConnectionState state);
  void noteConnectionState(Instant at, const std::string& state);
  void noteMedia(Instant at, MediaKind kind);
  void noteTracks(Instant at, const std::vector<NegotiatedTrack>& tracks);
  void judgeDirection(Instant at, const MediaNegotiated& negotiated);
  void connected(Instant at);
  bool hasAllMedia() const;
  void up(Instant at);

  LinkPlan plan_;
  Phase phase_ = Phase::kIdle;
  std::optional<Instant> deadline_;  // to connect, then of the first media
  std::vector<LinkAction> actions_;
  bool local_set_ = false, remote_set_ = false, ice_connected_ = false;
  bool is_offering_ = false;
  std::optional<SetRemote> remote_;              // the last one that was handed on
  std::optional<ShipDescription> local_;         // the last one that was shipped
  std::vector<ShipCandidate> local_candidates_;  // shipped after it
  std::set<MediaKind> media_seen_;
  using SeenCandidate = std::pair<std::string, std::string>;          // section, text
  std::set<SeenCandidate> candidates_seen_, candidates_seen_before_;  // before onReachable()
  bool has_duplicates_ = false;
  std::vector<AddRemoteCandidate> kept_candidates_;
  std::vector<int> turn_codes_;  // of the TURN URLs that gave no relay address
  int relays_ = 0;               // local relay candidates
};

}  // namespace turnout
