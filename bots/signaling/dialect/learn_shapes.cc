#include "bots/signaling/dialect/learn_shapes.h"

#include <algorithm>
#include <cctype>
#include <set>

namespace turnout {
namespace {

constexpr std::size_t kMostLeaves = 2000;
constexpr int kMostStrings = 4;  // JSON in strings in JSON

struct WordRow {
  std::string_view meaning;
  std::vector<std::string_view> parts;
};
using WordRows = std::vector<WordRow>;

// What a page wants, by the names of what it sends.
const WordRows& wordsOfSteps() {
  static const WordRows rows{
      {"repeat", {"ping", "heartbeat", "alive", "keepalive"}},
      {"next-partner", {"next", "skip"}},
      {"leave", {"leave", "exit", "quit", "disconnect", "stop", "left"}},
      {"hang-up", {"hangup", "endcall", "callend", "bye", "close", "end"}},
      {"none", {"reject", "decline", "cancel", "mute", "chat", "message", "typing"}},
      {"answer", {"accept", "answer", "pickup"}},
      {"call", {"call", "dial", "ring", "invite"}},
      {"find-partner", {"find", "search", "random", "queue", "match", "seek", "lookingfor"}},
      {"register",
       {"register", "login", "auth", "hello", "identify", "signin", "setname", "newuser"}},
      {"join", {"join", "enter", "create", "room", "broadcaster", "watcher", "ready", "start"}}};
  return rows;
}

// What an app says, the same way.
const WordRows& wordsOfHeard() {
  static const WordRows rows{
      {"answered", {"accepted", "callaccept", "answered", "pickedup"}},
      {"full", {"full"}},
      {"busy", {"busy"}},
      {"already-active", {"taken", "exists", "already", "duplicate"}},
      {"no-such-user", {"notfound", "unavailable", "offline", "nouser"}},
      {"not-allowed", {"denied", "unauthorized", "forbidden", "invalid"}},
      {"refused", {"error", "fail", "refused"}},
      {"over",
       {"reject", "declined", "ended", "callend", "hangup", "partnerleft", "partnerdisconnected"}},
      {"peer-left", {"left", "leave", "disconnect", "gone", "bye", "removed", "remove"}},
      {"matched", {"matched", "match", "paired", "partnerfound", "found", "chatstart"}},
      {"queued", {"waiting", "queued", "searching", "wait", "queue"}},
      {"ringing", {"ringing"}},
      {"incoming", {"incoming", "callmade", "calluser", "usercalling", "call", "ring"}},
      {"peer-joined",
       {"userjoined", "userconnected", "peerjoined", "peerconnected", "memberjoined",
        "participantjoined", "newuser", "newpeer", "newmember", "otherjoined", "arrived",
        "connected"}},
      {"registered", {"registered", "login", "authenticated", "loggedin", "open", "registration"}},
      {"joined",
       {"joined", "created", "users", "members", "peers", "participants", "welcome", "room",
        "join"}}};
  return rows;
}

const WordRows& wordsOfValues() {
  static const WordRows rows{
      {"secret",
       {"password", "secret", "token", "jwt", "auth", "credential", "apikey", "session", "cookie"}},
      {"room", {"room", "channel", "meeting", "conference", "lobby", "space"}},
      {"callee", {"callee", "usertocall", "target", "recipient", "dst", "dest"}},
      {"user", {"user", "name", "nick", "caller", "from", "sender", "email"}}};
  return rows;
}

const WordRows& wordsOfTargets() {
  static const WordRows rows{
      {"target",
       {"target", "usertosignal", "recipient", "dst", "dest", "callee", "peer", "partner", "to"}}};
  return rows;
}
const WordRows& wordsOfOffers() {
  static const WordRows rows{{"offers",
                              {"initiator", "isinitiator", "shouldoffer", "offerer", "iscaller",
                               "makeoffer", "createoffer"}}};
  return rows;
}

bool isDigits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool isSdp(const JsonValue& value) {
  const auto text = value.asText();
  return text && text->starts_with("v=0");
}
bool isCandidateText(const JsonValue& value) {
  const auto text = value.asText();
  return text && (text->starts_with("candidate:") || text->starts_with("a=candidate:"));
}
bool hasOnly(const JsonValue& object, const std::set<std::string>& keys) {
  const auto all = object.keys();
  return std::all_of(all.begin(), all.end(), [&](const auto& key) { return keys.contains(key); });
}
// As browsers make them.
bool isWholeDescription(const JsonValue& value) {
  return isSdp(value.get("sdp")) && value.get("type").isString() && hasOnly(value, {"type", "sdp"});
}
bool isCandidate(const JsonValue& value) {
  const JsonValue text = value.get("candidate");
  return isCandidateText(text) ||
         (text.asText() == std::string_view() && value.get("sdpMid").isPresent());
}
bool isWholeCandidate(const JsonValue& value) {
  return isCandidate(value) &&
         hasOnly(value, {"candidate", "sdpMid", "sdpMLineIndex", "usernameFragment"});
}

std::optional<LearnedMedia::Kind> kindNamed(const JsonValue& type) {
  if (type.asText() == std::string_view("offer"))
    return LearnedMedia::Kind::kOffer;
  if (type.asText() == std::string_view("answer"))
    return LearnedMedia::Kind::kAnswer;
  return std::nullopt;
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
std::optional<LearnedMedia> find(const JsonValue& value, const LearnedSpot& spot, int strings) {
  using Kind = LearnedMedia::Kind;
  if (const auto text = value.asText()) {
    if (isSdp(value))
      return LearnedMedia{Kind::kDescription, spot, true, false};
    if (isCandidateText(value))
      return LearnedMedia{Kind::kCandidate, spot, true, false};
    if (!text->starts_with("{") || strings >= kMostStrings)
      return std::nullopt;
    const auto parsed = JsonValue::parse(*text);
    auto inner = parsed.hasValue() ? find(*parsed, spot, strings + 1) : std::nullopt;
    if (inner)
      inner = {inner->kind, spot, false, true};
    return inner;
  }
  if (value.isObject()) {
    const Kind kind = kindNamed(value.get("type")).value_or(Kind::kDescription);
    if (isWholeDescription(value))
      return LearnedMedia{kind, spot, false, false};
    if (isCandidate(value))
      return LearnedMedia{isCandidateText(value.get("candidate")) ? Kind::kCandidate : Kind::kEnd,
                          spot, false, false};
    for (const auto& [key, member] : value.members()) {
      auto found = find(member, spot.below(key), strings);
      if (!found)
        continue;
      if (found->kind == Kind::kDescription)
        found->kind = kind;
      return found;
    }
    return std::nullopt;
  }
  const auto elements = value.elements();
  for (std::size_t i = 0; i < elements.size() && i < 50; ++i)
    if (auto found = find(elements[i], spot.below(std::to_string(i)), strings))
      return found;
  return std::nullopt;
}

void collect(const JsonValue& value, const LearnedSpot& spot, const std::string& key,
             std::vector<LearnedLeaf>& into) {
  if (into.size() >= kMostLeaves)
    return;
  if (value.isObject()) {
    for (const auto& [name, member] : value.members())
      collect(member, spot.below(name), name, into);
  } else if (value.isArray()) {
    const auto elements = value.elements();
    for (std::size_t i = 0; i < elements.size(); ++i)
      collect(elements[i], spot.below(std::to_string(i)), key, into);
  } else if (value.isPresent() && !value.isNull()) {
    into.push_back({spot, key, value});
  }
}

bool soundsLikeName(const std::string& key) {
  const std::string word = plainWord(key);
  return word == "name" || word == "username" || word == "user" || word == "nick" ||
         word == "nickname" || word == "displayname";
}

std::string nameBeside(const JsonValue& object, const std::string& prefix, const std::string& but) {
  for (const auto& [key, value] : object.members())
    if (key != but && value.isString() && soundsLikeName(key))
      return prefix + key;
  return "";
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
std::optional<LearnedPlace> placeIn(const JsonValue& value, const LearnedSpot& spot,
                                    const std::string& json) {
  if (value.isArray()) {
    for (const JsonValue& element : value.elements()) {
      if (element.text() == json)
        return LearnedPlace{spot.text(), "item", ""};
      if (const auto inner = placeIn(element, {0, {}}, json); inner && inner->each.empty())
        return LearnedPlace{spot.text(), "item." + inner->path,
                            inner->user.empty() ? "" : "item." + inner->user};
    }
    return std::nullopt;
  }
  if (value.isObject()) {
    for (const auto& [key, member] : value.members()) {
      const LearnedSpot below = spot.below(key);
      if (!member.isObject() && !member.isArray() && member.text() == json) {
        const std::string path = below.text();
        return LearnedPlace{"", path,
                            nameBeside(value, path.substr(0, path.size() - key.size()), key)};
      }
      if (JsonWriter().string(key).text() == json)
        return LearnedPlace{spot.text(), "item.key", ""};
      if (auto found = placeIn(member, below, json))
        return found;
    }
    return std::nullopt;
  }
  if (value.isPresent() && value.text() == json)
    return LearnedPlace{"", spot.text(), ""};
  return std::nullopt;
}

std::string leafText(std::string_view text) {
  return JsonWriter().string(text).take();
}

}  // namespace

LearnedSpot LearnedSpot::below(const std::string& step) const {
  LearnedSpot spot = *this;
  spot.steps.push_back(step);
  return spot;
}

std::string LearnedSpot::text() const {
  const bool is_plain = argument == 0 && !steps.empty() && !isDigits(steps[0]) &&
                        steps[0] != "item" && !steps[0].starts_with('$');
  std::string path = is_plain ? "" : std::to_string(argument);
  for (const std::string& step : steps)
    path += (path.empty() ? "" : ".") + step;
  return path;
}

std::vector<LearnedLeaf> leavesOf(const std::vector<JsonValue>& arguments) {
  std::vector<LearnedLeaf> leaves;
  for (std::size_t i = 0; i < arguments.size(); ++i)
    collect(arguments[i], {i, {}}, "", leaves);
  return leaves;
}

std::optional<LearnedPlace> placeOf(const std::vector<JsonValue>& arguments,
                                    const std::string& json) {
  for (std::size_t i = 0; i < arguments.size(); ++i)
    if (auto place = placeIn(arguments[i], {i, {}}, json))
      return place;
  return std::nullopt;
}

std::optional<LearnedMedia> mediaIn(const RecordedMessage& message) {
  for (std::size_t i = 0; i < message.arguments.size(); ++i) {
    auto media = find(message.arguments[i], {i, {}}, 0);
    if (!media)
      continue;
    const std::string name = plainWord(message.event);
    if (media->kind == LearnedMedia::Kind::kDescription) {
      if (name.find("offer") != std::string::npos)
        media->kind = LearnedMedia::Kind::kOffer;
      else if (name.find("answer") != std::string::npos)
        media->kind = LearnedMedia::Kind::kAnswer;
    }
    return media;
  }
  return std::nullopt;
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
std::string templateOf(const JsonValue& value, const LearnedSpot& spot, const LearnedNaming& name) {
  if (isWholeDescription(value))
    return R"("${description}")";
  if (isWholeCandidate(value))
    return R"("${candidate}")";
  JsonWriter json;
  if (value.isObject()) {
    const bool is_candidate = isCandidate(value);
    json.beginObject();
    for (const auto& [key, member] : value.members()) {
      json.key(key);
      if (is_candidate && key == "sdpMid")
        json.string("${candidate.mid}");
      else if (is_candidate && (key == "sdpMLineIndex" || key == "label"))
        json.string("${candidate.mline}");
      else if (is_candidate && key == "id" && value.get("label").isPresent())
        json.string("${candidate.mid}");
      else
        json.raw(templateOf(member, spot.below(key), name));
    }
    return json.endObject().take();
  }
  if (value.isArray()) {
    json.beginArray();
    const auto elements = value.elements();
    for (std::size_t i = 0; i < elements.size(); ++i)
      json.raw(templateOf(elements[i], spot.below(std::to_string(i)), name));
    return json.endArray().take();
  }
  if (isSdp(value))
    return R"("${sdp}")";
  if (isCandidateText(value))
    return R"("${candidate.text}")";
  const auto text = value.asString();
  if (text && text->starts_with("{")) {
    const auto parsed = JsonValue::parse(*text);
    if (parsed.hasValue() && isWholeDescription(*parsed))
      return R"("${json(description)}")";
    if (parsed.hasValue() && isWholeCandidate(*parsed))
      return R"("${json(candidate)}")";
  }
  if (auto named = name({spot, spot.steps.empty() ? "" : spot.steps.back(), value}))
    return *std::move(named);
  if (!text)
    return value.text();
  std::string constant = *text;
  for (std::size_t at = constant.find("${"); at != std::string::npos;
       at = constant.find("${", at + 3))
    constant.insert(at, "$");
  return leafText(constant);
}

std::string plainWord(std::string_view name) {
  std::string word;
  for (const char c : name)
    if (std::isalnum(static_cast<unsigned char>(c)))
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return word;
}

std::string_view wordOf(std::string_view name, LearnedWords words) {
  const WordRows* const tables[] = {&wordsOfSteps(), &wordsOfHeard(), &wordsOfValues(),
                                    &wordsOfTargets(), &wordsOfOffers()};
  const std::string word = plainWord(name);
  for (const WordRow& row : *tables[static_cast<std::size_t>(words)])
    for (const std::string_view part : row.parts)
      if (word.find(part) != std::string::npos)
        return row.meaning;
  return "";
}

bool isRefusal(std::string_view word) {
  const std::string_view all[] = {"full",         "busy",        "already-active",
                                  "no-such-user", "not-allowed", "refused"};
  return std::find(std::begin(all), std::end(all), word) != std::end(all);
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
std::string targetOf(const RecordedSession& session,
                     const std::map<std::string, std::string>& inputs) {
  static const std::set<std::string> of_media{
      "sdp", "type", "candidate", "sdpMid", "label", "usernameFragment", "sdpMLineIndex", "ufrag"};
  std::map<std::string, int> scores, times;
  std::set<std::string> heard, heard_with_media;
  int sent = 0;
  for (const RecordedMessage& message : session.messages) {
    const bool has_media = mediaIn(message).has_value();
    sent += has_media && message.is_ours ? 1 : 0;
    for (const LearnedLeaf& leaf : leavesOf(message.arguments)) {
      const std::string json = leaf.value.text();
      const auto text = leaf.value.asText();
      const bool is_id = (text && !text->empty() && text->size() <= 128) || leaf.value.isInteger();
      const bool is_event = !session.is_socket_io && leaf.key == session.event_field;
      if (!is_id || is_event || of_media.contains(leaf.key))
        continue;
      if (!message.is_ours) {
        (has_media ? heard_with_media : heard).insert(json);
        continue;
      }
      const auto input = inputs.find(json);
      const bool is_callee = input != inputs.end() && input->second == "callee";
      if (!has_media || json == leafText(session.socket_id) ||
          (input != inputs.end() && !is_callee))
        continue;
      int score = heard.contains(json) || heard_with_media.contains(json) ? 2 : 0;
      if (!wordOf(leaf.key, LearnedWords::kTargets).empty() || is_callee)
        score += 2;
      if (leaf.spot.steps.empty() || wordOf(leaf.key, LearnedWords::kValues) == "user")
        score += 1;
      scores[json] = std::max(scores[json], score);
      ++times[json];
    }
  }
  for (auto& [json, score] : scores)
    score += (heard_with_media.contains(json) ? 2 : 0) + (times[json] == sent ? 1 : 0);
  const auto best =
      std::max_element(scores.begin(), scores.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return best != scores.end() && best->second >= 2 ? best->first : "";
}

Draft::Mode modeOf(const RecordedSession& session) {
  bool joins = false, calls = false, registers = false;
  for (const RecordedMessage& message : session.messages) {
    if (mediaIn(message))
      continue;
    const auto word =
        wordOf(message.event, message.is_ours ? LearnedWords::kSteps : LearnedWords::kHeard);
    if (word == (message.is_ours ? "find-partner" : "matched"))
      return Draft::Mode::kMatch;
    joins = joins || (message.is_ours && word == "join");
    calls = calls || (message.is_ours && (word == "call" || word == "answer"));
    registers = registers || (message.is_ours && word == "register");
  }
  return calls || (registers && !joins) ? Draft::Mode::kCall : Draft::Mode::kRoom;
}

std::string spaced(std::string_view json) {
  std::string text;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (in_string) {
      text += c;
      if (c == '\\' && i + 1 < json.size())
        text += json[++i];
      else if (c == '"')
        in_string = false;
      continue;
    }
    if (c == ' ')  // it may be spaced already
      continue;
    in_string = c == '"';
    const char next = i + 1 < json.size() ? json[i + 1] : ' ';
    if (c == '}' && text.back() != '{')
      text += ' ';
    text += c;
    if (c == ':' || c == ',' || (c == '{' && next != '}'))
      text += ' ';
  }
  return text;
}

}  // namespace turnout
