#include "bots/signaling/dialect/dialect.h"

#include "bots/signaling/dialect/template.h"
#include "pipelines/base/files.h"
#include "scenarios/strict_reader.h"

#include <algorithm>
#include <set>

namespace turnout {
namespace {

constexpr std::size_t kMostBytes = 256 * 1024;
constexpr std::int64_t kMostRules = 500;

const std::vector<std::string>& stepWords() {
  static const std::vector<std::string> words{"register", "join",         "call",  "answer",
                                              "hang-up",  "find-partner", "leave", "next-partner"};
  return words;
}
const std::vector<std::string>& sendWords() {
  static const std::vector<std::string> words{"offer", "answer", "candidate", "end-of-candidates",
                                              "ping",  "pong"};
  return words;
}

template <class E>
struct Word {
  E value;
  const char* word;
};
constexpr Word<DialectMeaning> kMeanings[] = {
    {DialectMeaning::kNothing, "nothing"},        {DialectMeaning::kRegistered, "registered"},
    {DialectMeaning::kJoined, "joined"},          {DialectMeaning::kBack, "back"},
    {DialectMeaning::kQueued, "queued"},          {DialectMeaning::kNoPartner, "no-partner"},
    {DialectMeaning::kRinging, "ringing"},        {DialectMeaning::kIncoming, "incoming"},
    {DialectMeaning::kAnswered, "answered"},      {DialectMeaning::kMatched, "matched"},
    {DialectMeaning::kPeerJoined, "peer-joined"}, {DialectMeaning::kPeerBack, "peer-back"},
    {DialectMeaning::kPeerLeft, "peer-left"},     {DialectMeaning::kOver, "over"},
    {DialectMeaning::kRefused, "refused"},        {DialectMeaning::kLeft, "left"}};
constexpr Word<SignalBack::Place> kPlaces[] = {
    {SignalBack::Place::kNothing, "nothing"}, {SignalBack::Place::kRoom, "room"},
    {SignalBack::Place::kRinging, "ringing"}, {SignalBack::Place::kCall, "call"},
    {SignalBack::Place::kQueue, "queue"},     {SignalBack::Place::kMatch, "match"}};

template <class E, std::size_t N>
const char* wordOf(const Word<E> (&words)[N], E value) {
  for (const auto& row : words)
    if (row.value == value)
      return row.word;
  return "";
}
template <class T, class E, std::size_t N>
Key<T> word(std::string name, E T::*field, const Word<E> (&words)[N]) {
  std::vector<std::pair<std::string, E>> choices;
  for (const auto& row : words)
    choices.emplace_back(row.word, row.value);
  return choice(std::move(name), field, std::move(choices));
}

bool isNumber(std::string_view text) {
  return !text.empty() && text.size() < 6 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<DialectPath> readPath(const Place& place) {
  const auto text = readText(place);
  if (!text)
    return std::nullopt;
  DialectPath path{.text = *text};
  std::vector<std::string> parts;
  for (std::size_t from = 0; from <= text->size();) {
    const std::size_t dot = std::min(text->find('.', from), text->size());
    parts.push_back(text->substr(from, dot - from));
    from = dot + 1;
  }
  if (std::any_of(parts.begin(), parts.end(), [](const auto& part) { return part.empty(); })) {
    place.expected("a path such as \"room\", \"1.sdp\" or \"item.id\"");
    return std::nullopt;
  }
  if (text->find_first_of("[]") != std::string::npos) {
    place.expected(
        "a path in which an element of a list has its number for a name: \"data.0.sdp\"");
    return std::nullopt;
  }
  auto rest = parts.begin();
  if (parts[0].starts_with('$')) {
    path.root = DialectPath::Root::kVariable;
    path.variable = parts[0].substr(1);
    ++rest;
    // A variable of a peer: "$peer.line".
    if (path.variable == "peer" && rest != parts.end())
      path.variable += "." + *rest++;
  } else if (parts[0] == "item") {
    path.root = DialectPath::Root::kItem;
    ++rest;
  } else if (isNumber(parts[0])) {
    path.argument = static_cast<std::size_t>(std::stoul(parts[0]));
    ++rest;
  }
  path.steps.assign(rest, parts.end());
  return path;
}

template <class T>
Key<T> path(std::string name, std::optional<DialectPath> T::*field) {
  return {std::move(name), [field](const Place& place, T& into) { into.*field = readPath(place); }};
}

template <class T>
Key<T> json(std::string name, JsonValue T::*field) {
  return {std::move(name), [field](const Place& place, T& into) {
            if (const auto bad = templateProblem(place.value))
              place.problem(*bad);
            into.*field = place.value;
          }};
}

// A word or a list of words.
std::vector<std::string> readNames(const Place& place) {
  std::vector<std::string> names;
  if (place.value.isString()) {
    if (auto name = readText(place))
      names.push_back(std::move(*name));
    return names;
  }
  for (const Place& element : readList(place, {1, 50}))
    if (auto name = readText(element))
      names.push_back(std::move(*name));
  return names;
}
template <class T>
Key<T> names(std::string name, std::vector<std::string> T::*field) {
  return {std::move(name),
          [field](const Place& place, T& into) { into.*field = readNames(place); }};
}

bool isVariableName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
  });
}

// One condition of a value: "not", "present", "one_of", "empty".
std::optional<DialectTest> readCondition(const Place& place, const std::string& key,
                                         DialectTest test) {
  using Kind = DialectTest::Kind;
  if (key == "not") {
    test.kind = Kind::kNot;
    test.values = {place.value};
    return test;
  }
  if (key == "one_of") {
    test.kind = Kind::kOneOf;
    for (const Place& element : readList(place, {1, 50}))
      test.values.push_back(element.value);
    return test;
  }
  const auto wanted = place.value.asBool();
  if (!wanted) {
    place.expected("true or false");
    return std::nullopt;
  }
  if (key == "present")
    test.kind = *wanted ? Kind::kPresent : Kind::kAbsent;
  else
    test.kind = *wanted ? Kind::kEmpty : Kind::kNotEmpty;
  return test;
}

void readTest(const Place& place, const std::string& subject, std::vector<DialectTest>& into) {
  DialectTest test;
  if (subject.starts_with('$')) {
    test.subject = subject.substr(1);
  } else {
    const auto quoted = JsonValue::parse(JsonWriter().string(subject).text());
    const auto read = readPath({*quoted, place.path, place.problems});
    if (!read)
      return;
    test.subject = *read;
  }
  if (!place.value.isObject()) {
    test.values = {place.value};
    into.push_back(std::move(test));
    return;
  }
  const std::vector<std::string> known{"not", "present", "one_of", "empty"};
  reportUnknownKeys(place, known);
  for (const std::string& key : known)
    if (const Place value = place.at(key); value.value.isPresent())
      if (auto read = readCondition(value, key, test))
        into.push_back(*std::move(read));
}

void readTests(const Place& place, std::vector<DialectTest>& into) {
  if (!place.value.isObject())
    return place.expected("an object: paths and what they must be");
  for (const std::string& subject : place.keys())
    readTest(place.at(subject), subject, into);
}

void readTakes(const Place& place, std::vector<std::pair<std::string, DialectPath>>& into) {
  if (!place.value.isObject())
    return place.expected("an object: variables and where they are");
  for (const std::string& name : place.keys()) {
    const Place value = place.at(name);
    if (!isVariableName(name))
      value.problem("a variable is letters, digits, '_' and '.', at most 64");
    else if (auto read = readPath(value))
      into.emplace_back(name, std::move(*read));
  }
}

void readSets(const Place& place, std::vector<std::pair<std::string, JsonValue>>& into) {
  if (!place.value.isObject())
    return place.expected("an object: variables and what they become");
  for (const std::string& name : place.value.keys()) {
    const Place value = place.at(name);
    if (!isVariableName(name))
      value.problem("a variable is letters, digits, '_' and '.', at most 64");
    else if (const auto bad = templateProblem(value.value))
      value.problem(*bad);
    else
      into.emplace_back(name, value.value);
  }
}

void readRules(const Place& place, std::vector<DialectRule>& into, bool is_answer);

void readMessages(const Place& place, std::vector<DialectMessage>& into);

Keys<DialectMessage> messageKeys() {
  const auto with = [](const Place& place, DialectMessage& message) {
    const auto add = [&](const Place& argument) {
      if (const auto bad = templateProblem(argument.value))
        argument.problem(*bad);
      message.arguments.emplace_back(argument.value);
    };
    if (!place.value.isArray())
      return add(place);
    for (const Place& argument : place.elements())
      add(argument);
  };
  const auto when = [](const Place& place, DialectMessage& message) {
    readTests(place, message.when);
    for (const DialectTest& test : message.when)
      if (!std::holds_alternative<std::string>(test.subject))
        place.problem(
            "nothing was heard that a message of ours could test; a variable is \"$name\"");
  };
  const auto ack = [](const Place& place, DialectMessage& message) {
    message.wants_ack = true;
    readRules(place, message.ack_rules, true);
  };
  const auto plain = [](const Place& place, DialectMessage& message) {
    if (const auto bad = templateProblem(place.value))
      place.problem(*bad);
    message.arguments = {Template(place.value)};
  };
  const auto emit = [](const Place& place, DialectMessage& message) {
    if (const auto name = readText(place))
      message.event = Template(*name);
  };
  return {{"emit", emit},
          {"with", with},
          {"send", plain},
          {"when", when},
          text("after", &DialectMessage::after),
          boolean("beside", &DialectMessage::is_beside),
          {"ack", ack}};
}

void readMessage(const Place& place, DialectMessage& message) {
  readObject(place, messageKeys(), message);
  if (!place.value.isObject())
    return;
  const bool emits = place.value.get("emit").isPresent(),
             sends = place.value.get("send").isPresent();
  if (emits == sends)
    place.problem("a message has either \"emit\" (Socket.IO) or \"send\" (plain WebSocket)");
  if (sends && place.value.get("with").isPresent())
    place.problem("\"with\" belongs to \"emit\"; \"send\" is the whole message");
  if (emits)
    if (const auto bad = templateProblem(place.value.get("emit")))
      place.at("emit").problem(*bad);
}

void readMessages(const Place& place, std::vector<DialectMessage>& into) {
  if (!place.value.isArray())
    return readMessage(place, into.emplace_back());
  for (const Place& element : readList(place, {0, 20}))
    readMessage(element, into.emplace_back());
}

Keys<DialectRule> ruleKeys() {
  const auto refusal = [](const Place& place, DialectRule& rule) {
    std::vector<std::string> words;
    for (const auto& [text, value] : kRefusalWords)
      words.emplace_back(text);
    const auto read = readWord(place, words);
    for (const auto& [text, value] : kRefusalWords)
      if (read == text)
        rule.refusal = value;
  };
  using Side = std::variant<std::monostate, bool, DialectPath>;
  const auto side = [](const char* name, Side DialectRule::*field) {
    return Key<DialectRule>{name, [field](const Place& place, DialectRule& rule) {
                              if (const auto said = place.value.asBool())
                                rule.*field = *said;
                              else if (auto read = readPath(place))
                                rule.*field = std::move(*read);
                            }};
  };
  return {
      names("on", &DialectRule::on),
      boolean("beside", &DialectRule::is_beside),
      {"when", [](const Place& place, DialectRule& rule) { readTests(place, rule.when); }},
      path("each", &DialectRule::each),
      {"take", [](const Place& place, DialectRule& rule) { readTakes(place, rule.take); }},
      {"set", [](const Place& place, DialectRule& rule) { readSets(place, rule.set); }},
      path("peer", &DialectRule::peer),
      path("user", &DialectRule::user),
      path("page", &DialectRule::page),
      path("was", &DialectRule::was),
      path("id", &DialectRule::id),
      path("key", &DialectRule::key),
      path("resumed", &DialectRule::resumed),
      path("grace_ms", &DialectRule::grace_ms),
      word("means", &DialectRule::means, kMeanings),
      {"refusal", refusal},
      word("place", &DialectRule::place, kPlaces),
      side("offers", &DialectRule::offers),
      side("polite", &DialectRule::polite),
      path("call", &DialectRule::call),
      path("reason", &DialectRule::reason),
      path("description", &DialectRule::description),
      path("candidate", &DialectRule::candidate),
      path("mid", &DialectRule::mid),
      path("mline", &DialectRule::mline),
      path("signal", &DialectRule::signal),
      path("connection", &DialectRule::connection),
      path("ping", &DialectRule::ping),
      path("pong", &DialectRule::pong),
      choice("type", &DialectRule::description_type,
             {{"offer", std::string("offer")}, {"answer", std::string("answer")}}),
      {"reply", [](const Place& place, DialectRule& rule) { readMessages(place, rule.reply); }}};
}

bool usesItem(const std::optional<DialectPath>& path) {
  return path && path->root == DialectPath::Root::kItem;
}

void readRule(const Place& place, DialectRule& rule, bool is_answer) {
  readObject(place, ruleKeys(), rule);
  if (!place.value.isObject())
    return;
  if (is_answer && !rule.on.empty())
    place.at("on").problem("the rules of an acknowledgement have no \"on\"");
  if (!is_answer && rule.on.empty() && !place.value.get("on").isPresent())
    place.problem("\"on\" is missing: the event that the rule is about, or \"*\"");
  if (place.value.get("refusal").isPresent() && rule.means != DialectMeaning::kRefused)
    place.at("refusal").problem("only a rule that means \"refused\" has a refusal");
  if (rule.description || rule.candidate || rule.signal)
    if (static_cast<int>(rule.description.has_value()) + rule.candidate.has_value() +
            rule.signal.has_value() >
        1)
      place.problem("one of \"description\", \"candidate\" and \"signal\"");
  if (!rule.each)
    for (const auto& used :
         {rule.peer, rule.call, rule.reason, rule.description, rule.candidate, rule.signal})
      if (usesItem(used))
        place.problem("\"" + used->text + "\" needs \"each\": the list that it is an item of");
  const bool is_about_peer =
      rule.means == DialectMeaning::kPeerJoined || rule.means == DialectMeaning::kPeerLeft;
  if (is_about_peer && !rule.peer)
    place.problem(std::string("a rule that means \"") + toString(rule.means) +
                  "\" says who: \"peer\"");
  if (place.value.get("place").isPresent() != (rule.means == DialectMeaning::kBack))
    place.problem("\"place\" and \"means\": \"back\" go together: what we are in still");
}

void readRules(const Place& place, std::vector<DialectRule>& into, bool is_answer) {
  if (!place.value.isArray())
    return readRule(place, into.emplace_back(), is_answer);
  for (const Place& element : readList(place, {0, kMostRules}))
    readRule(element, into.emplace_back(), is_answer);
}

Keys<DialectVariable> variableKeys() {
  using Make = DialectVariable::Make;
  using OnRefresh = DialectVariable::OnRefresh;
  return {choice("make", &DialectVariable::make,
                 {{"uuid", Make::kUuid},
                  {"number", Make::kNumber},
                  {"token", Make::kToken},
                  {"given", Make::kGiven}}),
          json("text", &DialectVariable::text),
          choice("on_refresh", &DialectVariable::on_refresh,
                 {{"keep", OnRefresh::kKeep}, {"new", OnRefresh::kNew}})};
}

void readVariables(const Place& place, Dialect& dialect) {
  if (!place.value.isObject())
    return place.expected("an object: names and how they are made");
  for (const std::string& name : place.keys()) {
    const Place value = place.at(name);
    DialectVariable variable{.name = name, .text = {}};
    if (!isVariableName(name) || name.find('.') != std::string::npos)
      value.problem("a variable is letters, digits and '_', at most 64");
    readObject(value, variableKeys(), variable);
    const bool made = value.value.get("make").isPresent();
    const bool is_given = variable.make == DialectVariable::Make::kGiven;  // its text: if it is not
    if (value.value.isObject() && !(made && is_given) && made == variable.text.isPresent())
      value.problem("a variable has either \"make\" or \"text\"");
    if (!made)
      variable.make = DialectVariable::Make::kText;
    dialect.variables.push_back(std::move(variable));
  }
}

void readPrologue(const Place& place, DialectPrologue& prologue) {
  const auto takes = [](const Place& at, DialectPrologue& into) { readTakes(at, into.take); };
  readObject(place,
             {choice("method", &DialectPrologue::method,
                     {{"GET", std::string("GET")},
                      {"POST", std::string("POST")},
                      {"PUT", std::string("PUT")}}),
              required(text("path", &DialectPrologue::path)),
              json("headers", &DialectPrologue::headers), json("json", &DialectPrologue::json),
              json("form", &DialectPrologue::form), Key<DialectPrologue>{"take", takes}},
             prologue);
  if (prologue.json.isPresent() && prologue.form.isPresent())
    place.problem("its body is either \"json\" or \"form\"");
}

Keys<DialectTransport> transportKeys() {
  const auto field = [](const Place& place, DialectTransport& transport) {
    if (auto read = readPath(place))
      transport.event_field = std::move(*read);
  };
  const auto before = [](const Place& place, DialectTransport& transport) {
    if (!place.value.isArray())
      return readPrologue(place, transport.before.emplace_back());
    for (const Place& element : readList(place, {0, 10}))
      readPrologue(element, transport.before.emplace_back());
  };
  using Kind = DialectTransport::Kind;
  return {choice("kind", &DialectTransport::kind,
                 {{"socket.io", Kind::kSocketIo}, {"websocket", Kind::kWebSocket}}),
          integer("engine", &DialectTransport::engine, {3, 4}),
          choice("start", &DialectTransport::start,
                 {kEngineStartWords.begin(), kEngineStartWords.end()}),
          text("url", &DialectTransport::url),
          text("path", &DialectTransport::path),
          text("namespace", &DialectTransport::nsp),
          json("query", &DialectTransport::query),
          json("auth", &DialectTransport::auth),
          json("headers", &DialectTransport::headers),
          text("subprotocol", &DialectTransport::subprotocol),
          {"event_field", field},
          boolean("binary", &DialectTransport::is_binary),
          {"before", before}};
}

Keys<DialectTimeout> timeoutKeys() {
  const auto within = [](const Place& place, DialectTimeout& timeout) {
    if (const auto ms = readInteger(place, {1, kHourMs}))
      timeout.within = milliseconds(*ms);
  };
  const auto then = [](const Place& place, DialectTimeout& timeout) {
    readRule(place, timeout.then, true);
  };
  const auto step = [](const Place& place, DialectTimeout& timeout) {
    if (auto read = readWord(place, stepWords()))
      timeout.step = std::move(*read);
  };
  return {required(Key<DialectTimeout>{"step", step}),
          required(names("until", &DialectTimeout::until)),
          required(Key<DialectTimeout>{"within_ms", within}),
          required(Key<DialectTimeout>{"then", then})};
}

Keys<DialectHeartbeat> heartbeatKeys() {
  const auto every = [](const Place& place, DialectHeartbeat& heartbeat) {
    if (const auto ms = readInteger(place, {100, kHourMs}))
      heartbeat.every = milliseconds(*ms);
  };
  const auto say = [](const Place& place, DialectHeartbeat& heartbeat) {
    readMessages(place, heartbeat.say);
  };
  return {required(Key<DialectHeartbeat>{"every_ms", every}),
          required(Key<DialectHeartbeat>{"say", say})};
}

void readSteps(const Place& place, Dialect& dialect) {
  if (!place.value.isObject())
    return place.expected("an object: steps and what is said for each");
  reportUnknownKeys(place, stepWords());
  for (const std::string& word : stepWords())
    if (const Place step = place.at(word); step.value.isPresent())
      readMessages(step, dialect.steps[word]);
}

void readSend(const Place& place, Dialect& dialect) {
  if (!place.value.isObject())
    return place.expected("an object: offer, answer, candidate");
  reportUnknownKeys(place, sendWords());
  for (const std::string& word : sendWords())
    if (const Place message = place.at(word); message.value.isPresent())
      readMessage(message, dialect.send[word]);
}

Keys<Dialect> dialectKeys() {
  return {
      required(plainName("name", &Dialect::name)),
      {"description", [](const Place& place, Dialect&) { readText(place); }},
      object("transport", &Dialect::transport, transportKeys()),
      {"beside",
       [](const Place& place, Dialect& dialect) {
         readObject(place, transportKeys(), dialect.beside.emplace());
         if (place.value.get("before").isPresent())
           place.at("before").problem("requests come before the first connection: \"transport\"");
       }},
      {"variables", readVariables},
      required(Key<Dialect>{"steps", readSteps}),
      {"send", readSend},
      required(Key<Dialect>{
          "rules",
          [](const Place& place, Dialect& dialect) { readRules(place, dialect.rules, false); }}),
      {"timeouts",
       [](const Place& place, Dialect& dialect) {
         for (const Place& element : readList(place, {0, 50}))
           readObject(element, timeoutKeys(), dialect.timeouts.emplace_back());
       }},
      {"acks",
       [](const Place& place, Dialect& dialect) { readRules(place, dialect.ack_rules, true); }},
      {"heartbeat",
       [](const Place& place, Dialect& dialect) {
         readObject(place, heartbeatKeys(), dialect.heartbeat.emplace());
       }},
      text("address", &Dialect::address),
      boolean("trickles", &Dialect::trickles),
      boolean("candidates_wait_for_answer", &Dialect::candidates_wait_for_answer)};
}

template <class F>
void eachMessage(const Dialect& dialect, const F& f) {
  const auto all = [&](const std::vector<DialectMessage>& messages) {
    for (const DialectMessage& message : messages)
      f(message);
  };
  for (const auto& [word, messages] : dialect.steps)
    all(messages);
  for (const auto& [word, message] : dialect.send)
    f(message);
  for (const DialectRule& rule : dialect.rules)
    all(rule.reply);
  if (dialect.heartbeat)
    all(dialect.heartbeat->say);
}

}  // namespace

const char* toString(DialectMeaning meaning) {
  return wordOf(kMeanings, meaning);
}

const std::vector<DialectMessage>* Dialect::step(std::string_view word) const {
  const auto found = steps.find(word);
  return found == steps.end() ? nullptr : &found->second;
}

bool Dialect::hasRule(const std::function<bool(const DialectRule&)>& is) const {
  bool found = std::any_of(rules.begin(), rules.end(), is) ||
               std::any_of(ack_rules.begin(), ack_rules.end(), is);
  eachMessage(*this, [&](const DialectMessage& message) {
    found = found || std::any_of(message.ack_rules.begin(), message.ack_rules.end(), is);
  });
  return found;
}

bool Dialect::hasMeaning(DialectMeaning meaning) const {
  return (meanings >> static_cast<int>(meaning) & 1) != 0;
}

SignalAbilities Dialect::abilities() const {
  return {
      .keeps_sessions = hasRule([](const auto& rule) { return rule.resumed.has_value(); }),
      .announces_departure =
          hasMeaning(DialectMeaning::kPeerLeft) || hasMeaning(DialectMeaning::kOver),
      .numbers_connections = hasRule([](const auto& rule) { return rule.connection.has_value(); })};
}

std::span<const EmbeddedFile> dialectFiles();  // written by turnout_embed() of CMakeLists.txt

std::vector<std::string> shippedDialects() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : dialectFiles())
    names.emplace_back(file.name.substr(0, file.name.find('.')));
  return names;
}

std::optional<std::string_view> shippedDialect(std::string_view name) {
  for (const EmbeddedFile& file : dialectFiles())
    if (file.name.substr(0, file.name.find('.')) == name)
      return file.bytes;
  return std::nullopt;
}

Dialect readDialect(std::string_view text, ScenarioProblems& problems) {
  Dialect dialect;
  if (text.size() > kMostBytes) {
    problems.push_back({"", "a dialect has at most 256 KiB"});
    return dialect;
  }
  std::vector<JsonProblem> syntax;
  const auto document = JsonValue::parse(text, syntax);
  for (JsonProblem& problem : syntax)
    problems.push_back({"", std::move(problem.message), problem.line, problem.column});
  if (!document || !syntax.empty())
    return dialect;
  const std::size_t before = problems.size();
  readObject({*document, "", &problems}, dialectKeys(), dialect);
  eachMessage(dialect, [&](const DialectMessage& message) {
    if (!message.after.empty())
      dialect.gates.insert(message.after);
  });
  dialect.hasRule([&](const DialectRule& rule) {
    dialect.meanings |= 1u << static_cast<int>(rule.means);
    return false;
  });
  if (problems.size() == before) {
    checkDialect(dialect, problems);
  }
  return dialect;
}

}  // namespace turnout
