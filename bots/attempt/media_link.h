// One bot's link over a peer connection, for as long as it is open: the attempt to connect
// (LinkAttempt), and once it was up, what is done when its media stops (Recovery). A machine without
// sockets, clocks or threads.
//
// Two offers may meet: W3C's perfect negotiation (webrtc-pc 10.7). The impolite end ignores the
// other's offer, the polite one gives up its own. Which end is which is fixed by the LinkSet, for
// both ends alike. A first offer cannot be given up under the same peer connection: the LinkSet then
// replaces the link.
#pragma once

#include "bots/attempt/link_attempt.h"
#include "bots/attempt/recovery.h"

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

// News for the bot, beside those of LinkAttempt.
struct LinkDown {};  // of a link that was up
struct LinkUp {};    // on the same peer connection
struct MakeAnew {    // the peer connection
  Recovery::History history;
};

using MediaLinkAction =
    std::variant<MakeOffer, RestartIce, SetRemote, AddRemoteCandidate, ShipDescription,
                 ShipCandidate, Record, Connected, Settled, LinkDown, LinkUp, MakeAnew>;

class MediaLink {
 public:
  struct Plan {
    LinkPlan link;
    RecoveryPolicy recovery;
    Recovery::History history;  // of a link that replaces a lost one
    bool we_offer = false;
    bool is_polite = true;
    // When something last came from the other end; nullopt: nothing yet.
    std::function<std::optional<Instant>()> last_heard;
  };
  explicit MediaLink(Plan plan);

  void start(Instant at);
  void onPeer(const PeerEvent& event);
  void onDescription(Instant at, const std::string& type, const std::string& sdp);
  void onCandidate(Instant at, unsigned mline, const std::string& candidate,
                   const std::string& mid = "");
  void onRefused(Instant at, const std::string& what);
  void onSignalingLost(Instant at, const std::string& what);
  void onSignalingBack(Instant at);
  void onReachable(Instant at);
  void onAddressChanged(Instant at);
  void onTime(Instant at);
  std::optional<Instant> due() const;  // of onTime()
  void end(Instant at);

  // Our first offer under this peer connection is not answered yet: an offer of the other end for
  // the same connection collides with it, and one of the two links has to be replaced.
  bool isFresh() const;
  // Whether an offer that comes now is to be ignored, as ours counts.
  bool winsAgainstOffers() const { return !plan_.is_polite && attempt_.isOffering(); }
  const Recovery::History& history() const { return recovery_.history(); }

  std::vector<MediaLinkAction> takeActions() { return std::exchange(actions_, {}); }

 private:
  void act(MediaLinkAction action) { actions_.push_back(std::move(action)); }
  void record(Instant at, EventBody body) { act(Record{at, std::move(body)}); }
  bool isUp() const { return attempt_.phase() == LinkAttempt::Phase::kUp; }
  bool isRecoveryAttempt() const { return recovery_.history().lost_since.has_value(); }
  void follow(Instant at);  // takes over what the attempt wants done
  void settle(Instant at, const Settled& settled);
  void lose(Instant at, Recovery::Sign sign);
  void recordLost(Instant at);
  bool stillFlows(Instant at) const;
  bool isHeardThoughLost() const;
  bool isPartlyBack(Instant at) const;
  void onMediaBack(Instant at, bool is_by_restart);
  void obey(Instant at, const Recovery::Order& order);

  Plan plan_;
  LinkAttempt attempt_;
  Recovery recovery_;
  // ICE gave up while media flows: what is done about it is no recovery, for nothing is missing.
  bool is_repair_ = false;
  bool has_new_pair_ = false;  // selected since media stopped
  std::vector<MediaLinkAction> actions_;
};

}  // namespace turnout
