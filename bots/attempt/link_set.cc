#include "bots/attempt/link_set.h"

#include <algorithm>

namespace turnout {

void LinkSet::expect(int others) {
  expected_ = std::max(0, others);
}

void LinkSet::expectOneLess() {
  expected_ = std::max(0, expected_ - 1);
}

void LinkSet::onVanished(Instant at, int participant, Duration server_may_take) {
  const bool is_linked = std::ranges::any_of(
      links_, [&](const auto& one) { return one.second.order.index == participant; });
  if (is_linked)
    unreported_[participant] = at + server_may_take;
}

void LinkSet::postponeReports(Instant until) {
  for (auto& [participant, due] : unreported_)
    due = std::max(due, until);
}

std::optional<int> LinkSet::takeUnreported(Instant at) {
  const auto found =
      std::ranges::find_if(unreported_, [&](const auto& one) { return one.second <= at; });
  if (found == unreported_.end())
    return std::nullopt;
  const int participant = found->first;
  unreported_.erase(found);
  expectOneLess();
  const auto link = std::ranges::find_if(
      links_, [&](const auto& one) { return one.second.order.index == participant; });
  if (link != links_.end())
    close(at, link->first);
  return participant;
}

bool LinkSet::keeps(Instant at, const Peer& peer) {
  const auto link = std::ranges::find_if(links_, [&](const auto& one) {
    return one.first == peer.id || one.second.order.peer.user == peer.user;
  });
  if (link == links_.end())
    return false;
  const std::string& page = link->second.order.peer.page;
  const bool is_same_page =
      page.empty() || peer.page.empty() ? peer.id == link->first : peer.page == page;
  if (!is_same_page) {
    close(at, link->first);
    return false;
  }
  auto node = links_.extract(link);
  node.key() = peer.id;
  node.mapped().order.peer.id = peer.id;
  Opened& kept = links_.insert(std::move(node)).position->second;
  if (auto* media = std::get_if<MediaLink>(&kept.machine)) {
    media->onReachable(at);
    follow(at, kept);
  }
  return true;
}

// Both ends come to the same: they know both names.
bool LinkSet::isPolite(const Peer& peer) const {
  if (peer.polite)
    return !*peer.polite;
  return plan_.user == peer.user ? !peer.we_offer : plan_.user > peer.user;
}

int LinkSet::nextNumber(const Peer& peer) const {
  const auto last = last_numbers_.find(peer.user);
  const bool is_known =
      last != last_numbers_.end() && !peer.page.empty() && last->second.page == peer.page;
  return is_known ? last->second.number + 1 : 1;
}

void LinkSet::usePage(int page) {
  if (std::exchange(page_, page) != page)
    last_numbers_.clear();
}

void LinkSet::open(Instant at, const Peer& peer, int index, const Opening& how) {
  const auto lost = lost_at_.find(index);
  start(at, OpenLink{.peer = peer, .index = index, .number = nextNumber(peer)}, how, {},
        lost == lost_at_.end() ? std::nullopt : std::optional(lost->second));
}

void LinkSet::start(Instant at, OpenLink order, const Opening& how,
                    const Recovery::History& history, std::optional<Instant> lost_at) {
  order.link = ++opened_;
  order.round = ++rounds_[order.index];
  last_numbers_[order.peer.user] = {order.peer.page, order.number};
  unreported_.erase(order.index);
  act(order);
  Opened opened{order, how, lost_at, mediaLink(order, how, history, lost_at)};
  if (plan_.messages)
    opened.machine = MessageLink(*plan_.messages, how.begin + how.connect, lost_at);
  Opened& started = links_.insert_or_assign(order.peer.id, std::move(opened)).first->second;
  const bool offers = started.order.peer.we_offer;
  std::visit(Overloaded{[&](MediaLink& link) { link.start(at); },
                        [&](MessageLink& link) {
                          link.start(at, offers ? LinkAttempt::Role::kOfferer
                                                : LinkAttempt::Role::kAnswerer);
                        }},
             started.machine);
  follow(at, started);
}

MediaLink LinkSet::mediaLink(const OpenLink& order, const Opening& how,
                             const Recovery::History& history,
                             std::optional<Instant> lost_at) const {
  LinkPlan link{.begin = how.begin,
                .connect = how.connect,
                .first_media = plan_.deadlines.first_media,
                .relay_only = plan_.relay_only,
                .media = plan_.media,
                .expected = plan_.expected,
                .lost_at = lost_at,
                .rung = "rejoin",
                .outlives_signaling = how.outlives_signaling};
  if (history.lost_since) {
    link.lost_at = history.lost_since;
    link.rung = toString(Recovery::Rung::kRecreate);
  }
  return MediaLink(
      {.link = std::move(link),
       .recovery = plan_.recovery,
       .history = history,
       .we_offer = order.peer.we_offer,
       .is_polite = isPolite(order.peer),
       .last_heard = [hear = plan_.last_heard, number = order.link] { return hear(number); }});
}

// Nothing came over it yet: it was lost when it was connected, at the latest.
std::optional<Instant> LinkSet::lastHeard(const Opened& opened) const {
  if (const auto* messages = std::get_if<MessageLink>(&opened.machine))
    return messages->lastHeard();
  return plan_.last_heard(opened.order.link);
}

void LinkSet::close(Instant at, const std::string& peer_id) {
  const auto found = links_.find(peer_id);
  if (found == links_.end())
    return;
  Opened opened = std::move(found->second);
  links_.erase(found);
  if (const auto heard = lastHeard(opened))
    lost_at_[opened.order.index] = *heard;
  else if (opened.connected)
    lost_at_[opened.order.index] = at;
  std::visit([&](auto& link) { link.end(at); }, opened.machine);
  follow(at, opened);
  act(CloseLink{opened.order.link});
}

void LinkSet::closeAll(Instant at) {
  while (!links_.empty())
    close(at, std::string(links_.begin()->first));
}

// Another peer connection to the same peer, in place of the one there is.
void LinkSet::replace(Instant at, const std::string& peer_id, bool we_offer, int number,
                      const Recovery::History& history) {
  const Opened& before = links_.at(peer_id);
  OpenLink order{.peer = before.order.peer, .index = before.order.index, .number = number};
  order.peer.we_offer = we_offer;
  Opening how = before.how;
  std::optional<Instant> lost_at = before.lost_at;
  if (history.lost_since)
    how = {.begin = at, .connect = plan_.deadlines.recover, .outlives_signaling = true};
  close(at, peer_id);
  start(at, std::move(order), how, history, lost_at);
  tell({.kind = LinkNews::Kind::kReplaced, .index = links_.at(peer_id).order.index});
}

LinkSet::Opened* LinkSet::find(int link) {
  const auto found =
      std::ranges::find_if(links_, [&](const auto& one) { return one.second.order.link == link; });
  return found == links_.end() ? nullptr : &found->second;
}

// The link that a signal is for; number 0: the one there is. An offer may make another one of it.
LinkSet::Opened* LinkSet::linkFor(Instant at, const std::string& from, int number,
                                  const std::string& type) {
  const auto found = links_.find(from);
  if (found == links_.end())
    return nullptr;
  Opened& opened = found->second;
  const int present = opened.order.number;
  const auto* media = std::get_if<MediaLink>(&opened.machine);
  const bool is_for_present = number == 0 || number == present;
  const bool collides = type == "offer" && is_for_present && media && media->isFresh();
  const bool yields = collides && !media->winsAgainstOffers();
  if (yields || (type == "offer" && media && number > present)) {
    takeOver(at, from, is_for_present ? present : number);
    return &links_.at(from);
  }
  return is_for_present ? &opened : nullptr;
}

// The other end made a new connection: ours of before is over. If only the other end has noticed a
// loss, it began when we heard the last of it.
void LinkSet::takeOver(Instant at, const std::string& peer_id, int number) {
  const Opened& before = links_.at(peer_id);
  Recovery::History history = std::get<MediaLink>(before.machine).history();
  if (!history.lost_since && before.settled)
    history = {lastHeard(before).value_or(at), 0};
  replace(at, peer_id, false, number, history);
}

void LinkSet::onDescription(const SignalDescription& description, Instant at) {
  Opened* opened = linkFor(at, description.from, description.connection, description.type);
  if (!opened)
    return;
  if (auto* media = std::get_if<MediaLink>(&opened->machine))
    media->onDescription(at, description.type, description.sdp);
  follow(at, *opened);
}

void LinkSet::onCandidate(const SignalCandidate& candidate, Instant at) {
  Opened* opened = linkFor(at, candidate.from, candidate.connection, "");
  if (!opened)
    return;
  if (auto* media = std::get_if<MediaLink>(&opened->machine))
    media->onCandidate(at, candidate.mline, candidate.candidate, candidate.mid);
  follow(at, *opened);
}

void LinkSet::onPing(const SignalPing& ping, Instant at) {
  const auto found = links_.find(ping.from);
  if (found == links_.end())
    return;
  auto* messages = std::get_if<MessageLink>(&found->second.machine);
  if (!messages)
    return;
  if (ping.is_answer)
    messages->onAnswer(at, ping.number);
  else
    messages->onPing(at, ping.number);
  follow(at, found->second);
}

void LinkSet::onPeer(int link, const PeerEvent& event) {
  if (Opened* opened = find(link)) {
    std::get<MediaLink>(opened->machine).onPeer(event);
    follow(event.at, *opened);
  }
}

void LinkSet::onRefused(int link, Instant at, const std::string& what) {
  if (Opened* opened = find(link)) {
    std::get<MediaLink>(opened->machine).onRefused(at, what);
    follow(at, *opened);
  }
}

template <class Do>
void LinkSet::forEachMedia(Instant at, Do&& call) {
  for (auto& [id, opened] : links_) {
    if (auto* media = std::get_if<MediaLink>(&opened.machine)) {
      call(*media);
      follow(at, opened);
    }
  }
}

void LinkSet::onSignalingLost(Instant at, const std::string& what) {
  for (auto& [id, opened] : links_) {
    std::visit([&](auto& link) { link.onSignalingLost(at, what); }, opened.machine);
    follow(at, opened);
  }
}

void LinkSet::onSignalingBack(Instant at) {
  forEachMedia(at, [&](MediaLink& link) { link.onSignalingBack(at); });
}

void LinkSet::onAddressChanged(Instant at) {
  forEachMedia(at, [&](MediaLink& link) { link.onAddressChanged(at); });
}

void LinkSet::onTime(Instant at) {
  std::vector<int> links;  // one may be replaced on the way
  for (const auto& [id, opened] : links_)
    links.push_back(opened.order.link);
  for (const int link : links) {
    Opened* opened = find(link);
    if (!opened)
      continue;
    std::visit([&](auto& machine) { machine.onTime(at); }, opened->machine);
    follow(at, *opened);
  }
}

std::optional<Instant> LinkSet::due() const {
  std::optional<Instant> first;
  const auto consider = [&](std::optional<Instant> at) {
    if (at && (!first || *at < *first))
      first = at;
  };
  for (const auto& [id, opened] : links_)
    consider(std::visit([](const auto& link) { return link.due(); }, opened.machine));
  for (const auto& [participant, until] : unreported_)
    consider(until);
  return first;
}

// Carries over what the machine of a link wants: to the world, or as news to the bot.
void LinkSet::follow(Instant at, Opened& opened) {
  using Kind = LinkNews::Kind;
  std::optional<Recovery::History> anew;
  const OpenLink& order = opened.order;
  const auto command = [&](auto& one) { act(CommandPeer{order.link, std::move(one)}); };
  const auto send = [&](auto& one) {
    act(SendSignal{order.peer.id, order.number, std::move(one)});
  };
  const auto news = [&](Kind kind) { noteNews(opened, {.kind = kind, .index = order.index}); };
  const auto take = Overloaded{[&](MakeOffer& one) { command(one); },
                               [&](RestartIce& one) { command(one); },
                               [&](SetRemote& one) { command(one); },
                               [&](AddRemoteCandidate& one) { command(one); },
                               [&](ShipDescription& one) { send(one); },
                               [&](ShipCandidate& one) { send(one); },
                               [&](SendPing& one) { send(one); },
                               [&](AnswerPing& one) { send(one); },
                               [&](Record& note) {
                                 note.peer = order.index;
                                 note.round = order.round;
                                 act(std::move(note));
                               },
                               [&](Connected&) { news(Kind::kConnected); },
                               [&](Settled& how) {
                                 noteNews(opened, {Kind::kSettled, order.index, how});
                               },
                               [&](LinkDown&) { news(Kind::kDown); },
                               [&](LinkUp&) { news(Kind::kUp); },
                               [&](MakeAnew& one) { anew = one.history; }};
  std::visit(
      [&](auto& link) {
        for (auto& action : link.takeActions())
          std::visit(take, action);
      },
      opened.machine);
  if (anew)
    replace(at, std::string(order.peer.id), true, order.number + 1, *anew);
}

void LinkSet::noteNews(Opened& opened, const LinkNews& news) {
  using Kind = LinkNews::Kind;
  opened.connected = opened.connected || news.kind == Kind::kConnected;
  if (news.kind == Kind::kSettled) {
    opened.settled = true;
    opened.up = news.how.up;
  } else if (news.kind == Kind::kDown || news.kind == Kind::kUp) {
    opened.up = news.kind == Kind::kUp;
  }
  tell(news);
}

int LinkSet::indexOf(const std::string& peer_id) const {
  const auto found = links_.find(peer_id);
  return found == links_.end() ? -1 : found->second.order.index;
}

std::vector<std::string> LinkSet::peersBut(const std::set<std::string>& users) const {
  std::vector<std::string> ids;
  for (const auto& [id, opened] : links_) {
    if (!users.contains(opened.order.peer.user))
      ids.push_back(id);
  }
  return ids;
}

int LinkSet::roundsTo(int participant) const {
  const auto found = rounds_.find(participant);
  return found == rounds_.end() ? 0 : found->second;
}

bool LinkSet::areAllConnected() const {
  return std::ranges::all_of(links_, [](const auto& one) { return one.second.connected; });
}

bool LinkSet::areAllUp() const {
  return std::ranges::all_of(links_, [](const auto& one) { return one.second.up; });
}

bool LinkSet::areAllSettled() const {
  return std::ranges::all_of(links_, [](const auto& one) { return one.second.settled; });
}

}  // namespace turnout
