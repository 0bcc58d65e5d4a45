#include "bots/signaling/dialect/dialect.h"

#include "bots/signaling/dialect/template.h"
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
  static const std::vector<std::string> words{"offer", "answer", "candidate", "end-of-candidates"};
  return words;
}

template <class E>
struct Word {
  E value;
  const char* word;
};
constexpr Word<DialectMeaning> kMeanings[] = {
    {DialectMeaning::kNothing, "nothing"},        {DialectMeaning::kRegistered, "registered"},
    {DialectMeaning::kJoined, "joined"},          {DialectMeaning::kQueued, "queued"},
    {DialectMeaning::kRinging, "ringing"},        {DialectMeaning::kIncoming, "incoming"},
    {DialectMeaning::kAnswered, "answered"},      {DialectMeaning::kMatched, "matched"},
    {DialectMeaning::kPeerJoined, "peer-joined"}, {DialectMeaning::kPeerBack, "peer-back"},
    {DialectMeaning::kPeerLeft, "peer-left"},     {DialectMeaning::kOver, "over"},
    {DialectMeaning::kRefused, "refused"}};
constexpr Word<DialectRefusal> kRefusals[] = {{DialectRefusal::kBusy, "busy"},
                                              {DialectRefusal::kFull, "full"},
                                              {DialectRefusal::kAlreadyActive, "already-active"},
                                              {DialectRefusal::kNoSuchUser, "no-such-user"},
                                              {DialectRefusal::kRenamed, "renamed"},
                                              {DialectRefusal::kNotAllowed, "not-allowed"},
                                              {DialectRefusal::kOther, "other"}};

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
  auto rest = parts.begin();
  if (parts[0] == "item") {
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

void readRules(const Place& place, std::vector<DialectRule>& into, bool is_answer);

void readMessages(const Place& place, std::vector<DialectMessage>& into);

Keys<DialectMessage> messageKeys() {
  const auto with = [](const Place& place, DialectMessage& message) {
    const auto add = [&](const Place& argument) {
      if (const auto bad = templateProblem(argument.value))
        argument.problem(*bad);
      message.arguments.push_back(argument.value);
    };
    if (!place.value.isArray())
      return add(place);
    for (const Place& argument : place.elements())
      add(argument);
  };
  const auto ack = [](const Place& place, DialectMessage& message) {
    message.wants_ack = true;
    readRules(place, message.ack_rules, true);
  };
  const auto plain = [](const Place& place, DialectMessage& message) {
    if (const auto bad = templateProblem(place.value))
      place.problem(*bad);
    message.arguments = {place.value};
  };
  return {text("emit", &DialectMessage::event),
          {"with", with},
          {"send", plain},
          text("after", &DialectMessage::after),
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
  const auto offers = [](const Place& place, DialectRule& rule) {
    if (const auto said = place.value.asBool())
      rule.offers = *said;
    else if (auto read = readPath(place))
      rule.offers = std::move(*read);
  };
  return {
      names("on", &DialectRule::on),
      {"when", [](const Place& place, DialectRule& rule) { readTests(place, rule.when); }},
      path("each", &DialectRule::each),
      {"take", [](const Place& place, DialectRule& rule) { readTakes(place, rule.take); }},
      path("peer", &DialectRule::peer),
      word("means", &DialectRule::means, kMeanings),
      word("refusal", &DialectRule::refusal, kRefusals),
      {"offers", offers},
      path("call", &DialectRule::call),
      path("reason", &DialectRule::reason),
      path("description", &DialectRule::description),
      path("candidate", &DialectRule::candidate),
      path("signal", &DialectRule::signal),
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
                 {{"uuid", Make::kUuid}, {"number", Make::kNumber}, {"token", Make::kToken}}),
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
    if (value.value.isObject() && made == variable.text.isPresent())
      value.problem("a variable has either \"make\" or \"text\"");
    if (!made)
      variable.make = DialectVariable::Make::kText;
    dialect.variables.push_back(std::move(variable));
  }
}

Keys<DialectTransport> transportKeys() {
  using Kind = DialectTransport::Kind;
  using Start = DialectTransport::Start;
  return {choice("kind", &DialectTransport::kind,
                 {{"socket.io", Kind::kSocketIo}, {"websocket", Kind::kWebSocket}}),
          integer("engine", &DialectTransport::engine, {3, 4}),
          choice("start", &DialectTransport::start,
                 {{"websocket", Start::kWebSocket},
                  {"polling", Start::kPolling},
                  {"polling-upgrade", Start::kPollingThenUpgrade}}),
          text("path", &DialectTransport::path),
          text("namespace", &DialectTransport::nsp),
          json("query", &DialectTransport::query),
          json("auth", &DialectTransport::auth),
          json("headers", &DialectTransport::headers),
          text("subprotocol", &DialectTransport::subprotocol),
          text("event_field", &DialectTransport::event_field)};
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
  return {required(plainName("name", &Dialect::name)),
          {"description", [](const Place& place, Dialect&) { readText(place); }},
          object("transport", &Dialect::transport, transportKeys()),
          {"variables", readVariables},
          required(Key<Dialect>{"steps", readSteps}),
          {"send", readSend},
          required(Key<Dialect>{"rules",
                                [](const Place& place, Dialect& dialect) {
                                  readRules(place, dialect.rules, false);
                                }}),
          {"timeouts",
           [](const Place& place, Dialect& dialect) {
             for (const Place& element : readList(place, {0, 50}))
               readObject(element, timeoutKeys(), dialect.timeouts.emplace_back());
           }},
          boolean("trickles", &Dialect::trickles),
          boolean("candidates_wait_for_answer", &Dialect::candidates_wait_for_answer)};
}

// What templates may name, and what they do name.
class VariableCheck {
 public:
  VariableCheck(const Dialect& dialect, ScenarioProblems& problems)
      : dialect_(dialect), problems_(problems) {}

  void run() {
    for (const char* name : {"user", "room", "pool", "callee", "call", "peer", "socket", "bot"})
      known_.insert(name);
    for (const auto& variable : dialect_.variables) {
      declared_.insert(variable.name);
      known_.insert(variable.name);
    }
    eachRule([&](const std::string&, const DialectRule& rule) {
      for (const auto& [name, path] : rule.take)
        known_.insert(name);
    });
    checkTransport();
    for (const auto& [word, messages] : dialect_.steps)
      checkAll("steps." + word, messages, {});
    static const std::set<std::string> media{
        "description",    "sdp",           "type",           "candidate",
        "candidate.text", "candidate.mid", "candidate.mline"};
    for (const auto& [word, message] : dialect_.send)
      check("send." + word, message, media);
    eachRule([&](const std::string& path, const DialectRule& rule) {
      checkAll(path + ".reply", rule.reply, {});
      for (const DialectTest& test : rule.when) {
        if (const auto* name = std::get_if<std::string>(&test.subject))
          use(path + ".when", *name, {});
        for (const JsonValue& value : test.values)
          useAll(path + ".when", value, {});
      }
    });
    for (const std::string& name : declared_)
      if (!used_.contains(name))
        problems_.push_back({"variables." + name, "it is never used"});
  }

 private:
  template <class F>
  void eachRule(const F& f) const {
    const auto all = [&](const std::string& path, const std::vector<DialectRule>& rules) {
      for (std::size_t i = 0; i < rules.size(); ++i)
        f(path + "[" + std::to_string(i) + "]", rules[i]);
    };
    all("rules", dialect_.rules);
    const auto acks = [&](const std::string& path, const std::vector<DialectMessage>& messages) {
      for (const DialectMessage& message : messages)
        all(path + ".ack", message.ack_rules);
    };
    for (const auto& [word, messages] : dialect_.steps)
      acks("steps." + word, messages);
    for (const auto& [word, message] : dialect_.send)
      all("send." + word + ".ack", message.ack_rules);
    for (std::size_t i = 0; i < dialect_.rules.size(); ++i)
      acks("rules[" + std::to_string(i) + "].reply", dialect_.rules[i].reply);
    for (std::size_t i = 0; i < dialect_.timeouts.size(); ++i)
      f("timeouts[" + std::to_string(i) + "].then", dialect_.timeouts[i].then);
  }

  void use(const std::string& path, const std::string& name, const std::set<std::string>& more) {
    used_.insert(name);
    if (known_.contains(name) || more.contains(name))
      return;
    std::vector<std::string> all(known_.begin(), known_.end());
    all.insert(all.end(), more.begin(), more.end());
    problems_.push_back({path, "nothing gives ${" + name + "} a value" + suggestion(name, all)});
  }
  void useAll(const std::string& path, const JsonValue& value, const std::set<std::string>& more) {
    for (const std::string& name : variablesIn(value))
      use(path, name, more);
  }
  void check(const std::string& path, const DialectMessage& message,
             const std::set<std::string>& more) {
    for (const std::string& name : variablesInText(message.event))
      use(path + ".emit", name, more);
    for (const JsonValue& argument : message.arguments)
      useAll(path, argument, more);
  }
  void checkAll(const std::string& path, const std::vector<DialectMessage>& messages,
                const std::set<std::string>& more) {
    for (std::size_t i = 0; i < messages.size(); ++i)
      check(messages.size() == 1 ? path : path + "[" + std::to_string(i) + "]", messages[i], more);
  }
  void checkTransport() {
    const DialectTransport& transport = dialect_.transport;
    for (const auto* value : {&transport.query, &transport.auth, &transport.headers})
      useAll("transport", *value, {});
    for (const auto* text : {&transport.path, &transport.nsp})
      for (const std::string& name : variablesInText(*text))
        use("transport", name, {});
  }

  const Dialect& dialect_;
  ScenarioProblems& problems_;
  std::set<std::string> known_, declared_, used_;
};

// What a dialect must be able to do at all.
void checkWhole(const Dialect& dialect, ScenarioProblems& problems) {
  const bool enters = dialect.step("join") || dialect.step("call") ||
                      dialect.step("find-partner") || dialect.hasMeaning(DialectMeaning::kJoined) ||
                      dialect.hasMeaning(DialectMeaning::kMatched);
  if (!enters)
    problems.push_back({"steps",
                        "nothing gets a bot into a call: \"join\", \"call\" or "
                        "\"find-partner\", or a rule that means \"joined\" or \"matched\""});
  const bool negotiates = !dialect.send.empty();
  if (negotiates) {
    for (const char* word : {"offer", "answer"})
      if (!dialect.send.contains(word))
        problems.push_back({"send", std::string("\"") + word + "\" is missing"});
    if (dialect.trickles && !dialect.send.contains("candidate"))
      problems.push_back({"send",
                          "\"candidate\" is missing; an app without candidates has "
                          "\"trickles\": false"});
    const bool hears =
        std::any_of(dialect.rules.begin(), dialect.rules.end(),
                    [](const auto& rule) { return rule.description || rule.signal; });
    if (!hears)
      problems.push_back({"rules",
                          "no rule has a \"description\" or \"signal\": an offer would "
                          "never be understood"});
  }
  if (dialect.step("call") && !dialect.hasMeaning(DialectMeaning::kIncoming))
    problems.push_back({"rules", "there is a step \"call\", but no rule means \"incoming\""});
  for (std::size_t i = 0; i + 1 < dialect.rules.size(); ++i) {
    const DialectRule& rule = dialect.rules[i];
    if (rule.when.empty() && rule.on == std::vector<std::string>{"*"})
      problems.push_back({"rules[" + std::to_string(i) + "]",
                          "it takes every message: the rules after it never match"});
  }
}

}  // namespace

const char* toString(DialectMeaning meaning) {
  return wordOf(kMeanings, meaning);
}
const char* toString(DialectRefusal refusal) {
  return wordOf(kRefusals, refusal);
}

const std::vector<DialectMessage>* Dialect::step(std::string_view word) const {
  const auto found = steps.find(word);
  return found == steps.end() ? nullptr : &found->second;
}

bool Dialect::hasMeaning(DialectMeaning meaning) const {
  const auto any = [meaning](const std::vector<DialectRule>& all) {
    return std::any_of(all.begin(), all.end(),
                       [meaning](const DialectRule& rule) { return rule.means == meaning; });
  };
  if (any(rules))
    return true;
  for (const auto& [word, messages] : steps)
    for (const DialectMessage& message : messages)
      if (any(message.ack_rules))
        return true;
  return false;
}

Dialect readDialect(std::string_view text, ScenarioProblems& problems) {
  Dialect dialect;
  if (text.size() > kMostBytes) {
    problems.push_back({"", "a dialect has at most 256 KiB"});
    return dialect;
  }
  const auto document = JsonValue::parse(text);
  if (!document.hasValue()) {
    problems.push_back({"", document.error().what});
    return dialect;
  }
  const std::size_t before = problems.size();
  readObject({*document, "", &problems}, dialectKeys(), dialect);
  if (problems.size() == before) {
    VariableCheck(dialect, problems).run();
    checkWhole(dialect, problems);
  }
  return dialect;
}

}  // namespace turnout
