#include "bots/signaling/dialect/learn.h"

#include "bots/signaling/dialect/learn_shapes.h"

#include <algorithm>
#include <map>
#include <set>

namespace turnout {
namespace {

bool isUuid(std::string_view text) {
  return text.size() == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' &&
         text[23] == '-';
}
bool isToken(std::string_view text) {
  return text.size() >= 16 &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}
std::string quotedText(std::string_view text) {
  return JsonWriter().string(text).take();
}
std::string variable(std::string_view name) {
  return quotedText("${" + std::string(name) + "}");
}

class Drafter {
 public:
  void add(const RecordedSession& session);
  Draft take() { return std::move(draft_); }

 private:
  using Mode = Draft::Mode;

  void guess(const std::string& note) { draft_.guess(note); }
  std::string stepOf(const RecordedMessage& message) const;
  bool declare(const std::string& name, const char* made);
  void chooseInputs(const RecordedSession& session);
  std::optional<std::string> inputNamed(const std::string& word, const LearnedLeaf& leaf);
  void say(const RecordedMessage& message);
  void sayAgain(const RecordedMessage& message);
  void sayMedia(const RecordedMessage& message, const LearnedMedia& media);
  void hear(const RecordedMessage& message);
  void hearMedia(const RecordedMessage& message, const LearnedMedia& media);
  void hearAnswer(const RecordedMessage& message);
  bool fillRule(DraftRule& rule, const RecordedMessage& message);
  void noteWhoOffers(DraftRule& rule, const RecordedMessage& message, const std::string& means);
  std::string messageText(const RecordedMessage& message, const LearnedNaming& name,
                          const std::string& ack = "") const;
  std::optional<std::string> nameOf(const LearnedLeaf& leaf, const std::string& step);
  std::optional<std::string> captured(const JsonValue& value);
  DraftRule* ruleOn(const std::string& event);
  std::string meaningIn(const RecordedMessage& message, bool has_list) const;
  void fillEmptyList(DraftRule& rule, const RecordedMessage& message);
  void trim(DraftRule& rule) const;
  void meetAgain(DraftRule& known, const DraftRule& rule);
  void addRule(DraftRule rule, const std::vector<LearnedLeaf>& leaves);
  Draft draft_;

  // Of the session at hand.
  const RecordedSession* session_ = nullptr;
  std::map<std::string, std::string> inputs_;  // values as JSON, and the variables they are
  std::string target_;                         // JSON of the peer's id; empty: it has none
  std::optional<bool> we_offered_;
  bool is_in_ = false, is_met_ = false;
  std::set<std::string> said_steps_;
  struct Seen {
    std::string event, path, key;
  };
  std::map<std::string, Seen> seen_;                        // values that the app said first
  std::map<std::uint64_t, std::string> pending_;            // acknowledgements, and of which step
  std::map<std::string, std::pair<double, int>> repeated_;  // events: first time, how often
};

std::string Drafter::stepOf(const RecordedMessage& message) const {
  std::string step(wordOf(message.event, LearnedWords::kSteps));
  if (step == "hang-up" && draft_.mode != Mode::kCall)
    return "leave";
  if (step == "leave" && draft_.mode == Mode::kCall)
    return "hang-up";
  if ((step == "call" || step == "answer") && draft_.mode != Mode::kCall)
    return draft_.mode == Mode::kMatch ? "none" : "join";
  return step;
}

// Whether it is new.
bool Drafter::declare(const std::string& name, const char* made) {
  for (const auto& [known, json] : draft_.variables)
    if (known == name)
      return false;
  draft_.variables.emplace_back(name, made);
  return true;
}

// Values that the page brought along: rooms, names, ids that it made.
// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
std::optional<std::string> Drafter::inputNamed(const std::string& step, const LearnedLeaf& leaf) {
  const auto text = leaf.value.asText();
  if (!text || text->empty())
    return std::nullopt;
  std::string_view meaning = wordOf(leaf.key, LearnedWords::kValues);
  const std::string word = plainWord(leaf.key);
  if (meaning != "secret" && isUuid(*text)) {
    if (declare("id", R"({"make":"uuid","on_refresh":"new"})"))
      guess(
          "${id}: a page that is reloaded makes a new one; if it keeps it (localStorage), write "
          "\"on_refresh\": \"keep\"");
    return "id";
  }
  if (meaning == "secret") {
    const std::string name = word.empty() ? "token" : word;
    const bool is_made_up = isToken(*text) && word == "token" && !session_->is_socket_io;
    if (is_made_up && declare(name, R"({"make":"token","on_refresh":"new"})"))
      guess("${" + name + "}: taken for something that each page makes up");
    else if (!is_made_up && declare(name, R"({"make":"given"})"))
      guess("${" + name + "} looks like a secret and is not in the draft: the scenario gives it");
    return name;
  }
  if (step == "call" && meaning != "room" &&
      (meaning == "callee" || !wordOf(leaf.key, LearnedWords::kTargets).empty() ||
       leaf.key.empty() || meaning.empty()))
    return "callee";
  if (meaning == "room")
    return "room";
  if (meaning == "user" || word == "id" || word == "peerid" || word == "clientid")
    return "user";
  if (leaf.key.empty() || leaf.spot.steps.empty()) {  // arguments without names
    if (step == "register")
      return "user";
    if (step == "join")
      return std::any_of(inputs_.begin(), inputs_.end(),
                         [](const auto& one) { return one.second == "room"; })
                 ? "user"
                 : "room";
  }
  return std::nullopt;
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
void Drafter::chooseInputs(const RecordedSession& session) {
  std::set<std::string> heard;
  for (const auto& [key, value] : session.query) {
    const auto json = JsonValue::parse(quotedText(value));
    if (!session.is_socket_io || !wordOf(key, LearnedWords::kValues).empty())
      if (const auto name = inputNamed("query", {{0, {key}}, key, *json}))
        draft_.handshake[json->text()] = inputs_[json->text()] = *name;
  }
  for (const LearnedLeaf& leaf : leavesOf({session.auth}))
    if (const auto name = inputNamed("query", leaf))
      draft_.handshake[leaf.value.text()] = inputs_[leaf.value.text()] = *name;
  for (const RecordedMessage& message : session.messages) {
    const auto leaves = leavesOf(message.arguments);
    if (!message.is_ours) {
      for (const LearnedLeaf& leaf : leaves)
        heard.insert(leaf.value.text());
      continue;
    }
    if (mediaIn(message) || message.event.empty())
      continue;
    const std::string step = stepOf(message);
    if (step != "register" && step != "join" && step != "call" && step != "find-partner" &&
        !step.empty())
      continue;
    for (const LearnedLeaf& leaf : leaves) {
      const bool is_event = !session.is_socket_io && leaf.key == session.event_field;
      const std::string json = leaf.value.text();
      if (is_event || inputs_.contains(json) || json == quotedText(session.socket_id) ||
          heard.contains(json))
        continue;
      if (const auto name = inputNamed(step.empty() ? "join" : step, leaf))
        inputs_[json] = *name;
    }
  }
}

std::optional<std::string> Drafter::captured(const JsonValue& value) {
  const auto seen = seen_.find(value.text());
  const auto text = value.asText();
  if (seen == seen_.end() || (text && text->size() < 3) || (!text && !value.isInteger()))
    return std::nullopt;
  const Seen& where = seen->second;
  std::string name;
  for (const char c : where.key.empty() ? plainWord(where.event) + "_value" : where.key)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_')
      name += c;
  if (name.empty() || name == "user" || name == "room" || name == "peer" || name == "call" ||
      name == "callee" || name == "socket" || name == "bot" || name == "pool" || name == "page" ||
      name == "key")
    name += "_of_" + plainWord(where.event);
  for (DraftRule& rule : draft_.rules)
    if (rule.on == where.event && rule.each.empty()) {
      if (std::find(rule.take.begin(), rule.take.end(), std::pair{name, where.path}) ==
          rule.take.end())
        rule.take.emplace_back(name, where.path);
      return name;
    }
  return std::nullopt;
}

std::optional<std::string> Drafter::nameOf(const LearnedLeaf& leaf, const std::string& step) {
  const std::string json = leaf.value.text();
  if (!session_->is_socket_io && leaf.spot.steps == std::vector<std::string>{session_->event_field})
    return std::nullopt;
  if (leaf.value.isBool() || json == "\"\"")
    return std::nullopt;
  const bool is_entry =
      step == "join" || step == "register" || step == "find-partner" || step == "query";
  if (!target_.empty() && json == target_ && !is_entry)
    return variable(step == "call" ? "callee" : "peer");
  if (!session_->socket_id.empty() && json == quotedText(session_->socket_id))
    return variable("socket");
  if (const auto input = inputs_.find(json); input != inputs_.end())
    return variable(input->second == "callee" && step != "call" ? "peer" : input->second);
  if (const auto taken = captured(leaf.value))
    return variable(*taken);
  const bool is_type = leaf.key == "type" || leaf.key == "label" || leaf.key == "sdpMid";
  if (leaf.value.isString() && !is_type && step != "media-type")
    guess((step.empty() ? "a message" : step) + std::string(": ") +
          (leaf.key.empty() ? "a value" : leaf.key) + " is kept as it was, " +
          (json.size() > 60 ? json.substr(0, 57) + "...\"" : json));
  return std::nullopt;
}

std::string Drafter::messageText(const RecordedMessage& message, const LearnedNaming& name,
                                 const std::string& ack) const {
  JsonWriter json;
  json.beginObject();
  if (!session_->is_socket_io) {
    json.key("send").raw(templateOf(message.arguments[0], {0, {}}, name));
    return json.endObject().take();
  }
  json.field("emit", message.event);
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < message.arguments.size(); ++i)
    arguments.push_back(templateOf(message.arguments[i], {i, {}}, name));
  if (arguments.size() == 1 && !message.arguments[0].isArray())
    json.key("with").raw(arguments[0]);
  else if (!arguments.empty()) {
    json.key("with").beginArray();
    for (const std::string& argument : arguments)
      json.raw(argument);
    json.endArray();
  }
  if (!ack.empty())
    json.key("ack").raw(ack);
  return json.endObject().take();
}

// What the page said.

// The second time tells how often.
void Drafter::sayAgain(const RecordedMessage& message) {
  auto& [first, times] = repeated_.try_emplace(message.event, message.at, 0).first->second;
  if (++times != 2 || !draft_.heartbeat.empty())
    return;
  const double every = std::clamp((message.at - first) * 1000, 1000.0, 3'600'000.0);
  const auto name = [&](const LearnedLeaf& leaf) { return nameOf(leaf, "heartbeat"); };
  draft_.heartbeat = JsonWriter()
                         .beginObject()
                         .field("every_ms", static_cast<std::int64_t>(every))
                         .key("say")
                         .raw(messageText(message, name))
                         .endObject()
                         .take();
}

void Drafter::say(const RecordedMessage& message) {
  if (message.event.empty())
    return;  // it acknowledges something
  if (const auto media = mediaIn(message))
    return sayMedia(message, *media);
  std::string step = stepOf(message);
  if (step.empty() && !is_in_ && said_steps_.empty()) {
    step = "join";
    guess("\"" + message.event + "\" is taken for the step that joins");
  }
  if (step == "repeat")
    return sayAgain(message);
  if (step.empty() || step == "none") {
    guess("what \"" + message.event + "\" is for, which the page sends" +
          (is_met_ ? " in a call" : " before the call") +
          ", and whether bots need it: it is left out");
    return;
  }
  if (!said_steps_.insert(step + " " + message.event).second)
    return;
  const auto known = std::find_if(draft_.steps.begin(), draft_.steps.end(),
                                  [&](const auto& one) { return one.first == step; });
  if (message.ack)
    pending_[*message.ack] = step + " " + message.event;
  std::string text = messageText(message, [&](const auto& leaf) { return nameOf(leaf, step); });
  if (message.ack)
    text.insert(text.size() - 1, ",\"ack\":@" + step + " " + message.event + "@");
  if (known == draft_.steps.end())
    draft_.steps.push_back({step, {text}});
  else if (std::none_of(known->second.begin(), known->second.end(), [&](const std::string& other) {
             return other.find(quotedText(message.event)) != std::string::npos;
           }))
    known->second.push_back(text);
}

void Drafter::sayMedia(const RecordedMessage& message, const LearnedMedia& media) {
  std::string word = "candidate";
  if (media.isDescription()) {
    if (media.kind == LearnedMedia::Kind::kDescription)
      word = we_offered_ ? (*we_offered_ ? "offer" : "answer") : "offer";
    else
      word = media.kind == LearnedMedia::Kind::kOffer ? "offer" : "answer";
    we_offered_ = we_offered_.value_or(word == "offer");
    for (const JsonValue& argument : message.arguments)
      draft_.has_sdp_candidates =
          draft_.has_sdp_candidates || argument.text().find("a=candidate:") != std::string::npos;
  } else if (media.kind == LearnedMedia::Kind::kEnd) {
    return;
  } else {
    draft_.trickles = true;
  }
  is_met_ = true;
  if (std::any_of(draft_.send.begin(), draft_.send.end(),
                  [&](const auto& one) { return one.first == word; }))
    return;
  draft_.send.emplace_back(word, messageText(
                                     message, [&](const auto& leaf) { return nameOf(leaf, word); },
                                     message.ack ? "[]" : ""));
}

// What the app said.

DraftRule* Drafter::ruleOn(const std::string& event) {
  for (DraftRule& rule : draft_.rules)
    if (rule.on == event)
      return &rule;
  return nullptr;
}

void Drafter::noteWhoOffers(DraftRule& rule, const RecordedMessage& message,
                            const std::string& means) {
  if (!we_offered_ || !rule.offers.empty())
    return;
  for (const LearnedLeaf& leaf : leavesOf(message.arguments)) {
    if (!leaf.value.isBool() || wordOf(leaf.key, LearnedWords::kOffers).empty())
      continue;
    rule.offers = quotedText(leaf.spot.text());
    if (leaf.value.asBool() != we_offered_)
      guess("\"" + leaf.key + "\" in \"" + message.event +
            "\" was the opposite of who offered: say who offers by the event, or by \"when\"");
    return;
  }
  const bool usual = means == "joined"     ? true
                     : means == "answered" ? said_steps_.contains("call " + message.event)
                                           : false;
  if (means == "matched" || (means == "answered" && !usual) || means == "incoming") {
    const bool is_usual_caller = means == "answered" && *we_offered_;
    if (!is_usual_caller && (means != "incoming" || *we_offered_))
      rule.offers = *we_offered_ ? "true" : "false";
  } else if (*we_offered_ != usual) {
    rule.offers = *we_offered_ ? "true" : "false";
  }
}

// Whom it is about; whether it says so.
bool Drafter::fillRule(DraftRule& rule, const RecordedMessage& message) {
  if (target_.empty())
    return true;
  const auto place = placeOf(message.arguments, target_);
  if (!place)
    return false;
  rule.each = place->each;
  rule.peer = place->path;
  rule.user = place->user;
  return true;
}

// The word for it in a room, a call or a match.
std::string Drafter::meaningIn(const RecordedMessage& message, bool has_list) const {
  const std::string word(wordOf(message.event, LearnedWords::kHeard));
  const bool asked_to_join =
      std::any_of(said_steps_.begin(), said_steps_.end(),
                  [](const auto& step) { return step.starts_with("join "); });
  if (draft_.mode == Mode::kRoom) {
    if (asked_to_join && !is_in_ && has_list)
      return "joined";
    if (word == "registered")
      return is_in_ ? "" : "joined";
    const bool is_arrival = word == "matched" || word == "incoming" || (word == "joined" && is_in_);
    return is_arrival ? "peer-joined" : word;
  }
  if (word == "peer-left")
    return "over";
  if (word == "joined")
    return draft_.mode == Mode::kCall ? "registered" : "";
  const bool is_partner = word == "peer-joined" || word == "incoming";
  return draft_.mode == Mode::kMatch && is_partner ? "matched" : word;
}

// A list in which nobody was.
void Drafter::fillEmptyList(DraftRule& rule, const RecordedMessage& message) {
  for (std::size_t i = 0; i < message.arguments.size() && rule.each.empty(); ++i) {
    if (message.arguments[i].isArray())
      rule.each = std::to_string(i);
    for (const auto& [key, value] : message.arguments[i].members())
      if (rule.each.empty() && value.isArray())
        rule.each = LearnedSpot{i, {key}}.text();
  }
  rule.peer = "item";
  rule.user = "";
  guess("who is in the list of \"" + message.event +
        "\": it was empty, and each item is taken for an id");
}

// What a rule has no use for.
void Drafter::trim(DraftRule& rule) const {
  const std::string& means = rule.means;
  const bool is_over = means == "over" || means == "ringing";
  if (means == "refused" || means == "registered" || means == "queued" ||
      (!rule.each.empty() && (is_over || means.empty())))
    rule.each = rule.peer = rule.user = "";
  if (is_over || draft_.mode != Mode::kRoom)
    rule.user = "";
}

// It came before: what is known of it may grow.
void Drafter::meetAgain(DraftRule& known, const DraftRule& rule) {
  if (known.peer == "item" && known.each == rule.each && rule.peer.starts_with("item")) {
    known = rule;
    std::erase_if(draft_.notes, [&](const std::string& note) {
      return note.starts_with("who is in the list of \"" + rule.on + "\"");
    });
  } else if (known.offers != rule.offers && known.means == rule.means &&
             (rule.offers == "true" || rule.offers == "false")) {
    guess("who offers after \"" + rule.on + "\": it was once the one end and once the other");
  }
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
void Drafter::hear(const RecordedMessage& message) {
  if (message.event.empty())
    return hearAnswer(message);
  if (const auto media = mediaIn(message))
    return hearMedia(message, *media);
  const bool has_list =
      std::any_of(message.arguments.begin(), message.arguments.end(), [](const JsonValue& one) {
        const auto members = one.members();
        return one.isArray() || std::any_of(members.begin(), members.end(), [](const auto& member) {
                 return member.second.isArray();
               });
      });
  DraftRule rule{.on = message.event};
  std::string means = meaningIn(message, has_list);
  const bool has_peer = fillRule(rule, message);
  if (means.empty() && has_peer && !target_.empty() && !is_met_ && draft_.mode != Mode::kCall)
    means = draft_.mode == Mode::kMatch ? "matched" : "peer-joined";
  // Values that may be used later: whether they are is known when they are.
  const auto leaves = leavesOf(message.arguments);
  for (const LearnedLeaf& leaf : leaves)
    if (const std::string json = leaf.value.text();
        json != target_ && !inputs_.contains(json) && json != quotedText(session_->socket_id))
      seen_.try_emplace(json, Seen{message.event, leaf.spot.text(), leaf.key});
  rule.means = isRefusal(means) ? "refused" : means;
  rule.refusal = isRefusal(means) && means != "refused" ? means : "";
  if (means == "joined") {
    is_in_ = true;
    if (rule.peer.empty() && has_list)
      fillEmptyList(rule, message);
  }
  const bool is_arrival =
      means == "peer-joined" || means == "incoming" || means == "answered" || means == "matched";
  if (!has_peer && is_arrival)
    guess("\"" + message.event + "\" does not say who it is about");
  if (is_arrival || (means == "joined" && has_peer))
    noteWhoOffers(rule, message, means);
  is_met_ = is_met_ || is_arrival;
  trim(rule);
  if (DraftRule* known = ruleOn(message.event))
    return meetAgain(*known, rule);
  if (means.empty())
    guess("what \"" + message.event + "\" means, which the app sends" +
          (is_met_ ? " in a call" : " before the call"));
  addRule(std::move(rule), leaves);
}

// Where one word says yes and no, it is two rules.
void Drafter::addRule(DraftRule rule, const std::vector<LearnedLeaf>& leaves) {
  const bool is_yes = rule.means == "registered" || rule.means == "joined";
  const auto success = std::find_if(leaves.begin(), leaves.end(), [](const LearnedLeaf& leaf) {
    return leaf.value.asBool() == true && (leaf.key == "success" || leaf.key == "ok");
  });
  if (!is_yes || success == leaves.end())
    return draft_.rules.push_back(std::move(rule));
  rule.when.emplace_back(success->spot.text(), "true");
  DraftRule no{.on = rule.on, .means = "refused"};
  draft_.rules.push_back(std::move(rule));
  draft_.rules.push_back(std::move(no));
}

void Drafter::hearAnswer(const RecordedMessage& message) {
  if (!message.ack || message.is_ours)
    return;
  const auto asked = pending_.extract(*message.ack);
  if (asked.empty() || draft_.asked.contains(asked.mapped()))
    return;
  const std::string step = asked.mapped().substr(0, asked.mapped().find(' '));
  DraftRule rule;
  fillRule(rule, message);
  if (step == "join") {
    rule.means = "joined";
    is_in_ = true;
    if (rule.peer.empty())
      guess("who is in the room already, by the acknowledgement of \"" + asked.mapped().substr(5) +
            "\"");
    if (!rule.peer.empty())
      noteWhoOffers(rule, message, "joined");
  } else if (step == "register") {
    rule.means = "registered";
    rule.each = rule.peer = rule.user = "";
  } else {
    rule.each = rule.peer = rule.user = "";
  }
  std::string rules;
  const bool error_first = !message.arguments.empty() && message.arguments[0].isNull();
  if (error_first && !rule.means.empty())
    rules = R"({"when":{"0":{"present":true}},"means":"refused","reason":"0"},)";
  if (!rule.means.empty())
    rules += rule.text();
  draft_.asked[asked.mapped()] = "[" + rules + "]";
  if (!error_first)
    guess("how the acknowledgement of \"" + asked.mapped().substr(step.size() + 1) + "\" says no");
}

void Drafter::hearMedia(const RecordedMessage& message, const LearnedMedia& media) {
  auto known = std::find_if(draft_.heard_media.begin(), draft_.heard_media.end(),
                            [&](const auto& one) { return one.first == message.event; });
  if (known == draft_.heard_media.end()) {
    draft_.heard_media.push_back({message.event, {}});
    known = draft_.heard_media.end() - 1;
    draft_.rules.push_back({.on = message.event, .means = "@media"});  // its place
  }
  HeardMedia& heard = known->second;
  if (!target_.empty())
    if (const auto place = placeOf(message.arguments, target_); place && place->each.empty())
      heard.peer = place->path;
  if (!media.isDescription()) {
    draft_.trickles = true;
    heard.candidate = media.spot.text();
    return;
  }
  for (const JsonValue& argument : message.arguments)
    draft_.has_sdp_candidates =
        draft_.has_sdp_candidates || argument.text().find("a=candidate:") != std::string::npos;
  const bool is_offer = media.kind == LearnedMedia::Kind::kOffer ||
                        (media.kind == LearnedMedia::Kind::kDescription && !we_offered_);
  if (!we_offered_)
    we_offered_ = !is_offer;
  heard.description = media.spot.text();
  if (media.is_bare && media.kind != LearnedMedia::Kind::kDescription)
    heard.type = is_offer ? "offer" : "answer";
  if (is_offer && !is_met_) {
    DraftRule& rule = *std::find_if(draft_.rules.begin(), draft_.rules.end(),
                                    [&](const DraftRule& one) { return one.on == message.event; });
    const char* means = draft_.mode == Mode::kRoom   ? "peer-joined"
                        : draft_.mode == Mode::kCall ? "incoming"
                                                     : "matched";
    rule.means = std::string("@media ") + means;
    is_met_ = true;
  }
}

void Drafter::add(const RecordedSession& session) {
  session_ = &session;
  inputs_.clear();
  seen_.clear();
  pending_.clear();
  repeated_.clear();
  said_steps_.clear();
  is_in_ = is_met_ = false;
  we_offered_.reset();
  if (!draft_.has_transport) {
    draft_.transport = session;
    draft_.has_transport = true;
    draft_.mode = modeOf(session);
  }
  chooseInputs(session);
  target_ = targetOf(session, inputs_);
  if (target_.empty())
    guess("how a peer is named: it is taken for the only one in its room");
  // Who offers is known before it is told who comes.
  for (const RecordedMessage& message : session.messages)
    if (const auto media = mediaIn(message); media && media->isDescription()) {
      we_offered_ = media->kind == LearnedMedia::Kind::kAnswer ? !message.is_ours : message.is_ours;
      break;
    }
  for (const RecordedMessage& message : session.messages)
    message.is_ours ? say(message) : hear(message);
}

}  // namespace

Result<LearnedDialect> learnDialect(const std::vector<std::string>& recordings,
                                    const std::string& name) {
  Drafter drafter;
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    const auto sessions = readRecording(recordings[i]);
    if (!sessions)
      return Error{sessions.error().code,
                   (recordings.size() == 1 ? "the recording is "
                                           : "recording " + std::to_string(i + 1) + " is ") +
                       sessions.error().what};
    for (const RecordedSession& session : *sessions)
      drafter.add(session);
  }
  return finished(drafter.take(), name);
}

}  // namespace turnout
