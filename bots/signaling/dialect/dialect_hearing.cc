// What a session hears: which rule it is for, and what that makes of it.
#include "bots/signaling/dialect/dialect_session.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr std::size_t kMostElements = 1000;  // of a list that a rule goes through
constexpr std::size_t kMostHeldOfPeer = 128;
const char* const kSolePeer = "partner";  // of an app that never says who

std::string quoted(std::string_view text) {
  return JsonWriter().string(text).take();
}

// An id may be a number; it is known by its digits.
std::string plain(const JsonValue& value) {
  if (auto text = value.asString())
    return *text;
  return value.isPresent() && !value.isNull() && !value.isObject() && !value.isArray()
             ? value.text()
             : "";
}

JsonValue parsedText(const std::string& json) {
  auto value = JsonValue::parse(json);
  return value.hasValue() ? *value : JsonValue();
}

bool isEmpty(const JsonValue& value) {
  if (const auto text = value.asString())
    return text->empty();
  if (value.isArray())
    return value.elements().empty();
  if (value.isObject())
    return value.keys().empty();
  return !value.isPresent() || value.isNull();
}

bool isSame(const JsonValue& a, const JsonValue& b) {
  if (a.isNumber() && b.isNumber())
    return a.asNumber() == b.asNumber();
  if (a.isString() || b.isString())
    return a.isString() && b.isString() && a.asText() == b.asText();
  if (a.isBool() || b.isBool())
    return a.asBool() == b.asBool();
  return a.isPresent() && b.isPresent() && a.text() == b.text();
}

// Whether a JSON text is this string, or as it stands this number.
bool isTextOf(const std::string& text, const std::string& json) {
  if (json == text)
    return true;
  if (json.size() < text.size() + 2 || json.front() != '"')
    return false;
  if (json.find('\\') != std::string::npos)
    return json == quoted(text);
  return json.size() == text.size() + 2 && json.compare(1, text.size(), text) == 0;
}

bool usesItem(const DialectTest& test) {
  const auto* path = std::get_if<DialectPath>(&test.subject);
  return path && path->root == DialectPath::Root::kItem;
}

bool isAboutSomebody(DialectMeaning meaning) {
  using M = DialectMeaning;
  return meaning == M::kIncoming || meaning == M::kAnswered || meaning == M::kMatched ||
         meaning == M::kPeerJoined || meaning == M::kPeerBack;
}

bool aboutDescription(const DialectRule& rule) {
  return rule.description || rule.candidate || rule.signal || rule.ping || rule.pong;
}

std::size_t bytesOf(const DialectSession::Body& body) {
  const auto* description = std::get_if<SignalDescription>(&body);
  return 256 + (description ? description->sdp.size() : 0);
}

}  // namespace

JsonValue DialectSession::at(const DialectPath& path, const Scope& scope) const {
  JsonValue value;
  if (path.root == DialectPath::Root::kVariable)
    value = parsedText(lookUp(path.variable, current_peer_, nullptr).value_or("null"));
  else if (path.root == DialectPath::Root::kItem)
    value = scope.item;
  else if (path.argument < scope.arguments->size())
    value = (*scope.arguments)[path.argument];
  for (const std::string& step : path.steps) {
    if (const auto text = value.asText(); text && !text->empty() && (*text)[0] == '{')
      value = parsedText(std::string(*text));  // JSON in a string
    if (value.isArray()) {
      const auto elements = value.elements();
      const bool is_index = step.find_first_not_of("0123456789") == std::string::npos;
      const std::size_t index = is_index && step.size() < 6 ? std::stoul(step) : elements.size();
      value = index < elements.size() ? elements[index] : JsonValue();
    } else {
      value = value.get(step);
    }
  }
  return value;
}

std::string DialectSession::textAt(const std::optional<DialectPath>& path,
                                   const Scope& scope) const {
  return path ? plain(at(*path, scope)) : "";
}

std::int64_t DialectSession::integerAt(const std::optional<DialectPath>& path,
                                       const Scope& scope) const {
  return path ? std::clamp<std::int64_t>(at(*path, scope).asInteger().value_or(0), 0, 1'000'000'000)
              : 0;
}

bool DialectSession::holds(const DialectTest& test, const Scope& scope) const {
  JsonValue value;
  if (const auto* path = std::get_if<DialectPath>(&test.subject))
    value = at(*path, scope);
  else if (const auto json = lookUp(std::get<std::string>(test.subject), current_peer_, nullptr))
    value = parsedText(*json);
  const auto isOneOf = [&] {
    return std::any_of(test.values.begin(), test.values.end(), [&](const JsonValue& wanted) {
      const auto text = wanted.asText();
      if (!text || text->find('$') == std::string_view::npos)
        return isSame(value, wanted);
      const auto filled = this->json(wanted);
      return filled && isSame(value, parsedText(*filled));
    });
  };
  using Kind = DialectTest::Kind;
  switch (test.kind) {
    case Kind::kEquals:
    case Kind::kOneOf:
      return isOneOf();
    case Kind::kNot:
      return !isOneOf();
    case Kind::kPresent:
      return value.isPresent() && !value.isNull();
    case Kind::kAbsent:
      return !value.isPresent() || value.isNull();
    case Kind::kEmpty:
      return isEmpty(value);
    case Kind::kNotEmpty:
      return !isEmpty(value);
  }
  return false;
}

// Tests of the items of a list are for each of them, later.
bool DialectSession::matches(const DialectRule& rule, const Scope& scope) const {
  return std::all_of(rule.when.begin(), rule.when.end(),
                     [&](const DialectTest& test) { return usesItem(test) || holds(test, scope); });
}

// For who looks on: why nothing comes of it.
void DialectSession::mishear(Misheard::Why why, const std::string& path, const JsonValue& value) {
  if (misheard_.size() >= kMostMisheard)
    return;
  std::string what = value.isPresent() ? value.typeName() : "";
  if (value.isObject()) {
    const auto keys = value.keys();
    for (std::size_t i = 0; i < keys.size() && i < 6; ++i)
      what += (i == 0 ? " with " : ", ") + keys[i].substr(0, 30);
  }
  misheard_.push_back({why, hearing_.substr(0, 60), path, std::move(what)});
}

bool DialectSession::applyFirst(Instant now, const std::vector<DialectRule>& rules,
                                const std::string& event, const std::vector<JsonValue>& arguments,
                                bool is_beside) {
  const Scope scope{&arguments, {}};
  for (const DialectRule& rule : rules) {
    const bool is_on = rule.on.empty() ||
                       std::any_of(rule.on.begin(), rule.on.end(), [&](const std::string& name) {
                         return name == "*" || name == event;
                       });
    if (!is_on || rule.is_beside != is_beside || !matches(rule, scope))
      continue;
    apply(now, rule, arguments);
    return true;
  }
  return false;
}

void DialectSession::onConnected(Instant at, const std::string& socket_id) {
  variables_["socket"] = quoted(socket_id);
  if (dialect_->heartbeat)
    beat_at_ = at + dialect_->heartbeat->every;
  events_.push_back(SignalConnected{});
  hear(at, "connect", {});
}

void DialectSession::onBesideConnected(Instant at) {
  is_beside_up_ = true;
  hear(at, "connect", {}, true);
}

void DialectSession::onBesideGone(Instant at, const std::string& why) {
  is_beside_up_ = false;
  hear(at, "disconnect", {parsedText(quoted(why))}, true);
}

void DialectSession::onHeard(Instant at, const Heard& heard) {
  const DialectTransport& transport =
      heard.is_beside && dialect_->beside ? *dialect_->beside : dialect_->transport;
  if (!heard.event.empty() || transport.kind == DialectTransport::Kind::kSocketIo)
    return hear(at, heard.event, heard.arguments, heard.is_beside);
  const Scope scope{&heard.arguments, {}};
  hear(at, plain(this->at(transport.event_field, scope)), heard.arguments, heard.is_beside);
}

void DialectSession::hear(Instant at, const std::string& event,
                          const std::vector<JsonValue>& arguments, bool is_beside) {
  ++things_heard_;
  if (const auto gate = heard_.find(event); gate != heard_.end())
    gate->second = things_heard_;
  std::erase_if(deadlines_, [&](const Deadline& deadline) {
    const auto& until = deadline.timeout->until;
    return std::find(until.begin(), until.end(), event) != until.end();
  });
  hearing_ = event;
  if (!applyFirst(at, dialect_->rules, event, arguments, is_beside) && event != "connect" &&
      event != "disconnect") {
    ++unknown_;
    mishear(Misheard::Why::kNoRule, "", {});
  }
  flush();
}

void DialectSession::onAcknowledged(Instant at, std::uint64_t ack,
                                    const std::vector<JsonValue>& arguments) {
  const auto asked = asked_.extract(ack);
  if (asked.empty())
    return;
  const auto& [message, asked_for, peer] = asked.mapped();
  const SignalRequest request = asked_for;
  const SignalRequest before = std::exchange(last_request_, request);
  std::erase_if(deadlines_, [&](const Deadline& deadline) {
    const auto& until = deadline.timeout->until;
    return deadline.timeout->step == toString(request) &&
           std::find(until.begin(), until.end(), "ack") != until.end();
  });
  if (!peer.empty())
    current_peer_ = peer;
  ++things_heard_;
  if (const auto gate = heard_.find("ack:" + message->event.source()); gate != heard_.end())
    gate->second = things_heard_;
  hearing_ = "answer to " + message->event.source();
  if (!applyFirst(at, message->ack_rules, {}, arguments) &&
      !applyFirst(at, dialect_->ack_rules, {}, arguments) && !message->ack_rules.empty())
    mishear(Misheard::Why::kNoRule, "", {});
  last_request_ = before;
  flush();
}

void DialectSession::onTurnedAway(Instant at, const std::string& message) {
  last_request_ = SignalRequest::kConnect;
  const std::size_t told = events_.size();
  hear(at, "connect_error", {parsedText(quoted(message))});
  if (events_.size() == told)
    events_.push_back(SignalRefused{SignalRequest::kConnect, message, Refusal::kNotAllowed});
}

void DialectSession::onGone(Instant at, const std::string& why) {
  hear(at, "disconnect", {parsedText(quoted(why))});
  events_.push_back(SignalDown{why});
}

// What it means.

void DialectSession::apply(Instant now, const DialectRule& rule,
                           const std::vector<JsonValue>& arguments) {
  const Scope whole{&arguments, {}};
  if (!rule.each) {
    applyOnce(now, rule, whole);
    if (rule.means == DialectMeaning::kJoined)
      joined(rule, rule.peer ? std::vector<Scope>{whole} : std::vector<Scope>{});
    else if (rule.means == DialectMeaning::kBack)
      back(rule, {whole});
    return;
  }
  const JsonValue list = at(*rule.each, whole);
  if (!list.isArray() && !list.isObject())
    mishear(Misheard::Why::kNothingThere, rule.each->text, list);
  std::vector<Scope> scopes;
  for (const JsonValue& element : list.elements())
    if (scopes.size() < kMostElements)
      scopes.push_back({&arguments, element});
  for (const auto& [key, value] : list.members())
    if (scopes.size() < kMostElements)
      scopes.push_back({&arguments, parsedText(JsonWriter()
                                                   .beginObject()
                                                   .field("key", key)
                                                   .key("value")
                                                   .raw(value.text())
                                                   .endObject()
                                                   .text())});
  std::erase_if(scopes, [&](const Scope& scope) {
    return isSelf(textAt(rule.peer, scope)) ||
           !std::all_of(rule.when.begin(), rule.when.end(), [&](const DialectTest& test) {
             return !usesItem(test) || holds(test, scope);
           });
  });
  for (const Scope& scope : scopes)
    applyOnce(now, rule, scope);
  if (rule.means == DialectMeaning::kJoined)
    joined(rule, scopes);
  else if (rule.means == DialectMeaning::kBack)
    back(rule, scopes);
}

void DialectSession::applyOnce(Instant, const DialectRule& rule, const Scope& scope) {
  std::string peer = textAt(rule.peer, scope);
  if (isSelf(peer))
    return;
  if (rule.peer && peer.empty() && rule.means != DialectMeaning::kBack) {
    if (rule.means != DialectMeaning::kJoined)  // nobody may be there
      mishear(Misheard::Why::kNothingThere, rule.peer->text, at(*rule.peer, scope));
    return;
  }
  if (!peer.empty())
    current_peer_ = peer;
  else if (current_peer_.empty() && (isAboutSomebody(rule.means) || aboutDescription(rule)))
    current_peer_ = is_caller_ ? lookUpCallee().value_or(callee_) : kSolePeer;
  peer = current_peer_;
  for (const auto& [name, path] : rule.take) {
    const JsonValue value = at(path, scope);
    if (!value.isPresent())
      continue;
    if (!name.starts_with("peer."))
      keep(name, value);
    else if (Peer* about = peerOf(peer))
      about->variables[name] = value.text();
  }
  for (const auto& [name, value_template] : rule.set)
    if (const auto value = json(value_template)) {
      if (!name.starts_with("peer."))
        keep(name, parsedText(*value));
      else if (Peer* about = peerOf(peer))
        about->variables[name] = *value;
    }
  if (is_registered_ && !(rule.take.empty() && rule.set.empty()))
    publish();
  mean(rule, scope, peer);
  if (aboutDescription(rule))
    hearMedia(rule, scope, peer);
  if (!rule.reply.empty())
    say(rule.reply, "reply", SignalRequest::kSignal, peer, std::nullopt);
}

bool DialectSession::isSelf(const std::string& peer) const {
  if (peer.empty())
    return false;
  if (peer == identity_.user)
    return true;
  const auto is = [&](const std::string& name) {
    const auto known = variables_.find(name);
    return known != variables_.end() && isTextOf(peer, known->second);
  };
  using Make = DialectVariable::Make;
  return is("socket") || is("my_id") ||
         std::any_of(dialect_->variables.begin(), dialect_->variables.end(),
                     [&](const DialectVariable& variable) {
                       return variable.make != Make::kText && variable.make != Make::kGiven &&
                              is(variable.name);
                     });
}

bool DialectSession::sideOf(const Side& side, const Scope& scope, bool otherwise) const {
  if (const auto* said = std::get_if<bool>(&side))
    return *said;
  if (const auto* path = std::get_if<DialectPath>(&side))
    return at(*path, scope).asBool().value_or(otherwise);
  return otherwise;
}

RoomPeer DialectSession::roomPeer(const DialectRule& rule, const Scope& scope,
                                  const std::string& id) const {
  const auto known = peers_.find(id);
  const std::string user = textAt(rule.user, scope);
  std::string page = textAt(rule.page, scope);
  if (page.empty() && !rule.page)  // an app that keeps nobody's place: another id is another page
    page = id + '#' + std::to_string(known == peers_.end() ? 1 : known->second.page);
  RoomPeer peer{id, user.empty() ? userOf(id) : user, std::move(page)};
  if (!std::holds_alternative<std::monostate>(rule.polite))
    peer.polite = !sideOf(rule.polite, scope, false);
  return peer;
}

DialectSession::Peer* DialectSession::peerOf(const std::string& id) {
  const auto found = peers_.find(id);
  if (found != peers_.end())
    return &found->second;
  if (peers_.size() >= kMostPeers) {  // one who only talks at us gives way
    const auto stranger = std::find_if(peers_.begin(), peers_.end(),
                                       [](const auto& one) { return !one.second.is_met; });
    if (stranger == peers_.end())
      return nullptr;
    forgetPeer(std::string(stranger->first));
  }
  return &peers_[id];
}

bool DialectSession::forgetPeer(const std::string& id) {
  const auto found = peers_.find(id);
  if (found == peers_.end())
    return false;
  for (const Body& body : found->second.held)
    held_bytes_ -= bytesOf(body);
  peers_.erase(found);
  return true;
}

bool DialectSession::isMet(const std::string& id) const {
  const auto found = peers_.find(id);
  return found != peers_.end() && found->second.is_met;
}

void DialectSession::meet(const std::string& id, Body news) {
  events_.push_back(std::move(news));
  Peer* peer = peerOf(id);
  if (!peer)
    return;
  peer->is_met = true;
  for (Body& body : std::exchange(peer->held, {})) {
    held_bytes_ -= bytesOf(body);
    events_.push_back(std::move(body));
  }
}

// In a room an offer may be the first that is heard of somebody.
void DialectSession::meetThoseWhoOffered() {
  for (auto& [id, peer] : peers_)
    if (!peer.is_met && peer.offered)
      meet(id, SignalPeerJoined{{id, userOf(id)}});
}

void DialectSession::deliver(const std::string& id, Body body) {
  Peer* peer = peerOf(id);
  if (!peer)
    return;
  if (peer->is_met) {
    events_.push_back(std::move(body));
    return;
  }
  if (peer->held.size() < kMostHeldOfPeer && held_bytes_ + bytesOf(body) <= kMostHeld) {
    held_bytes_ += bytesOf(body);
    peer->held.push_back(std::move(body));
  }
  if (is_joined_)
    meetThoseWhoOffered();
}

// Who was in the room before us: we offer to them, unless the rule says otherwise. Told again, it is a
// list of who is there now.
void DialectSession::joined(const DialectRule& rule, const std::vector<Scope>& scopes) {
  if (const std::string id =
          textAt(rule.id, scopes.empty() ? Scope{&no_arguments_, {}} : scopes[0]);
      !id.empty())
    variables_["my_id"] = quoted(id);
  std::set<std::string> present;
  std::vector<std::pair<std::string, SignalPeerJoined>> others;  // after we are in
  SignalJoined body{plain(parsedText(lookUp("socket", {}, nullptr).value_or("null"))), {}};
  for (const Scope& scope : scopes) {
    const std::string id = textAt(rule.peer, scope);
    if (id.empty() || isSelf(id) || !present.insert(id).second || present.size() > kMostPeers)
      continue;
    const bool offers = sideOf(rule.offers, scope, !is_joined_);
    if (!is_joined_ && offers) {
      if (Peer* peer = peerOf(id))
        peer->is_met = true;
      body.peers.push_back(roomPeer(rule, scope, id));
    } else if (!isMet(id)) {
      others.push_back({id, {roomPeer(rule, scope, id), offers}});
    }
  }
  const bool is_first = !std::exchange(is_joined_, true);
  if (is_first)
    events_.push_back(std::move(body));
  for (auto& [id, news] : others)
    meet(id, std::move(news));
  if (is_first)
    return meetThoseWhoOffered();
  std::vector<std::string> gone;
  for (const auto& [id, peer] : peers_)
    if (peer.is_met && !present.contains(id) && rule.each)
      gone.push_back(id);
  for (const std::string& id : gone) {
    forgetPeer(id);
    events_.push_back(SignalPeerLeft{id});
  }
}

void DialectSession::registered(const DialectRule& rule, const Scope& scope) {
  if (const std::string id = textAt(rule.id, scope); !id.empty())
    variables_["my_id"] = quoted(id);
  tell(SignalRegistered{.key = textAt(rule.key, scope),
                        .resumed = rule.resumed && at(*rule.resumed, scope).asBool() == true,
                        .grace = milliseconds(integerAt(rule.grace_ms, scope)),
                        .id = textAt(rule.id, scope)});
}

void DialectSession::back(const DialectRule& rule, const std::vector<Scope>& scopes) {
  SignalBack body{.place = rule.place, .call = {}, .peers = {}};
  is_joined_ = rule.place == SignalBack::Place::kRoom;
  for (const Scope& scope : scopes) {
    if (current_call_ = textAt(rule.call, scope); body.call.empty())
      body.call = current_call_;
    const std::string id = textAt(rule.peer, scope);
    if (id.empty() || isSelf(id))
      continue;
    if (Peer* peer = peerOf(id))
      peer->is_met = true;
    body.peers.push_back(roomPeer(rule, scope, id));
    body.initiator = sideOf(rule.offers, scope, false);
  }
  is_ringing_ = rule.place == SignalBack::Place::kRinging && !body.initiator;
  events_.push_back(std::move(body));
}

// A call or match, or the stay of somebody in a room: of all, if it does not say of whom.
void DialectSession::over(const DialectRule& rule, const Scope& scope, const std::string& peer) {
  if (is_joined_) {
    const std::string id = textAt(rule.peer, scope);
    std::vector<std::string> gone;
    for (const auto& [known, about] : peers_)
      if (about.is_met && (id.empty() || id == known))
        gone.push_back(known);
    for (const std::string& known : gone) {
      forgetPeer(known);
      events_.push_back(SignalPeerLeft{known});
    }
    return;
  }
  if (peers_.empty() && current_call_.empty())
    return;
  forgetPeers();
  is_ringing_ = false;
  std::string call = textAt(rule.call, scope);
  if (call.empty())
    call = current_call_.empty() ? peer : current_call_;
  current_call_.clear();
  events_.push_back(SignalCallOver{call, textAt(rule.reason, scope)});
}

void DialectSession::refused(const DialectRule& rule, const Scope& scope) {
  std::string said = textAt(rule.reason, scope);
  if (rule.refusal == Refusal::kOther && !said.empty())
    tell(SignalRefused{last_request_, std::move(said), rule.refusal});
  else
    tell(SignalRefused{last_request_, toString(rule.refusal), rule.refusal, std::move(said)});
}

void DialectSession::mean(const DialectRule& rule, const Scope& scope, const std::string& peer) {
  const auto callNamed = [&] {
    std::string call = textAt(rule.call, scope);
    if (call.empty())
      call = current_call_.empty() || !is_caller_ ? peer : current_call_;
    return current_call_ = call;
  };
  switch (rule.means) {
    case DialectMeaning::kNothing:
    case DialectMeaning::kJoined:
    case DialectMeaning::kBack:
      return;
    case DialectMeaning::kRegistered:
      return registered(rule, scope);
    case DialectMeaning::kQueued:
      return tell(SignalQueued{});
    case DialectMeaning::kNoPartner:
      return tell(SignalNoPartner{});
    case DialectMeaning::kRinging:
      return tell(SignalRinging{callNamed()});
    case DialectMeaning::kIncoming:
      is_caller_ = false;
      is_ringing_ = true;
      offers_when_answered_ = sideOf(rule.offers, scope, false);
      return tell(SignalIncoming{callNamed(), roomPeer(rule, scope, peer)});
    case DialectMeaning::kAnswered:
      return tell(SignalAnswered{callNamed(), roomPeer(rule, scope, peer),
                                 sideOf(rule.offers, scope, is_caller_)});
    case DialectMeaning::kMatched:
      is_caller_ = false;
      return meet(peer, SignalMatched{callNamed(), roomPeer(rule, scope, peer),
                                      sideOf(rule.offers, scope, false)});
    case DialectMeaning::kPeerJoined:
      if (isMet(peer))
        return;
      return meet(peer,
                  SignalPeerJoined{roomPeer(rule, scope, peer), sideOf(rule.offers, scope, false)});
    case DialectMeaning::kPeerBack: {
      const std::string was = textAt(rule.was, scope);
      if (!was.empty() && was != peer)
        forgetPeer(was);
      else if (isMet(peer))
        ++peers_[peer].page;
      return meet(peer, SignalPeerBack{roomPeer(rule, scope, peer), was.empty() ? peer : was,
                                       sideOf(rule.offers, scope, false)});
    }
    case DialectMeaning::kPeerLeft:
      if (forgetPeer(peer))
        events_.push_back(SignalPeerLeft{peer});
      return;
    case DialectMeaning::kOver:
      return over(rule, scope, peer);
    case DialectMeaning::kLeft:
      return tell(SignalLeft{});
    case DialectMeaning::kRefused:
      return refused(rule, scope);
  }
}

}  // namespace turnout
