#include "tests/unit/attempt/small_world.h"

#include "pipelines/base/json.h"

#include <algorithm>

namespace turnout {
namespace {

using Body = decltype(SignalEvent::body);

RoomPeer readPeer(const JsonValue& json) {
  return {json.stringOr("id", ""), json.stringOr("user", ""), json.stringOr("page", "")};
}

std::vector<RoomPeer> readPeers(const JsonValue& json) {
  std::vector<RoomPeer> peers;
  for (const JsonValue& peer : json.get("peers").elements())
    peers.push_back(readPeer(peer));
  if (json.get("peer").isObject())
    peers.push_back(readPeer(json.get("peer")));
  return peers;
}

Body readBack(const JsonValue& json) {
  using Place = SignalBack::Place;
  const std::string kind = json.stringOr("kind", ""), phase = json.stringOr("phase", "");
  Place place = Place::kNothing;
  if (kind == "room")
    place = Place::kRoom;
  else if (kind == "call")
    place = phase == "ringing" ? Place::kRinging : Place::kCall;
  else if (kind == "match")
    place = phase == "waiting" ? Place::kQueue : Place::kMatch;
  return SignalBack{place, json.stringOr("call", ""), readPeers(json),
                    json.boolOr("initiator", false)};
}

std::optional<Body> readMessage(const std::string& name, const JsonValue& json) {
  const std::string call = json.stringOr("call", "");
  if (name == "peer-joined")
    return SignalPeerJoined{readPeer(json)};
  if (name == "peer-left")
    return SignalPeerLeft{json.stringOr("id", "")};
  if (name == "peer-reconnected")
    return SignalPeerBack{readPeer(json), json.stringOr("was", "")};
  if (name == "reconnected")
    return readBack(json);
  if (name == "incoming-call")
    return SignalIncoming{call, readPeer(json.get("from"))};
  if (name == "call-accepted" || name == "matched") {
    const RoomPeer peer = readPeer(json.get("peer"));
    const bool offers = json.boolOr("initiator", false);
    return name == "matched" ? Body(SignalMatched{call, peer, offers})
                             : Body(SignalAnswered{call, peer, offers});
  }
  if (name == "no-partner")
    return SignalNoPartner{};
  if (name == "call-ended")
    return SignalCallOver{call, json.stringOr("reason", "")};
  if (name != "signal")
    return std::nullopt;
  const JsonValue data = json.get("data");
  const std::string from = json.stringOr("from", "");
  const auto number = static_cast<int>(data.integerOr("connection", 0));
  if (data.get("sdp").isPresent())
    return SignalDescription{from, number, data.stringOr("type", ""), data.stringOr("sdp", "")};
  return SignalCandidate{from, number, 0, data.stringOr("candidate", "")};
}

Refusal refusalOf(const std::string& word) {
  static const std::map<std::string, Refusal> kWords{{"busy", Refusal::kBusy},
                                                     {"room_full", Refusal::kFull},
                                                     {"session_active", Refusal::kAlreadyActive},
                                                     {"double_join", Refusal::kAlreadyIn},
                                                     {"no_such_user", Refusal::kNoSuchUser},
                                                     {"ghost_session", Refusal::kGone},
                                                     {"stale_peer", Refusal::kStalePeer},
                                                     {"late_message", Refusal::kLate}};
  const auto found = kWords.find(word);
  return found == kWords.end() ? Refusal::kOther : found->second;
}

std::optional<Body> readAnswer(SignalRequest request, const JsonValue& json) {
  if (!json.boolOr("ok", false))
    return SignalRefused{request, json.stringOr("error", ""),
                         refusalOf(json.stringOr("error", ""))};
  const std::string call = json.stringOr("call", ""), id = json.stringOr("id", "");
  switch (request) {
    case SignalRequest::kRegister:
      return SignalRegistered{json.stringOr("key", ""), json.boolOr("resumed", false), 5000ms, id};
    case SignalRequest::kJoin:
      return SignalJoined{id, readPeers(json)};
    case SignalRequest::kCall:
      return SignalRinging{call};
    case SignalRequest::kAnswer:
      return SignalAnswered{call, readPeer(json.get("peer")), false};
    case SignalRequest::kFindPartner:
    case SignalRequest::kNextPartner:
      return SignalQueued{};
    case SignalRequest::kHangUp:
    case SignalRequest::kLeave:
      return SignalLeft{};
    case SignalRequest::kConnect:
    case SignalRequest::kSignal:
      break;
  }
  return std::nullopt;
}

std::string object(std::initializer_list<std::pair<const char*, std::string>> fields) {
  JsonWriter json;
  json.beginObject();
  for (const auto& [key, value] : fields)
    if (!value.empty())
      json.field(key, value);
  return json.endObject().take();
}

std::string dataOf(const SendSignal& signal) {
  JsonWriter json;
  json.beginObject().field("connection", signal.number);
  if (const auto* description = std::get_if<ShipDescription>(&signal.what))
    json.field("type", toString(description->type)).field("sdp", description->sdp);
  else
    json.field("candidate", std::get<ShipCandidate>(signal.what).candidate);
  return json.endObject().take();
}

}  // namespace

void SmallWorld::start(const Call& call) {
  OneCall& one = calls_.emplace_back();
  const Instant scheduled = at_ + call.starts_after;
  for (int index = 0; index < call.shape.bots; index++) {
    Bot& bot = *bots_.emplace_back(std::make_unique<Bot>());
    bot.call = static_cast<int>(calls_.size()) - 1;
    bot.index = index;
    one.bots.push_back(&bot);
    BotPlan plan{.scheduled = scheduled,
                 .entry = {.shape = call.shape,
                           .bot = index,
                           .participants = Participants(call.shape, call.room),
                           .room = call.room,
                           .pool = "p",
                           .deadlines = {}},
                 .steps = {},
                 .longest_drop = {},
                 .seed = static_cast<std::uint64_t>(bots_.size())};
    plan.media = {MediaKind::kAudio};
    for (std::size_t i = 0; i < call.steps.size(); i++) {
      const Step& step = call.steps[i];
      if (rowOf(step.kind).effect == StepEffect::kLosesPackets)
        plan.longest_drop = std::max(plan.longest_drop, step.lasting);
      if (step.bot.value_or(index) == index)
        plan.steps.push_back({static_cast<int>(i), step});
    }
    bot.machine = std::make_unique<BotAttempt>(std::move(plan), [&bot](int link) {
      const auto peer = bot.peers.find(link);
      return peer == bot.peers.end() || !peer->second->is_up ? std::nullopt
                                                             : peer->second->silent_since;
    });
    after(call.starts_after, [this, &bot] {
      bot.machine->start(at_);
      settle(bot);
    });
  }
}

bool SmallWorld::run(Duration longest) {
  const Instant end = at_ + longest;
  const auto isOver = [&] {
    return std::ranges::all_of(bots_, [](const auto& bot) { return bot->is_gone; });
  };
  watchServer();
  while (!isOver() && !queue_.empty() && queue_.begin()->first <= end) {
    auto next = queue_.extract(queue_.begin());
    at_ = next.key();
    next.mapped()();
    watchServer();
  }
  return isOver();
}

void SmallWorld::watchServer() {
  if (const Instant due = app_.deadline(); due <= at_)
    carryOut(app_.onTime(at_));
  else if (due != Instant::max() && (queue_.empty() || due < queue_.begin()->first))
    queue_.emplace(due, [] {});
}

void SmallWorld::settle(Bot& bot) {
  for (auto actions = bot.machine->takeActions(); !actions.empty();
       actions = bot.machine->takeActions())
    for (BotAction& action : actions)
      perform(bot, action);
  const auto due = bot.machine->due();
  if (!due || bot.planned == due)
    return;
  bot.planned = due;
  queue_.emplace(std::max(*due, at_), [this, &bot, due] {
    if (bot.planned != due)
      return;
    bot.planned.reset();
    bot.machine->onTime(at_);
    settle(bot);
  });
}

void SmallWorld::perform(Bot& bot, BotAction& action) {
  std::visit(
      Overloaded{
          [&](const OpenSocket&) { openSocket(bot); },
          [&](const DropSocket&) { cut(bot, CutSocket::How::kReset); },
          [&](const CutSocket& order) { cut(bot, order.how); },
          [&](const AskServer& question) {
            const std::string& text = question.ask.text;
            const auto argument = [&]() -> std::string {
              switch (question.ask.request) {
                case SignalRequest::kRegister:
                  return object({{"user", text}, {"page", question.page}, {"key", question.key}});
                case SignalRequest::kJoin:
                  return object({{"room", text}, {"user", "anonymous"}});
                case SignalRequest::kCall:
                  return object({{"to", text}});
                case SignalRequest::kAnswer:
                case SignalRequest::kHangUp:
                  return object({{"call", text}});
                default:
                  return object({{"pool", text}});
              }
            };
            ask(bot, question.ask.request, argument());
          },
          [&](const SayGoodbye&) {
            const std::string socket = std::exchange(bot.socket, "");
            after(kHop, [this, socket] { loseSocket(socket, Gone::kLeft); });
            after(2 * kHop, [this, &bot] {
              bot.machine->onSignal({at_, SignalDown{"goodbye"}});
              settle(bot);
            });
          },
          [&](const SendSignal& signal) {
            ask(bot, SignalRequest::kSignal,
                JsonWriter()
                    .beginObject()
                    .field("to", signal.to)
                    .key("data")
                    .raw(dataOf(signal))
                    .endObject()
                    .take());
          },
          [&](const OpenLink& order) {
            auto peer = std::make_unique<Peer>();
            peer->link = order.link;
            peer->index = order.index;
            peer->bot = &bot;
            bot.peers[order.link] = std::move(peer);
          },
          [&](const CloseLink& order) {
            auto node = bot.peers.extract(order.link);
            if (node.empty())
              return;
            if (Peer* other = node.mapped()->other) {
              other->other = nullptr;
              node.mapped()->other = nullptr;
            }
            closed_.push_back(std::move(node.mapped()));
            considerMedia();
          },
          [&](CommandPeer& order) { command(bot, order); },
          [&](const SetNetwork& network) {
            bot.drops_media = network.peers.outgoing.black_hole;
            bot.is_paused = network.signaling_dropped;
            if (!bot.is_paused)
              for (auto& what : std::exchange(bot.held, {}))
                after(kHop, std::move(what));
            considerMedia();
          },
          [&](const ChangeAddress&) {
            for (auto& [link, peer] : bot.peers)
              peer->path_is_dead = true;
            considerMedia();
          },
          [&](const CrashHost&) {},
          [&](Record& note) {
            told_.push_back({bot.call, bot.index, std::move(note)});
          },
          [&](const StateTold& told) { onState(bot, told.state); },
          [&](const BotGone& gone) { onGone(bot, gone.how); }},
      action);
}

void SmallWorld::openSocket(Bot& bot) {
  const std::string socket = "s" + std::to_string(++named_);
  const int number = ++bot.sockets;
  bot.socket = socket;
  after(kHop, [this, &bot, socket, number] {
    if (bot.sockets != number)
      return;
    sockets_[socket] = &bot;
    carryOut(app_.onConnected(at_, socket, Secret("key of " + socket)));
    say(bot, SignalConnected{});
  });
}

void SmallWorld::loseSocket(const std::string& socket, Gone how) {
  if (sockets_.erase(socket) > 0)
    carryOut(app_.onGone(at_, socket, how));
}

void SmallWorld::cut(Bot& bot, CutSocket::How how) {
  if (bot.socket.empty())
    return;
  const bool server_is_told = how == CutSocket::How::kReset || how == CutSocket::How::kClosed;
  const std::string socket = bot.socket;
  if (how != CutSocket::How::kSilently) {
    bot.socket.clear();
    bot.sockets++;
  }
  bot.is_paused = how == CutSocket::How::kSilently;
  after(server_is_told ? kHop : kDeadSocketNoticed, [this, &bot, socket, how] {
    loseSocket(socket, Gone::kLost);
    if (how != CutSocket::How::kSilently || bot.socket != socket)
      return;
    bot.socket.clear();
    bot.sockets++;
    bot.is_paused = false;
    bot.held.clear();
    bot.machine->onSignal({at_, SignalDown{"no ping"}});
    settle(bot);
  });
}

void SmallWorld::pass(Bot& bot, std::function<void()> what) {
  if (bot.is_paused)
    bot.held.push_back(std::move(what));
  else
    after(kHop, std::move(what));
}

void SmallWorld::say(Bot& bot, Body body) {
  pass(bot, [this, &bot, number = bot.sockets, body = std::move(body)] {
    if (bot.sockets != number)
      return;  // a socket from before
    bot.machine->onSignal({at_, body});
    settle(bot);
  });
}

void SmallWorld::ask(Bot& bot, SignalRequest request, const std::string& argument) {
  const std::string socket = bot.socket;
  if (socket.empty())
    return;
  pass(bot, [this, &bot, socket, request, argument] {
    if (!sockets_.contains(socket) || bot.socket != socket)
      return;
    const std::vector<JsonValue> arguments{*JsonValue::parse(argument)};
    const auto outcome = app_.onEvent(
        at_, socket, {.name = toString(request), .arguments = arguments, .size = argument.size()});
    if (auto answer = readAnswer(request, *JsonValue::parse(outcome.ack)))
      say(bot, std::move(*answer));
    carryOut(outcome);
  });
}

void SmallWorld::carryOut(const SignalingApp::Outcome& outcome) {
  for (const Emit& emit : outcome.emits)
    hear(emit.to, emit.event, emit.argument);
  for (const SignalingApp::Close& close : outcome.closes)
    after(0ms, [this, socket = close.connection] { loseSocket(socket, Gone::kClosed); });
}

// What goes to a socket that only the server believes in is lost.
void SmallWorld::hear(const std::string& socket, const std::string& event,
                      const std::string& argument) {
  const auto found = sockets_.find(socket);
  if (found == sockets_.end() || found->second->socket != socket)
    return;
  if (auto body = readMessage(event, *JsonValue::parse(argument)))
    say(*found->second, std::move(*body));
}

void SmallWorld::tell(SmallWorld& world, Peer& peer, Duration delay,
                      decltype(PeerEvent::body) body) {
  world.after(delay, [&world, bot = peer.bot, link = peer.link, body = std::move(body)] {
    if (!bot->peers.contains(link))
      return;
    bot->machine->onPeer(link, {world.at_, body});
    world.settle(*bot);
  });
}

void SmallWorld::command(Bot& bot, CommandPeer& order) {
  const auto found = bot.peers.find(order.link);
  if (found == bot.peers.end())
    return;
  Peer& peer = *found->second;
  const auto offer = [&] {
    peer.offer = "offer " + std::to_string(++named_);
    peer.is_negotiating = true;
    offers_[peer.offer] = &peer;
    tell(*this, peer, 2 * kHop, LocalDescription{SdpType::kOffer, peer.offer});
  };
  std::visit(
      Overloaded{[&](const MakeOffer&) { offer(); },
                 [&](const RestartIce&) {
                   if (!peer.is_negotiating)
                     offer();
                 },
                 [&](const SetRemote& remote) {
                   tell(*this, peer, kHop, RemoteDescriptionSet{remote.type});
                   if (remote.type == SdpType::kOffer) {
                     peer.is_negotiating = false;
                     peer.answer = "answer " + std::to_string(++named_) + " to " + remote.sdp;
                     offers_[peer.answer] = &peer;
                     tell(*this, peer, 2 * kHop, LocalDescription{SdpType::kAnswer, peer.answer});
                     return;
                   }
                   peer.is_negotiating = false;
                   Peer* other = offers_.at(remote.sdp);
                   const bool is_open = other->bot->peers.contains(other->link) &&
                                        other->bot->peers.at(other->link).get() == other;
                   if (is_open && remote.sdp.ends_with(" to " + peer.offer))
                     after(4 * kHop, [this, &peer, other] { connect(peer, *other); });
                 },
                 [&](const AddRemoteCandidate&) {}},
      order.command);
}

void SmallWorld::connect(Peer& a, Peer& b) {
  const auto isOpen = [](const Peer& peer) {
    const auto found = peer.bot->peers.find(peer.link);
    return found != peer.bot->peers.end() && found->second.get() == &peer;
  };
  if (!isOpen(a) || !isOpen(b))
    return;
  if (a.bot->drops_media || b.bot->drops_media) {  // checks go on until something passes
    after(100ms, [this, &a, &b] { connect(a, b); });
    return;
  }
  a.other = &b;
  b.other = &a;
  for (Peer* peer : {&a, &b}) {
    peer->path_is_dead = false;
    tell(*this, *peer, 0ms, IcePairSelected{});
    peer->has_new_pair = true;
    if (peer->is_up)
      continue;
    peer->is_up = true;
    tell(*this, *peer, 0ms, IceStateChanged{IceConnectionState::kConnected});
    tell(*this, *peer, kHop, ConnectionStateChanged{"connected"});
    tell(*this, *peer, 2 * kHop, FirstMedia{MediaKind::kAudio});
  }
  considerMedia();
}

void SmallWorld::considerMedia() {
  for (const auto& bot : bots_) {
    for (const auto& [link, one] : bot->peers) {
      Peer& peer = *one;
      if (!peer.is_up)
        continue;
      const bool flows = peer.other && !peer.path_is_dead && !peer.other->path_is_dead &&
                         !bot->drops_media && !peer.other->bot->drops_media;
      if (!flows && !peer.silent_since) {
        peer.silent_since = at_;
        peer.has_new_pair = false;
        tell(*this, peer, 300ms, MediaSilent{at_});
        after(300ms, [&peer, since = at_] { peer.silence_told |= peer.silent_since == since; });
      } else if (flows && peer.silent_since) {
        const Instant since = *std::exchange(peer.silent_since, std::nullopt);
        if (at_ - since >= 300ms)
          tell(*this, peer, kHop, MediaBack{at_ - since, peer.has_new_pair});
      }
    }
  }
}

void SmallWorld::onState(Bot& bot, BotState state) {
  bot.state = state;
  OneCall& call = calls_.at(static_cast<std::size_t>(bot.call));
  const int plan = ++call.leave_plan;
  const auto has = [&](BotState wanted) {
    return std::ranges::any_of(call.bots, [&](const Bot* one) { return one->state == wanted; });
  };
  if (has(BotState::kBusy))
    return;
  const bool failed = has(BotState::kFailed);
  after(failed ? Duration(0ms) : kHold, [this, &call, plan, failed] {
    if (call.leave_plan != plan)
      return;
    call.was_steady = !failed;
    for (Bot* one : call.bots) {
      one->machine->leave(at_);
      settle(*one);
    }
  });
}

void SmallWorld::onGone(Bot& bot, BotGone::How how) {
  bot.is_gone = true;
  if (how != BotGone::How::kVanished)
    return;
  for (Bot* other : calls_.at(static_cast<std::size_t>(bot.call)).bots) {
    if (other == &bot)
      continue;
    other->machine->onVanished(at_, bot.index);
    after(0ms, [this, other] { settle(*other); });
  }
  onState(bot, BotState::kSteady);
}

}  // namespace turnout
