// One bot's attempt to connect to one other bot: a machine without sockets, clocks or threads. What
// happened goes in with its time; what to do comes out as actions, in order.
//
//   phase        | input                          | next         | actions
//   kIdle        | start(offerer)                 | kNegotiating | Deadline(connect) [, MakeOffer]
//   kNegotiating | local description              | same         | ShipDescription
//   kNegotiating | remote description             | same         | SetRemote, kept candidates
//   kNegotiating | both descriptions set          | kIce         |
//   kIce         | ICE connected or completed     | kDtls        |
//   kIce, kDtls  | connection connected           | kMedia / kUp | LinkConnected, Deadline(first
//   media) kMedia       | first RTP of every kind        | kUp          | ClearDeadline,
//   Settled(up) any live     | ICE or DTLS failed, deadline,  | kFailed      | LinkFailed(cause),
//   Settled(failed)
//                | peer failed, SDP refused       |              |
//   any          | end()                          | kEnded       | ClearDeadline
//   kFailed,     | anything else                  | same         | recorded, never an error
//   kEnded       |                                |              |
//
// Inputs that come early are remembered (candidates before the description, media before connected:
// they come from different threads and have no order). Every input is also recorded as an Event.
#pragma once

#include "bots/timeline/event.h"
#include "pipelines/peer/peer_event.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

struct MakeOffer {};
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
};
struct Deadline {  // one at a time: replaces the one before
  Instant due;
};
struct ClearDeadline {};
struct Record {
  Instant at;
  EventBody body;
  int peer = -1;  // of a bot's machine: the participant it is about, if any
};
struct Connected {};  // once at most, before Settled
struct Settled {      // once per link: up, or failed
  bool up = false;
  FailureCause cause = FailureCause::kInternal;  // when not up
};

using LinkAction = std::variant<MakeOffer, SetRemote, AddRemoteCandidate, ShipDescription,
                                ShipCandidate, Deadline, ClearDeadline, Record, Connected, Settled>;

struct LinkPlan {
  Instant begin;  // the connect deadline counts from here: the scheduled start, or a way back
  milliseconds connect{15'000};
  milliseconds first_media{10'000};
  bool relay_only = false;
  std::set<MediaKind> media;       // kinds that must arrive before the link counts as up
  std::optional<Instant> lost_at;  // of a link that replaces one: when media last came on that
  std::string rung = "rejoin";     // what then brings media back
};

class LinkAttempt {
 public:
  enum class Phase { kIdle, kNegotiating, kIce, kDtls, kMedia, kUp, kFailed, kEnded };
  enum class Role { kOfferer, kAnswerer };

  explicit LinkAttempt(LinkPlan plan) : plan_(std::move(plan)) {}

  void start(Instant at, Role role);
  void onPeer(const PeerEvent& event);
  void onDescription(Instant at, const std::string& type, const std::string& sdp);
  void onCandidate(Instant at, unsigned mline, const std::string& candidate);
  void onRefused(Instant at, const std::string& what);  // SetRemote or a peer could not be made
  void onSignalingLost(Instant at, const std::string& what);  // matters only while connecting
  void onDeadline(Instant at);
  void end(Instant at);  // the bot leaves

  Phase phase() const { return phase_; }
  std::vector<LinkAction> takeActions() { return std::exchange(actions_, {}); }

 private:
  void act(LinkAction action) { actions_.push_back(std::move(action)); }
  void record(Instant at, EventBody body) { act(Record{at, std::move(body)}); }
  bool isLive() const { return phase_ != Phase::kFailed && phase_ != Phase::kEnded; }
  bool isConnecting() const { return phase_ > Phase::kIdle && phase_ < Phase::kMedia; }
  void enter(Phase phase) { phase_ = phase; }  // the only writer of phase_
  void fail(Instant at, FailureCause cause, const std::string& detail);
  const char* phaseWord() const;
  FailureCause iceCause(FailureCause otherwise) const;
  void noteDescriptionSet();
  void noteIceState(Instant at, IceConnectionState state);
  void noteConnectionState(Instant at, const std::string& state);
  void noteMedia(Instant at, MediaKind kind);
  void connected(Instant at);
  bool hasAllMedia() const;
  void up(Instant at);

  LinkPlan plan_;
  Phase phase_ = Phase::kIdle;
  std::vector<LinkAction> actions_;
  bool local_set_ = false, remote_set_ = false, ice_connected_ = false;
  bool remote_handed_ = false;  // SetRemote was asked for: candidates may pass
  bool gathering_done_ = false, has_duplicates_ = false;
  std::set<MediaKind> media_seen_;
  std::set<std::string> candidates_seen_;
  std::vector<AddRemoteCandidate> kept_candidates_;
  std::vector<int> turn_codes_;  // of the TURN URLs that gave no relay address
  int relays_ = 0;               // local relay candidates
};

}  // namespace turnout
