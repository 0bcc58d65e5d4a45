// The part of BotAttempt that is about its links: opened, kept, made anew, complete.
#include "bots/attempt/bot_attempt.h"

#include <algorithm>

namespace turnout {
namespace {

// Beyond the grace period, for a server to notice that it is over and to say so.
constexpr Duration kGhostMargin = 3s;

}  // namespace

void BotAttempt::open(Instant at, const Neighbour& peer) {
  if (keeps(peer))
    return;
  const CallShape& shape = plan_.entry.shape;
  OpenLink link{.peer = peer,
                .index = plan_.entry.cast.indexOf(peer.user),
                .number = nextNumber(peer),
                .is_polite = !peer.we_offer,
                .history = {},
                .begin = at,
                .connect = plan_.deadlines().connect};
  const bool is_guest = shape.kind == CallMode::kRoom && link.index >= shape.bots;
  if (was_up_)
    link.connect = plan_.deadlines().recover;
  else if (is_guest && !peer.we_offer)  // came when it liked
    recordOf(at, link.index, GuestCame{toMs(at - plan_.scheduled)});
  else if (!is_guest && entry_->isFirst())
    link.begin = plan_.scheduled + entry_->waited();
  openLink(std::move(link));
}

// Whether the link to this peer goes on: the same peer told twice is one peer, and the same page
// under another socket id has its end of the link still.
bool BotAttempt::keeps(const Neighbour& peer) {
  if (links_.contains(peer.id))
    return true;
  const auto link = std::find_if(links_.begin(), links_.end(),
                                 [&](const auto& one) { return one.second.user == peer.user; });
  if (link == links_.end())
    return false;
  const std::string before = link->first;
  if (peer.page.empty() || link->second.page != peer.page) {
    close(before);
    return false;
  }
  auto node = links_.extract(link);
  node.key() = peer.id;
  links_.insert(std::move(node));
  act(RebindLink{before, peer.id});
  return true;
}

// Connections are numbered between two pages: begin() forgets those of the page before.
int BotAttempt::nextNumber(const Neighbour& peer) const {
  const auto last = last_numbers_.find(peer.user);
  const bool is_known =
      last != last_numbers_.end() && !peer.page.empty() && last->second.page == peer.page;
  return is_known ? last->second.number + 1 : 1;
}

void BotAttempt::openLink(OpenLink link) {
  link.round = ++rounds_[link.index];
  links_[link.peer.id] = {.index = link.index,
                          .number = link.number,
                          .user = link.peer.user,
                          .page = link.peer.page,
                          .is_polite = link.is_polite};
  last_numbers_[link.peer.user] = {link.peer.page, link.number};
  ghosts_.erase(link.index);
  act(std::move(link));
}

void BotAttempt::close(std::string peer_id) {
  if (links_.erase(peer_id) > 0)
    act(CloseLink{std::move(peer_id)});
}

void BotAttempt::closeAll() {
  while (!links_.empty())
    close(links_.begin()->first);
}

void BotAttempt::onLinkConnected(Instant at, const std::string& peer_id) {
  if (const auto link = links_.find(peer_id); link != links_.end())
    link->second.connected = true;
  considerSteps(at);
}

void BotAttempt::onLinkSettled(Instant at, const std::string& peer_id, const Settled& how) {
  const auto link = links_.find(peer_id);
  if (link == links_.end())
    return;
  link->second.settled = true;
  link->second.up = how.up;
  has_failed_ = has_failed_ || !how.up;
  if (!how.up && has_resumed_ && rounds_[link->second.index] > 1 &&
      how.cause == FailureCause::kNegotiation)
    recordOf(at, link->second.index,
             AppFaultSeen{AppFault::kDeafAfterReturn, "nobody answers under the new socket id"});
  considerComplete();
  considerSteps(at);
  tellState();
}

void BotAttempt::considerComplete() {
  if (!isComplete())
    return;
  was_up_ = true;
  complete_by_.reset();
  if (in_step_ && !return_at_ && !reload_at_) {
    in_step_ = false;
    step_++;
  }
}

void BotAttempt::onLinkDown(Instant at, const std::string& peer_id) {
  if (const auto link = links_.find(peer_id); link != links_.end())
    link->second.up = false;
  if (!complete_by_)
    complete_by_ = at + plan_.longest_drop + plan_.deadlines().recover;
  tellState();
}

void BotAttempt::onLinkUp(Instant at, const std::string& peer_id) {
  if (const auto link = links_.find(peer_id); link != links_.end())
    link->second.up = true;
  considerComplete();
  considerSteps(at);
  tellState();
}

void BotAttempt::onLinkRecreate(Instant at, const std::string& peer_id,
                                const Recovery::History& history) {
  if (const auto link = links_.find(peer_id); link != links_.end())
    reopen(at, peer_id, true, link->second.number + 1, history);
}

void BotAttempt::onNewConnection(Instant at, const std::string& peer_id, int number,
                                 const Recovery::History& history) {
  if (links_.contains(peer_id))
    reopen(at, peer_id, false, number, history);
}

void BotAttempt::reopen(Instant at, const std::string& peer_id, bool we_offer, int number,
                        const Recovery::History& history) {
  const Link before = links_.at(peer_id);
  close(peer_id);
  openLink({.peer = {peer_id, before.user, we_offer, before.page},
            .index = before.index,
            .number = number,
            .is_polite = before.is_polite,
            .history = history,
            .begin = at,
            .connect = plan_.deadlines().recover});
  tellState();
}

void BotAttempt::onVanished(Instant at, int participant) {
  vanished_.insert(participant);
  if (phase_ != Phase::kIn)
    return;
  const bool is_linked = std::any_of(links_.begin(), links_.end(), [&](const auto& link) {
    return link.second.index == participant;
  });
  if (is_linked)
    ghosts_[participant] = at + grace_ + kGhostMargin;
  tellState();
}

void BotAttempt::onGhost(Instant at, int participant) {
  recordOf(at, participant,
           AppFaultSeen{AppFault::kGhostPartner, "not told within the grace period and 3 s"});
  ghosts_.erase(participant);
  expected_ = std::max(0, expected_ - 1);
  const auto link = std::find_if(links_.begin(), links_.end(),
                                 [&](const auto& one) { return one.second.index == participant; });
  if (link != links_.end())
    close(link->first);
  considerComplete();
}

bool BotAttempt::isComplete() const {
  const bool lacks_socket = in_step_ && (is_cut_ || reconnection_.isOngoing());
  return phase_ == Phase::kIn && !lacks_socket && static_cast<int>(links_.size()) >= expected_ &&
         std::all_of(links_.begin(), links_.end(), [](const auto& link) { return link.second.up; });
}

bool BotAttempt::isDecided() const {
  return phase_ == Phase::kFailed ||
         (static_cast<int>(links_.size()) >= expected_ &&
          std::all_of(links_.begin(), links_.end(),
                      [](const auto& link) { return link.second.settled; }));
}

}  // namespace turnout
