#include "bots/signaling/dialect/dialect.h"
#include "bots/signaling/dialect/learn_shapes.h"

#include <algorithm>

namespace turnout {
namespace {

std::string quotedWord(std::string_view text) {
  return JsonWriter().string(text).take();
}

// "offer" for "answer" and the other way round, in names and keys, in the case they are written in.
std::string swapped(std::string text, bool to_offer) {
  const std::pair<const char*, const char*> pairs[] = {
      {"answer", "offer"}, {"Answer", "Offer"}, {"ANSWER", "OFFER"}};
  for (const auto& [answer, offer] : pairs) {
    const std::string from = to_offer ? answer : offer, to = to_offer ? offer : answer;
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }
  return text;
}

bool hasMeaning(const Draft& draft, std::string_view means) {
  for (const DraftRule& rule : draft.rules)
    if (rule.means == means)
      return true;
  for (const auto& [step, rules] : draft.asked)
    if (rules.find("\"means\": \"" + std::string(means)) != std::string::npos)
      return true;
  return false;
}

bool hasStep(const Draft& draft, std::string_view step) {
  return std::any_of(draft.steps.begin(), draft.steps.end(),
                     [&](const auto& one) { return one.first == step; });
}
const std::string* sendOf(const Draft& draft, std::string_view word) {
  for (const auto& [name, text] : draft.send)
    if (name == word)
      return &text;
  return nullptr;
}

void completeSends(Draft& draft) {
  for (const bool is_offer : {true, false}) {
    const char *word = is_offer ? "offer" : "answer", *other = is_offer ? "answer" : "offer";
    const std::string* known = sendOf(draft, other);
    if (sendOf(draft, word) || !known)
      continue;
    draft.send.emplace_back(word, swapped(*known, is_offer));
    draft.guess(std::string("how an ") + word + " is sent: it is drafted after the " + other);
  }
  if (!draft.trickles || sendOf(draft, "candidate"))
    return;
  draft.trickles = false;
  draft.guess("how a candidate is sent: none was, so bots put all of them into the description");
}

// Descriptions and candidates of one kind of message.
std::vector<DraftRule> mediaRules(const Draft& draft, const DraftRule& place) {
  const HeardMedia* heard = nullptr;
  for (const auto& [event, media] : draft.heard_media)
    if (event == place.on)
      heard = &media;
  std::vector<DraftRule> rules;
  if (!heard)
    return rules;
  const std::string means = place.means.size() > 7 ? place.means.substr(7) : "";
  DraftRule base{.on = place.on};
  base.peer = heard->peer;
  const std::string &said = heard->description, &candidate = heard->candidate;
  const auto holds = [](const std::string& outer, const std::string& inner) {
    return outer == inner || inner.starts_with(outer + ".");
  };
  if (!said.empty() && !candidate.empty() && (holds(said, candidate) || holds(candidate, said))) {
    base.signal =
        std::min(said, candidate, [](const auto& a, const auto& b) { return a.size() < b.size(); });
    base.means = means;
    return {base};
  }
  if (!said.empty()) {
    DraftRule rule = base;
    rule.description = said;
    rule.type = heard->type;
    rule.means = means;
    if (!candidate.empty())
      rule.when.emplace_back(said, R"({"present":true})");
    rules.push_back(rule);
  }
  if (!candidate.empty()) {
    DraftRule rule = base;
    rule.candidate = candidate;
    rules.push_back(rule);
  }
  return rules;
}

void completeMedia(Draft& draft) {
  std::vector<DraftRule> rules;
  for (const DraftRule& rule : draft.rules) {
    if (!rule.means.starts_with("@media"))
      rules.push_back(rule);
    else
      for (const DraftRule& media : mediaRules(draft, rule))
        rules.push_back(media);
  }
  draft.rules = std::move(rules);
  // Where offers and answers have names of their own, the one that was not heard is like the other.
  const auto isFor = [](const DraftRule& rule, const char* word) {
    return !rule.description.empty() && swapped(rule.on, word[0] == 'a') != rule.on;
  };
  for (const bool is_offer : {true, false}) {
    const char *word = is_offer ? "offer" : "answer", *other = is_offer ? "answer" : "offer";
    const auto has = [&](const char* which) {
      return std::find_if(draft.rules.begin(), draft.rules.end(),
                          [&](const DraftRule& rule) { return isFor(rule, which); });
    };
    const auto known = has(other);
    if (known == draft.rules.end() || has(word) != draft.rules.end())
      continue;
    DraftRule rule = *known;
    rule.on = swapped(rule.on, is_offer);
    for (std::string* path : {&rule.description, &rule.type})
      *path = swapped(*path, is_offer);
    rule.means = rule.offers = "";
    rule.when.clear();
    draft.guess("how an " + std::string(word) + " comes in: it is drafted after the " + other);
    draft.rules.insert(known + 1, rule);
  }
}

// What the other end is told and says, as far as a dialect cannot do without it.
// NOLINTNEXTLINE(readability-function-cognitive-complexity): one walk over a JSON shape
void completeEntry(Draft& draft) {
  const bool hears_offer_as_call =
      std::any_of(draft.rules.begin(), draft.rules.end(), [](const DraftRule& rule) {
        return rule.means == "incoming" && (!rule.description.empty() || !rule.signal.empty());
      });
  if (draft.mode == Draft::Mode::kCall) {
    if (hasStep(draft, "call") && !hasMeaning(draft, "incoming")) {
      draft.rules.insert(draft.rules.begin(),
                         {.on = "incoming-call", .means = "incoming", .peer = "from"});
      draft.guess(
          "what the one who is called hears: record its page, too; \"incoming-call\" is a guess");
    }
    if (!hasStep(draft, "call") && !hears_offer_as_call) {
      if (hasMeaning(draft, "incoming")) {
        draft.steps.push_back(
            {"call",
             {draft.transport.is_socket_io ? R"({"emit":"call","with":{"to":"${callee}"}})"
                                           : R"({"send":{"type":"call","to":"${callee}"}})"}});
        draft.guess("what the one who calls says: record its page, too; \"call\" is a guess");
      } else {
        const auto isOffer = [](const DraftRule& rule) {
          return (!rule.description.empty() || !rule.signal.empty()) &&
                 swapped(rule.on, true) == rule.on;
        };
        const auto offer = std::find_if(draft.rules.begin(), draft.rules.end(), isOffer);
        if (offer != draft.rules.end())
          offer->means = "incoming";
        draft.guess("nothing rings: an offer is taken for the call");
      }
    }
    if (hasMeaning(draft, "incoming") && !hasStep(draft, "answer") && hasStep(draft, "call"))
      draft.guess("what the one who is called says when it accepts");
  }
  if (draft.mode == Draft::Mode::kMatch && !hasMeaning(draft, "matched"))
    draft.guess("which message says that a partner was found");
  if (draft.mode == Draft::Mode::kRoom && !hasMeaning(draft, "joined"))
    draft.guess(
        "how the app says that we are in the room: bots take it for so once they have asked");
  if (!hasMeaning(draft, "peer-left") && !hasMeaning(draft, "over"))
    draft.guess("how the app says that the other end has left, if it does");
  if (!hasStep(draft, "leave") && !hasStep(draft, "hang-up"))
    draft.guess("how a page says that it leaves, if it does");
  if (!hasMeaning(draft, "refused"))
    draft.guess("how the app refuses: full, busy, a name in use");
}

std::string transportOf(Draft& draft) {
  const RecordedSession& recorded = draft.transport;
  JsonWriter json;
  json.beginObject();
  if (!recorded.is_socket_io)
    json.field("kind", "websocket");
  if (recorded.engine == 3)
    json.field("engine", 3);
  if (recorded.starts_by_polling)
    json.field("start", "polling-upgrade");
  const bool is_default =
      recorded.is_socket_io ? recorded.path == "/socket.io/" : recorded.path == "/";
  if (!is_default && !recorded.path.empty())
    json.field("path", recorded.path);
  if (recorded.nsp != "/")
    json.field("namespace", recorded.nsp);
  const auto valueOf = [&](const JsonValue& value) {
    const auto known = draft.handshake.find(value.text());
    return known == draft.handshake.end() ? value.text() : quotedWord("${" + known->second + "}");
  };
  if (!recorded.query.empty()) {
    json.key("query").beginObject();
    std::vector<std::string> names;
    for (const auto& [key, value] : recorded.query)
      if (std::find(names.begin(), names.end(), key) == names.end()) {
        names.push_back(key);
        json.key(key).raw(valueOf(*JsonValue::parse(quotedWord(value))));
      }
    json.endObject();
  }
  if (recorded.auth.isObject() && !recorded.auth.keys().empty())
    json.key("auth").raw(templateOf(recorded.auth, {0, {}}, [&](const LearnedLeaf& leaf) {
      return std::optional(valueOf(leaf.value));
    }));
  if (!recorded.is_socket_io && recorded.event_field != "type")
    json.field("event_field", recorded.event_field);
  std::string text = json.endObject().take();
  return text == "{}" ? "" : spaced(text);
}

// A place of an acknowledgement in a message becomes its rules.
std::string withAnswers(std::string message, const Draft& draft) {
  const std::size_t from = message.find("\"ack\":@");
  if (from == std::string::npos)
    return message;
  const std::size_t end = message.find('@', from + 7);
  const auto rules = draft.asked.find(message.substr(from + 7, end - from - 7));
  return message.replace(from + 6, end - from - 5,
                         rules == draft.asked.end() ? "[]" : rules->second);
}

std::string listed(const std::vector<std::string>& items, const char* indent) {
  std::string text;
  for (const std::string& item : items)
    text += (text.empty() ? "" : ",") + std::string("\n") + indent + item;
  return text;
}

}  // namespace

std::string DraftRule::text() const {
  JsonWriter json;
  json.beginObject();
  if (!on.empty())
    json.field("on", on);
  if (!when.empty()) {
    json.key("when").beginObject();
    for (const auto& [path, test] : when)
      json.key(path).raw(test);
    json.endObject();
  }
  const std::pair<const char*, const std::string*> texts[] = {
      {"means", &means}, {"refusal", &refusal}, {"each", &each}, {"peer", &peer}, {"user", &user}};
  for (const auto& [key, value] : texts)
    if (!value->empty())
      json.field(key, *value);
  if (!offers.empty())
    json.key("offers").raw(offers);
  if (!take.empty()) {
    json.key("take").beginObject();
    for (const auto& [name, path] : take)
      json.field(name, path);
    json.endObject();
  }
  const std::pair<const char*, const std::string*> media[] = {{"description", &description},
                                                              {"candidate", &candidate},
                                                              {"signal", &signal},
                                                              {"type", &type},
                                                              {"reason", &reason}};
  for (const auto& [key, value] : media)
    if (!value->empty())
      json.field(key, *value);
  return spaced(json.endObject().take());
}

void Draft::guess(const std::string& note) {
  if (notes.size() < 100 && std::find(notes.begin(), notes.end(), note) == notes.end())
    notes.push_back(note);
}

LearnedDialect finished(Draft draft, const std::string& name) {
  completeSends(draft);
  completeMedia(draft);
  completeEntry(draft);
  std::vector<std::string> parts{"\"name\": " + quotedWord(name)};
  if (const std::string transport = transportOf(draft); !transport.empty())
    parts.push_back("\"transport\": " + transport);
  std::vector<std::string> lines;
  for (const auto& [variable, made] : draft.variables)
    lines.push_back(quotedWord(variable) + ": " + spaced(made));
  if (!lines.empty())
    parts.push_back("\"variables\": {" + listed(lines, "    ") + "\n  }");
  lines.clear();
  for (const auto& [step, messages] : draft.steps) {
    std::vector<std::string> texts;
    for (const std::string& message : messages)
      texts.push_back(spaced(withAnswers(message, draft)));
    lines.push_back(quotedWord(step) + ": " +
                    (texts.size() == 1 ? texts[0] : "[" + listed(texts, "      ") + "\n    ]"));
  }
  parts.push_back("\"steps\": {" + listed(lines, "    ") + (lines.empty() ? "}" : "\n  }"));
  lines.clear();
  for (const char* word : {"offer", "answer", "candidate"})
    if (const std::string* message = sendOf(draft, word))
      lines.push_back(quotedWord(word) + ": " + spaced(*message));
  parts.push_back("\"send\": {" + listed(lines, "    ") + "\n  }");
  if (!draft.trickles)
    parts.emplace_back("\"trickles\": false");
  if (!draft.heartbeat.empty())
    parts.push_back("\"heartbeat\": " + spaced(draft.heartbeat));
  lines.clear();
  for (const DraftRule& rule : draft.rules)
    if (!rule.means.empty() || !rule.take.empty() || !rule.description.empty() ||
        !rule.candidate.empty() || !rule.signal.empty())
      lines.push_back(rule.text());
  parts.push_back("\"rules\": [" + listed(lines, "    ") + "\n  ]");
  return {"{" + listed(parts, "  ") + "\n}\n", std::move(draft.notes)};
}

}  // namespace turnout
