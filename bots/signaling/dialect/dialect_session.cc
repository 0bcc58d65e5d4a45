#include "bots/signaling/dialect/dialect_session.h"

#include "pipelines/base/random.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr int kMostNesting = 4;  // of JSON in strings in JSON
constexpr std::size_t kMostPeers = 256;
constexpr std::uint64_t kNewPage = 1000;  // streams of variables that a refresh makes anew

std::string asJson(std::string_view text) {
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

std::string hex(std::uint64_t number, std::size_t digits) {
  static const char* const kDigits = "0123456789abcdef";
  std::string text(digits, '0');
  for (std::size_t i = digits; i-- > 0; number >>= 4)
    text[i] = kDigits[number & 15];
  return text;
}

std::string uuid(Random& random) {  // version 4, RFC 9562 5.4
  const std::uint64_t high = random.next(), low = random.next();
  std::string text = hex(high, 16) + hex(low, 16);
  text[12] = '4';
  text[16] = "89ab"[low >> 62];
  for (const std::size_t at : {8u, 13u, 18u, 23u})
    text.insert(at, "-");
  return text;
}

std::string made(const DialectVariable& variable, Random& random) {
  switch (variable.make) {
    case DialectVariable::Make::kUuid:
      return asJson(uuid(random));
    case DialectVariable::Make::kNumber:
      return std::to_string(random.below(900'000'000) + 100'000'000);
    case DialectVariable::Make::kToken:
      return asJson(hex(random.next(), 16));
    case DialectVariable::Make::kText:
      break;
  }
  return "null";
}

JsonValue parsed(const std::string& json) {
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
  return a.isPresent() && b.isPresent() && a.text() == b.text();
}

std::string wordFor(DialectRefusal refusal, const std::string& said) {
  switch (refusal) {
    case DialectRefusal::kBusy:
      return "busy";
    case DialectRefusal::kFull:
      return "room_full";
    case DialectRefusal::kAlreadyActive:
    case DialectRefusal::kRenamed:
      return "session_active";
    case DialectRefusal::kNoSuchUser:
      return "no_such_user";
    case DialectRefusal::kNotAllowed:
    case DialectRefusal::kOther:
      break;
  }
  return said.empty() ? "refused by the app" : said;
}

bool usesItem(const DialectTest& test) {
  const auto* path = std::get_if<DialectPath>(&test.subject);
  return path && path->root == DialectPath::Root::kItem;
}

}  // namespace

DialectSession::DialectSession(std::shared_ptr<const Dialect> dialect, Identity identity)
    : dialect_(std::move(dialect)), identity_(std::move(identity)) {
  makeVariables();
}

void DialectSession::makeVariables() {
  variables_ = {{"user", asJson(identity_.user)},
                {"room", asJson(identity_.room)},
                {"pool", asJson(identity_.pool)},
                {"bot", std::to_string(identity_.bot)}};
  std::uint64_t stream = 0;
  for (const DialectVariable& variable : dialect_->variables) {
    ++stream;
    if (variable.make == DialectVariable::Make::kText) {
      const auto value = fill(
          variable.text, [this](const std::string& name) { return lookUp(name, {}, nullptr); });
      if (value)
        variables_[variable.name] = *value;
      continue;
    }
    const bool is_new = variable.on_refresh == DialectVariable::OnRefresh::kNew;
    Random random(identity_.seed,
                  stream + (is_new ? kNewPage * static_cast<std::uint64_t>(identity_.page) : 0));
    variables_[variable.name] = made(variable, random);
  }
}

std::optional<std::string> DialectSession::lookUp(
    const std::string& name, const std::string& peer,
    const std::map<std::string, std::string>* media) const {
  if (media)
    if (const auto found = media->find(name); found != media->end())
      return found->second;
  if (name == "peer" && !peer.empty())
    return asJson(peer);
  if (name.starts_with("peer.")) {
    const auto known = peers_.find(peer);
    if (known == peers_.end())
      return std::nullopt;
    const auto found = known->second.variables.find(name);
    return found == known->second.variables.end() ? std::nullopt : std::optional(found->second);
  }
  const auto found = variables_.find(name);
  return found == variables_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::string> DialectSession::text(const std::string& text_template) const {
  return fillText(text_template,
                  [this](const std::string& name) { return lookUp(name, {}, nullptr); });
}

std::optional<std::string> DialectSession::json(const JsonValue& json_template) const {
  return fill(json_template, [this](const std::string& name) { return lookUp(name, {}, nullptr); });
}

// What was heard.

JsonValue DialectSession::at(const DialectPath& path, const Scope& scope) const {
  JsonValue value;
  if (path.root == DialectPath::Root::kItem)
    value = scope.item;
  else if (path.argument < scope.arguments->size())
    value = (*scope.arguments)[path.argument];
  for (const std::string& step : path.steps) {
    if (value.isArray()) {
      const auto elements = value.elements();
      const bool is_index = step.find_first_not_of("0123456789") == std::string::npos;
      const std::size_t index = is_index && step.size() < 6 ? std::stoul(step) : elements.size();
      value = index < elements.size() ? elements[index] : JsonValue();
    } else {
      value = value.get(step.c_str());
    }
  }
  return value;
}

std::string DialectSession::textAt(const std::optional<DialectPath>& path,
                                   const Scope& scope) const {
  return path ? plain(at(*path, scope)) : "";
}

bool DialectSession::holds(const DialectTest& test, const Scope& scope) const {
  JsonValue value;
  if (const auto* path = std::get_if<DialectPath>(&test.subject))
    value = at(*path, scope);
  else if (const auto json = lookUp(std::get<std::string>(test.subject), current_peer_, nullptr))
    value = parsed(*json);
  const auto isOneOf = [&] {
    return std::any_of(test.values.begin(), test.values.end(), [&](const JsonValue& wanted) {
      const auto json = this->json(wanted);
      return json && isSame(value, parsed(*json));
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

bool DialectSession::applyFirst(Instant now, const std::vector<DialectRule>& rules,
                                const std::string& event, const std::vector<JsonValue>& arguments) {
  for (const DialectRule& rule : rules) {
    const bool is_on = rule.on.empty() ||
                       std::any_of(rule.on.begin(), rule.on.end(), [&](const std::string& name) {
                         return name == "*" || name == event;
                       });
    if (!is_on || !matches(rule, {&arguments, {}}))
      continue;
    apply(now, rule, arguments);
    return true;
  }
  return false;
}

void DialectSession::onConnected(Instant at, const std::string& socket_id) {
  variables_["socket"] = asJson(socket_id);
  heard_.insert("connect");
  events_.push_back(SignalConnected{});
  applyFirst(at, dialect_->rules, "connect", {});
  flush();
}

void DialectSession::onHeard(Instant at, const Heard& heard) {
  heard_.insert(heard.event);
  std::erase_if(deadlines_, [&](const Deadline& deadline) {
    const auto& until = deadline.timeout->until;
    return std::find(until.begin(), until.end(), heard.event) != until.end();
  });
  if (!applyFirst(at, dialect_->rules, heard.event, heard.arguments))
    ++unknown_;
  flush();
}

void DialectSession::onAcknowledged(Instant at, std::uint64_t ack,
                                    const std::vector<JsonValue>& arguments) {
  const auto asked = asked_.extract(ack);
  if (asked.empty())
    return;
  const auto& [message, peer] = asked.mapped();
  heard_.insert("ack:" + message->event);
  if (!peer.empty())
    current_peer_ = peer;
  applyFirst(at, message->ack_rules, {}, arguments);
  flush();
}

void DialectSession::onTime(Instant at) {
  std::vector<const DialectTimeout*> over;
  std::erase_if(deadlines_, [&](const Deadline& deadline) {
    if (deadline.at > at)
      return false;
    over.push_back(deadline.timeout);
    return true;
  });
  for (const DialectTimeout* timeout : over)
    apply(at, timeout->then, std::vector<JsonValue>{});
  flush();
}

std::optional<Instant> DialectSession::due() const {
  std::optional<Instant> first;
  for (const Deadline& deadline : deadlines_)
    if (!first || deadline.at < *first)
      first = deadline.at;
  return first;
}

// What it means.

void DialectSession::apply(Instant now, const DialectRule& rule,
                           const std::vector<JsonValue>& arguments) {
  if (!rule.each) {
    applyOnce(now, rule, {&arguments, {}});
    if (rule.means == DialectMeaning::kJoined)
      joined(rule, {});
    return;
  }
  const JsonValue list = at(*rule.each, {&arguments, {}});
  std::vector<Scope> scopes;
  for (const JsonValue& element : list.elements())
    scopes.push_back({&arguments, element});
  if (list.isObject())
    for (const std::string& key : list.keys())
      scopes.push_back({&arguments, parsed(JsonWriter()
                                               .beginObject()
                                               .field("key", key)
                                               .key("value")
                                               .raw(list.get(key.c_str()).text())
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
}

void DialectSession::applyOnce(Instant, const DialectRule& rule, const Scope& scope) {
  std::string peer = textAt(rule.peer, scope);
  if (isSelf(peer))
    return;
  if (rule.peer && peer.empty())
    return;  // it is about somebody, and does not say whom
  if (!peer.empty())
    current_peer_ = peer;
  peer = current_peer_;
  for (const auto& [name, path] : rule.take) {
    const JsonValue value = at(path, scope);
    if (!value.isPresent())
      continue;
    if (!name.starts_with("peer."))
      variables_[name] = value.text();
    else if (!peer.empty() && (peers_.contains(peer) || peers_.size() < kMostPeers))
      peers_[peer].variables[name] = value.text();
  }
  if (rule.means != DialectMeaning::kJoined)
    mean(rule, scope, peer);
  if (rule.description)
    hearDescription(peer, at(*rule.description, scope), rule.description_type, 0);
  if (rule.candidate)
    hearCandidate(peer, at(*rule.candidate, scope), 0);
  if (rule.signal)
    hearSignal(peer, at(*rule.signal, scope), 0);
  if (!rule.reply.empty())
    say(rule.reply, "reply", peer, std::nullopt);
}

bool DialectSession::isSelf(const std::string& peer) const {
  if (peer.empty())
    return false;
  const auto socket = variables_.find("socket");
  return asJson(peer) == asJson(identity_.user) ||
         (socket != variables_.end() && socket->second == asJson(peer));
}

bool DialectSession::weOffer(const DialectRule& rule, const Scope& scope, bool otherwise) const {
  if (const auto* said = std::get_if<bool>(&rule.offers))
    return *said;
  if (const auto* path = std::get_if<DialectPath>(&rule.offers))
    return at(*path, scope).asBool().value_or(otherwise);
  return otherwise;
}

// Who was in the room before us: we offer to them, unless the rule says otherwise.
void DialectSession::joined(const DialectRule& rule, const std::vector<Scope>& scopes) {
  if (is_joined_)
    return;
  is_joined_ = true;
  SignalJoined body{plain(parsed(lookUp("socket", {}, nullptr).value_or("null"))), {}};
  std::vector<RoomPeer> waiting;  // who will offer to us
  for (const Scope& scope : scopes) {
    const std::string id = textAt(rule.peer, scope);
    if (id.empty() || peers_.size() >= kMostPeers)
      continue;
    peers_.try_emplace(id);
    (weOffer(rule, scope, true) ? body.peers : waiting).push_back({id, id});
  }
  events_.push_back(std::move(body));
  for (RoomPeer& peer : waiting)
    events_.push_back(SignalPeerJoined{std::move(peer)});
}

void DialectSession::mean(const DialectRule& rule, const Scope& scope, const std::string& peer) {
  const bool is_known = !peer.empty() && peers_.contains(peer);
  const auto meet = [&] {
    if (!peer.empty() && peers_.size() < kMostPeers)
      peers_.try_emplace(peer);
  };
  std::string call = textAt(rule.call, scope);
  if (call.empty())
    call = peer;
  switch (rule.means) {
    case DialectMeaning::kNothing:
    case DialectMeaning::kJoined:
      return;
    case DialectMeaning::kRegistered:
      events_.push_back(SignalRegistered{});
      return;
    case DialectMeaning::kQueued:
      events_.push_back(SignalQueued{});
      return;
    case DialectMeaning::kRinging:
      events_.push_back(SignalRinging{call});
      return;
    case DialectMeaning::kIncoming:
      meet();
      incoming_call_ = call;
      is_caller_ = false;
      events_.push_back(SignalIncoming{call, {peer, peer}});
      return;
    case DialectMeaning::kAnswered:
      meet();
      events_.push_back(SignalAnswered{call, {peer, peer}, weOffer(rule, scope, is_caller_)});
      return;
    case DialectMeaning::kMatched:
      meet();
      events_.push_back(SignalMatched{call, {peer, peer}, weOffer(rule, scope, false)});
      return;
    case DialectMeaning::kPeerJoined:
      if (is_known)
        return;
      meet();
      events_.push_back(SignalPeerJoined{{peer, peer}});
      return;
    case DialectMeaning::kPeerBack:
      meet();
      events_.push_back(SignalPeerBack{{peer, peer}, peer});
      return;
    case DialectMeaning::kPeerLeft:
      if (peers_.erase(peer) == 0)
        return;
      events_.push_back(SignalPeerLeft{peer});
      return;
    case DialectMeaning::kOver:
      if (peers_.empty() && incoming_call_.empty())
        return;
      peers_.clear();
      incoming_call_.clear();
      events_.push_back(SignalCallOver{call, textAt(rule.reason, scope)});
      return;
    case DialectMeaning::kRefused:
      events_.push_back(
          SignalRefused{last_request_, wordFor(rule.refusal, textAt(rule.reason, scope))});
      return;
  }
}

// Descriptions as apps write them: an object, bare SDP, JSON in a string, simple-peer's signal.
void DialectSession::hearDescription(const std::string& peer, const JsonValue& value,
                                     const std::string& type, int depth) {
  if (depth > kMostNesting || peer.empty())
    return;
  if (const auto text = value.asString()) {
    if (text->starts_with("{"))
      return hearDescription(peer, parsed(*text), type, depth + 1);
    if (!text->starts_with("v=0"))
      return;
    Peer& about = peers_[peer];
    const std::string said = !type.empty() ? type : about.we_offered ? "answer" : "offer";
    about.described = true;
    events_.push_back(SignalDescription{peer, 0, said, *text});
    return;
  }
  const auto sdp = value.get("sdp").asString();
  if (!sdp)
    return hearDescription(peer, value.get("sdp"), type, depth + 1);
  const std::string said = value.stringOr("type", type);
  if (said != "offer" && said != "answer")
    return hearDescription(peer, value.get("sdp"), type, depth + 1);
  peers_[peer].described = true;
  events_.push_back(SignalDescription{peer, 0, said, *sdp});
}

// Candidates: split fields, flat, nested, JSON in a string; null or "" is the end of them.
void DialectSession::hearCandidate(const std::string& peer, const JsonValue& value, int depth) {
  if (depth > kMostNesting || peer.empty())
    return;
  SignalCandidate body{peer, 0, 0, ""};
  if (const auto text = value.asString()) {
    if (text->starts_with("{"))
      return hearCandidate(peer, parsed(*text), depth + 1);
    body.candidate = *text;
  } else if (value.isObject()) {
    const JsonValue inner = value.get("candidate");
    if (inner.isObject())
      return hearCandidate(peer, inner, depth + 1);
    body.candidate = inner.asString().value_or("");
    for (const char* key : {"sdpMLineIndex", "label", "id"})
      if (const auto mline = value.get(key).asInteger(); mline && *mline >= 0 && *mline < 0x10000) {
        body.mline = static_cast<unsigned>(*mline);
        break;
      }
  } else if (value.isPresent() && !value.isNull()) {
    return;
  }
  events_.push_back(std::move(body));
}

void DialectSession::hearSignal(const std::string& peer, const JsonValue& value, int depth) {
  if (depth > kMostNesting)
    return;
  if (const auto text = value.asString()) {
    if (text->starts_with("{"))
      return hearSignal(peer, parsed(*text), depth + 1);
    return text->starts_with("v=0") ? hearDescription(peer, value, "", depth)
                                    : hearCandidate(peer, value, depth);
  }
  if (value.get("sdp").isPresent())
    return hearDescription(peer, value, "", depth);
  if (value.isNull() || value.get("candidate").isPresent())
    return hearCandidate(peer, value, depth);
}

// What the bot wants.

void DialectSession::request(Instant at, SignalRequest request, const std::string& text) {
  last_request_ = request;
  if (request == SignalRequest::kCall) {
    is_caller_ = true;
    variables_["callee"] = asJson(text);
    variables_["call"] = asJson(text);
  } else if (request == SignalRequest::kAnswer || request == SignalRequest::kHangUp) {
    variables_["call"] = asJson(text);
  } else if (request == SignalRequest::kFindPartner || request == SignalRequest::kNextPartner) {
    peers_.clear();
    current_peer_.clear();
  } else if (request == SignalRequest::kJoin) {
    is_joined_ = false;
  }
  const auto* step = dialect_->step(toString(request));
  const bool is_next = request == SignalRequest::kNextPartner && !step;
  if (is_next)  // as a person would: leave, and look again
    for (const char* word : {"leave", "find-partner"})
      if (const auto* part = dialect_->step(word))
        say(*part, word, current_peer_, std::nullopt);
  auto implied = impliedBy(request, text);
  static const std::vector<DialectMessage> nothing;
  say(step ? *step : nothing, toString(request), current_peer_, std::move(implied));
  startTimeouts(at, toString(request));
  flush();
}

// What is so as soon as it was said, in an app that does not answer.
std::optional<DialectSession::Body> DialectSession::impliedBy(SignalRequest request,
                                                              const std::string& text) {
  const auto unless = [this](DialectMeaning meaning, Body body) -> std::optional<Body> {
    if (dialect_->hasMeaning(meaning))
      return std::nullopt;
    return body;
  };
  switch (request) {
    case SignalRequest::kRegister:
      return unless(DialectMeaning::kRegistered, SignalRegistered{});
    case SignalRequest::kJoin:
      if (dialect_->hasMeaning(DialectMeaning::kJoined))
        return std::nullopt;
      is_joined_ = true;
      return SignalJoined{};
    case SignalRequest::kCall:
      return unless(DialectMeaning::kRinging, SignalRinging{text});
    case SignalRequest::kAnswer:
      if (incoming_call_.empty())
        return std::nullopt;
      return SignalAnswered{incoming_call_, {current_peer_, current_peer_}, false};
    case SignalRequest::kFindPartner:
    case SignalRequest::kNextPartner:
      return unless(DialectMeaning::kQueued, SignalQueued{});
    case SignalRequest::kHangUp:
    case SignalRequest::kLeave:
      return SignalLeft{};
    case SignalRequest::kConnect:
    case SignalRequest::kSignal:
      return std::nullopt;
  }
  return std::nullopt;
}

void DialectSession::startTimeouts(Instant at, const std::string& step) {
  for (const DialectTimeout& timeout : dialect_->timeouts)
    if (timeout.step == step)
      deadlines_.push_back({at + timeout.within, &timeout});
}

void DialectSession::describe(Instant, const std::string& peer, const std::string& type,
                              const std::string& sdp) {
  const auto found = dialect_->send.find(type);
  if (found == dialect_->send.end())
    return;
  if (type == "offer" && (peers_.contains(peer) || peers_.size() < kMostPeers))
    peers_[peer].we_offered = true;
  const std::string description =
      JsonWriter().beginObject().field("type", type).field("sdp", sdp).endObject().take();
  wait({.message = &found->second,
        .what = type,
        .peer = peer,
        .media = {{"description", description}, {"sdp", asJson(sdp)}, {"type", asJson(type)}},
        .then = {}});
  flush();
}

void DialectSession::sendCandidate(Instant, const std::string& peer, unsigned mline,
                                   const std::string& mid, const std::string& candidate) {
  const bool is_end = candidate.empty();
  const auto found = dialect_->send.find(is_end ? "end-of-candidates" : "candidate");
  if (found == dialect_->send.end())
    return;
  JsonWriter json;
  json.beginObject()
      .field("candidate", candidate)
      .field("sdpMid", mid)
      .field("sdpMLineIndex", static_cast<std::int64_t>(mline))
      .endObject();
  wait({.message = &found->second,
        .what = "candidate",
        .peer = peer,
        .media = {{"candidate", json.take()},
                  {"candidate.text", asJson(candidate)},
                  {"candidate.mid", asJson(mid)},
                  {"candidate.mline", std::to_string(mline)}},
        .for_described_peer = dialect_->candidates_wait_for_answer,
        .then = {}});
  flush();
}

// What goes out.

void DialectSession::say(const std::vector<DialectMessage>& messages, const std::string& what,
                         const std::string& peer, std::optional<Body> then) {
  for (const DialectMessage& message : messages)
    wait({.message = &message,
          .what = what,
          .peer = peer,
          .media = {},
          .then = &message == &messages.back() ? std::exchange(then, std::nullopt) : std::nullopt});
  if (then)
    events_.push_back(*std::move(then));
}

void DialectSession::wait(Waiting waiting) {
  if (waiting_.size() == kMostWaiting) {
    waiting_.pop_front();
    ++dropped_;
  }
  waiting_.push_back(std::move(waiting));
}

// In order; one that cannot go yet does not hold up those after it.
void DialectSession::flush() {
  std::deque<Waiting> waiting = std::exchange(waiting_, {});
  for (Waiting& one : waiting)
    if (!goesOut(one))
      waiting_.push_back(std::move(one));
}

bool DialectSession::goesOut(Waiting& waiting) {
  const DialectMessage& message = *waiting.message;
  if (!message.after.empty() && !heard_.contains(message.after))
    return false;
  if (waiting.for_described_peer) {
    const auto peer = peers_.find(waiting.peer);
    if (peer == peers_.end() || !peer->second.described)
      return false;
  }
  const auto lookup = [&](const std::string& name) {
    return lookUp(name, waiting.peer, &waiting.media);
  };
  const auto event = fillText(message.event, lookup);
  if (!event)
    return false;
  Emit emit{*event, {}, 0};
  for (const JsonValue& argument : message.arguments) {
    auto filled = fill(argument, lookup);
    if (!filled)
      return false;
    emit.arguments.push_back(*std::move(filled));
  }
  if (message.wants_ack) {
    emit.ack = next_ack_++;
    asked_[emit.ack] = {&message, waiting.peer};
  }
  emits_.push_back(std::move(emit));
  if (waiting.then)
    events_.push_back(*std::move(waiting.then));
  return true;
}

std::vector<std::string> DialectSession::stuck() const {
  std::vector<std::string> lines;
  for (const Waiting& waiting : waiting_) {
    std::string line = waiting.what + ":";
    const std::size_t bare = line.size();
    if (!waiting.message->after.empty() && !heard_.contains(waiting.message->after))
      line += " after " + waiting.message->after;
    std::set<std::string> names = variablesInText(waiting.message->event);
    for (const JsonValue& argument : waiting.message->arguments)
      names.merge(variablesIn(argument));
    for (const std::string& name : names)
      if (!lookUp(name, waiting.peer, &waiting.media))
        line += " ${" + name + "}";
    if (line.size() == bare)
      line += " a description of the peer";
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace turnout
