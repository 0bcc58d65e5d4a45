#include "bots/signaling/dialect/dialect_session.h"

#include "pipelines/base/random.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr std::size_t kMostAsked = 512;   // acknowledgements that are awaited
constexpr Duration kLookAgain = 20ms;     // for the address of whom we call
constexpr Duration kCalleeMayTake = 2s;   // to be in; then it is dialled by its name
constexpr std::uint64_t kNewPage = 1000;  // streams of variables that a refresh makes anew

std::string asJson(std::string_view text) {
  return JsonWriter().string(text).take();
}

JsonValue parsed(const std::string& json) {
  auto value = JsonValue::parse(json);
  return value.hasValue() ? *value : JsonValue();
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

std::string made(DialectVariable::Make make, Random& random) {
  switch (make) {
    case DialectVariable::Make::kUuid:
      return asJson(uuid(random));
    case DialectVariable::Make::kNumber:
      return std::to_string(random.below(900'000'000) + 100'000'000);
    case DialectVariable::Make::kToken:
      return asJson(hex(random.next(), 16));
    case DialectVariable::Make::kText:
    case DialectVariable::Make::kGiven:
      break;
  }
  return "null";
}

bool entersSomething(SignalRequest request) {
  return request == SignalRequest::kJoin || request == SignalRequest::kCall ||
         request == SignalRequest::kFindPartner || request == SignalRequest::kNextPartner;
}

// A description with all candidates in it: each at the end of its section (RFC 8839, 5.1).
std::string completeSdp(const std::string& sdp,
                        const std::vector<std::pair<unsigned, std::string>>& candidates) {
  std::string complete;
  int section = -1;
  const auto finishSection = [&] {
    for (const auto& [mline, candidate] : candidates)
      if (static_cast<int>(mline) == section)
        complete += "a=" + candidate + "\r\n";
    if (section >= 0)
      complete += "a=end-of-candidates\r\n";
  };
  for (std::size_t from = 0; from < sdp.size();) {
    const std::size_t end = std::min(sdp.find('\n', from), sdp.size() - 1) + 1;
    if (sdp.compare(from, 2, "m=") == 0) {
      finishSection();
      section++;
    }
    complete.append(sdp, from, end - from);
    from = end;
  }
  finishSection();
  return complete;
}

}  // namespace

DialectSession::DialectSession(std::shared_ptr<const Dialect> dialect, Identity identity)
    : dialect_(std::move(dialect)), identity_(std::move(identity)) {
  for (const std::string& gate : dialect_->gates)
    heard_.try_emplace(gate, 0);
  makeVariables();
}

// Variables.

void DialectSession::makeVariables() {
  variables_ = {{"user", asJson(identity_.user)},
                {"room", asJson(identity_.room)},
                {"pool", asJson(identity_.pool)},
                {"bot", std::to_string(identity_.bot)},
                {"page", asJson(std::to_string(identity_.page))},
                {"key", asJson("")}};
  std::uint64_t stream = 0;
  for (const DialectVariable& variable : dialect_->variables) {
    ++stream;
    if (variable.make == DialectVariable::Make::kGiven) {
      if (const auto given = identity_.given.find(variable.name); given != identity_.given.end())
        variables_[variable.name] = asJson(given->second.reveal());
      else if (variable.text.isPresent())
        variables_[variable.name] = json(variable.text).value_or("null");
      continue;
    }
    if (variable.make == DialectVariable::Make::kText) {
      if (const auto value = json(variable.text))
        variables_[variable.name] = *value;
      continue;
    }
    const bool is_new = variable.on_refresh == DialectVariable::OnRefresh::kNew;
    Random random(identity_.seed,
                  stream + (is_new ? kNewPage * static_cast<std::uint64_t>(identity_.page) : 0));
    variables_[variable.name] = made(variable.make, random);
  }
  if (identity_.kept)
    for (const auto& [name, value] : *identity_.kept)
      variables_[name] = value;
}

// What a declared variable takes over survives a refresh where it is kept: a page has storage.
void DialectSession::keep(const std::string& name, const JsonValue& value) {
  variables_[name] = value.text();
  if (!identity_.kept)
    return;
  for (const DialectVariable& variable : dialect_->variables)
    if (variable.name == name && variable.on_refresh == DialectVariable::OnRefresh::kKeep)
      (*identity_.kept)[name] = value.text();
}

void DialectSession::take(const std::vector<std::pair<std::string, DialectPath>>& takes,
                          const JsonValue& answer) {
  const std::vector<JsonValue> arguments{answer};
  for (const auto& [name, path] : takes)
    if (const JsonValue value = at(path, {&arguments, {}}); value.isPresent())
      keep(name, value);
}

void DialectSession::publish() {
  if (!identity_.directory)
    return;
  auto& [names, addresses] = *identity_.directory;
  auto& users = names;
  const auto callUs = [&](const std::string& json) {
    const JsonValue value = parsed(json);
    if (const std::string name = value.asString().value_or(value.isNumber() ? value.text() : "");
        !name.empty())
      users[name] = identity_.user;
  };
  if (const auto socket = variables_.find("socket"); socket != variables_.end())
    callUs(socket->second);
  for (const DialectVariable& variable : dialect_->variables)
    if (const auto value = variables_.find(variable.name);
        value != variables_.end() && variable.make != DialectVariable::Make::kGiven)
      callUs(value->second);
  if (const auto address = text(dialect_->address)) {
    addresses[identity_.user] = *address;
    users[*address] = identity_.user;
  }
}

const std::string& DialectSession::userOf(const std::string& id) const {
  if (!identity_.directory)
    return id;
  const auto found = identity_.directory->users.find(id);
  return found == identity_.directory->users.end() ? id : found->second;
}

std::optional<std::string> DialectSession::lookUpCallee() const {
  if (callee_.empty())
    return std::nullopt;
  if (!identity_.directory)
    return callee_;
  const auto& addresses = identity_.directory->addresses;
  if (const auto found = addresses.find(callee_); found != addresses.end())
    return found->second;
  return callee_by_ ? std::nullopt : std::optional(callee_);
}

std::optional<std::string> DialectSession::lookUp(const std::string& name, const std::string& peer,
                                                  const Media* media) const {
  if (media)
    for (const auto& [key, value] : *media)
      if (key == name)
        return value;
  if (name == "peer" && !peer.empty())
    return asJson(peer);
  if (name == "callee") {
    const auto callee = lookUpCallee();
    return callee ? std::optional(asJson(*callee)) : std::nullopt;
  }
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
                  [this](const std::string& name) { return lookUp(name, current_peer_, nullptr); });
}

std::optional<std::string> DialectSession::json(const JsonValue& json_template) const {
  return fill(json_template,
              [this](const std::string& name) { return lookUp(name, current_peer_, nullptr); });
}

// What the bot wants.

void DialectSession::request(Instant at, SignalRequest request, const std::string& text) {
  last_request_ = request;
  if (request == SignalRequest::kCall) {
    is_caller_ = true;
    callee_ = text;
    current_call_ = text;
    current_peer_.clear();
    if (identity_.directory)
      callee_by_ = at + kCalleeMayTake;
  } else if (request == SignalRequest::kFindPartner || request == SignalRequest::kNextPartner) {
    forgetPeers();
    current_peer_.clear();
  } else if (request == SignalRequest::kJoin) {
    is_joined_ = false;
  }
  if (request == SignalRequest::kAnswer || request == SignalRequest::kHangUp ||
      request == SignalRequest::kCall)
    variables_["call"] = asJson(text);
  if (entersSomething(request))
    heard_before_entry_ = things_heard_;
  const char* word = toString(request);
  const auto* step = dialect_->step(word);
  if (request == SignalRequest::kHangUp && !step)  // one word for both, in most apps
    step = dialect_->step("leave");
  if (request == SignalRequest::kNextPartner && !step)  // as a person would: leave, and look again
    for (const char* part : {"leave", "find-partner"})
      if (const auto* messages = dialect_->step(part))
        say(*messages, part, request, current_peer_, std::nullopt);
  static const std::vector<DialectMessage> nothing;
  if (request == SignalRequest::kCall && !step)  // the offer itself rings
    wait({.what = word, .request = request, .peer = {}, .media = {}, .then = {}});
  else
    say(step ? *step : nothing, word, request, current_peer_, impliedBy(request, text));
  if (request == SignalRequest::kLeave || request == SignalRequest::kHangUp) {
    deadlines_.clear();
    flush();
    forgetPeers();
    current_peer_.clear();
    current_call_.clear();
    is_joined_ = is_ringing_ = is_caller_ = false;
  }
  startTimeouts(at, word);
  flush();
  look_again_ = callee_by_ ? std::optional(at + kLookAgain) : std::nullopt;
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
      return unless(DialectMeaning::kJoined, SignalJoined{});
    case SignalRequest::kCall:
      return unless(DialectMeaning::kRinging, SignalRinging{text});
    case SignalRequest::kAnswer:
      if (!is_ringing_)
        return std::nullopt;
      return SignalAnswered{
          current_call_, {current_peer_, userOf(current_peer_)}, offers_when_answered_};
    case SignalRequest::kFindPartner:
    case SignalRequest::kNextPartner:
      return unless(DialectMeaning::kQueued, SignalQueued{});
    case SignalRequest::kHangUp:
    case SignalRequest::kLeave:
      return unless(DialectMeaning::kLeft, SignalLeft{});
    case SignalRequest::kConnect:
    case SignalRequest::kSignal:
      return std::nullopt;
  }
  return std::nullopt;
}

void DialectSession::startTimeouts(Instant at, const std::string& step) {
  for (const DialectTimeout& timeout : dialect_->timeouts)
    if (timeout.step == step) {
      std::erase_if(deadlines_, [&](const Deadline& old) { return old.timeout == &timeout; });
      deadlines_.push_back({at + timeout.within, &timeout});
    }
}

void DialectSession::describe(Instant, const std::string& peer, int number, const std::string& type,
                              const std::string& sdp) {
  if (Peer* about = peerOf(peer)) {
    about->number = std::max(about->number, number);
    about->we_offered = about->we_offered || type == "offer";
    if (!dialect_->trickles) {  // until all candidates are there
      about->type = type;
      about->sdp = sdp;
      about->candidates.clear();
      return;
    }
  }
  sendDescription(peer, number, type, sdp);
}

void DialectSession::sendDescription(const std::string& peer, int number, const std::string& type,
                                     const std::string& sdp) {
  sendMedia(type.c_str(), peer, number,
            {{"description",
              JsonWriter().beginObject().field("type", type).field("sdp", sdp).endObject().take()},
             {"sdp", asJson(sdp)},
             {"type", asJson(type)}},
            false);
}

void DialectSession::sendCandidate(Instant, const std::string& peer, int number, unsigned mline,
                                   const std::string& mid, const std::string& candidate) {
  const bool is_end = candidate.empty();
  if (!dialect_->trickles) {
    Peer* about = peerOf(peer);
    if (!about || about->type.empty())
      return;
    if (!is_end) {
      about->candidates.emplace_back(mline, candidate);
      return;
    }
    const std::string type = std::exchange(about->type, "");
    return sendDescription(peer, number, type, completeSdp(about->sdp, about->candidates));
  }
  JsonWriter json;
  json.beginObject()
      .field("candidate", candidate)
      .field("sdpMid", mid)
      .field("sdpMLineIndex", static_cast<std::int64_t>(mline))
      .endObject();
  sendMedia(is_end ? "end-of-candidates" : "candidate", peer, number,
            {{"candidate", json.take()},
             {"candidate.text", asJson(candidate)},
             {"candidate.mid", asJson(mid)},
             {"candidate.mline", std::to_string(mline)}},
            dialect_->candidates_wait_for_answer);
}

void DialectSession::sendPing(Instant, const std::string& peer, bool is_answer, std::int64_t number,
                              const std::string& padding) {
  sendMedia(is_answer ? "pong" : "ping", peer, 0,
            {{"number", std::to_string(number)}, {"padding", asJson(padding)}}, false);
}

// What goes out.

void DialectSession::sendMedia(const char* word, const std::string& peer, int number, Media media,
                               bool for_described_peer) {
  const auto found = dialect_->send.find(std::string_view(word));
  if (found == dialect_->send.end())
    return;
  media.emplace_back("connection", std::to_string(number));
  wait({.message = &found->second,
        .what = found->first.c_str(),
        .request = SignalRequest::kSignal,
        .peer = peer,
        .media = std::move(media),
        .not_before = heard_before_entry_,
        .for_described_peer = for_described_peer,
        .then = {}});
  flush();
}

void DialectSession::say(const std::vector<DialectMessage>& messages, const char* what,
                         SignalRequest request, const std::string& peer, std::optional<Body> then) {
  std::vector<const DialectMessage*> wanted;
  for (const DialectMessage& message : messages)
    if (std::all_of(message.when.begin(), message.when.end(), [&](const DialectTest& test) {
          return holds(test, {&no_arguments_, {}});
        }))
      wanted.push_back(&message);
  for (const DialectMessage* message : wanted)
    wait({.message = message,
          .what = what,
          .request = request,
          .peer = peer,
          .media = {},
          .then = message == wanted.back() ? std::exchange(then, std::nullopt) : std::nullopt});
  if (then)
    tell(*std::move(then));
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
  if (waiting_.empty())
    return;
  std::deque<Waiting> waiting = std::exchange(waiting_, {});
  for (Waiting& one : waiting)
    if (!goesOut(one))
      waiting_.push_back(std::move(one));
}

bool DialectSession::isHeard(const std::string& event, std::uint64_t not_before) const {
  const auto heard = heard_.find(event);
  return heard != heard_.end() && heard->second > not_before;
}

// The call that begins with our offer: there is nothing to say but that.
bool DialectSession::offersAsCall() {
  const auto callee = lookUpCallee();
  if (!callee)
    return false;
  callee_by_.reset();
  current_peer_ = *callee;
  meet(*callee, SignalAnswered{current_call_, {*callee, userOf(*callee)}, true});
  return true;
}

bool DialectSession::goesOut(Waiting& waiting) {
  if (!waiting.message)
    return offersAsCall();
  const DialectMessage& message = *waiting.message;
  if (message.is_beside && !is_beside_up_)
    return false;
  if (!message.after.empty() && !isHeard(message.after, waiting.not_before))
    return false;
  if (waiting.for_described_peer) {
    const auto peer = peers_.find(waiting.peer);
    if (peer == peers_.end() || !peer->second.described)
      return false;
  }
  const auto lookup = [&](const std::string& name) {
    return lookUp(name, waiting.peer, &waiting.media);
  };
  auto event = message.event.filled(lookup);
  if (!event)
    return false;
  Emit emit{*std::move(event), {}, 0, message.is_beside};
  for (const Template& argument : message.arguments) {
    auto filled = argument.filled(lookup);
    if (!filled)
      return false;
    emit.arguments.push_back(*std::move(filled));
  }
  if (message.wants_ack) {
    emit.ack = next_ack_++;
    if (asked_.size() == kMostAsked)
      asked_.erase(asked_.begin());
    asked_[emit.ack] = {&message, waiting.request, waiting.peer};
  }
  emits_.push_back(std::move(emit));
  if (waiting.request == SignalRequest::kCall && is_caller_) {
    current_peer_ = lookUpCallee().value_or(callee_);
    callee_by_.reset();
  }
  if (waiting.then)
    tell(*std::move(waiting.then));
  return true;
}

// With what follows from it, for us.
void DialectSession::tell(Body body) {
  if (std::holds_alternative<SignalRegistered>(body)) {
    is_registered_ = true;
    publish();
  } else if (const auto* answered = std::get_if<SignalAnswered>(&body)) {
    is_ringing_ = false;
    const std::string id = answered->peer.id;
    return meet(id, std::move(body));
  } else if (std::holds_alternative<SignalJoined>(body)) {
    is_joined_ = true;
    events_.push_back(std::move(body));
    return meetThoseWhoOffered();
  }
  events_.push_back(std::move(body));
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
  if (beat_at_ && *beat_at_ <= at) {
    beat_at_ = at + dialect_->heartbeat->every;
    say(dialect_->heartbeat->say, "heartbeat", SignalRequest::kSignal, current_peer_, std::nullopt);
  }
  if (callee_by_ && *callee_by_ <= at)
    callee_by_.reset();
  flush();
  look_again_ = callee_by_ ? std::optional(at + kLookAgain) : std::nullopt;
}

std::optional<Instant> DialectSession::due() const {
  std::optional<Instant> first = look_again_;
  const auto consider = [&](Instant at) {
    if (!first || at < *first)
      first = at;
  };
  for (const Deadline& deadline : deadlines_)
    consider(deadline.at);
  if (beat_at_)
    consider(*beat_at_);
  return first;
}

std::vector<std::string> DialectSession::stuck() const {
  std::vector<std::string> lines;
  for (const Waiting& waiting : waiting_) {
    std::string line = std::string(waiting.what) + ":";
    const std::size_t bare = line.size();
    std::set<std::string> names;
    if (waiting.message) {
      if (waiting.message->is_beside && !is_beside_up_)
        line += " the second connection";
      if (!waiting.message->after.empty() && !isHeard(waiting.message->after, waiting.not_before))
        line += " after " + waiting.message->after;
      names = waiting.message->event.variables();
      for (const Template& argument : waiting.message->arguments)
        names.merge(argument.variables());
    } else {
      names.insert("callee");
    }
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
