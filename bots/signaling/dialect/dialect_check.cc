// What cannot be told key by key: whether templates and paths name what is known by then, and whether
// the whole can get a bot into a call.

#include "bots/signaling/dialect/dialect.h"
#include "bots/signaling/dialect/template.h"
#include "scenarios/problem.h"

#include <algorithm>
#include <set>

namespace turnout {
namespace {

const char* const kEntrySteps[] = {"register", "join", "call", "find-partner"};

// What a rule or message can be in.
struct RulePlace {
  std::string path;
  std::string answers;  // the step whose message it is the acknowledgement of; empty: of none
};

// What templates may name, and what they do name.
class VariableCheck {
 public:
  VariableCheck(const Dialect& dialect, ScenarioProblems& problems)
      : dialect_(dialect), problems_(problems) {}

  void run() {
    for (const char* name : {"user", "room", "pool", "callee", "call", "peer", "socket", "bot",
                             "my_id", "page", "key"})
      known_.insert(name);
    for (const auto& variable : dialect_.variables)
      give(variable.name, "variables." + variable.name);
    eachRule([&](const RulePlace& place, const DialectRule& rule) {
      for (const auto& [name, path] : rule.take)
        give(name, place.path + ".take." + name);
      for (const auto& [name, value] : rule.set)
        give(name, place.path + ".set." + name);
    });
    for (const DialectPrologue& prologue : dialect_.transport.before)
      for (const auto& [name, path] : prologue.take)
        give(name, "transport.before.take." + name);
    checkTransport();
    checkBeside();
    for (const std::string& name : variablesInText(dialect_.address))
      use("address", name, {});
    for (const auto& variable : dialect_.variables)
      useAll("variables." + variable.name, variable.text, {});
    for (const auto& [word, messages] : dialect_.steps)
      checkAll("steps." + word, messages, {});
    static const std::set<std::string> media{
        "description",     "sdp",        "type",   "candidate", "candidate.text", "candidate.mid",
        "candidate.mline", "connection", "number", "padding"};
    for (const auto& [word, message] : dialect_.send)
      check("send." + word, message, media);
    if (dialect_.heartbeat)
      checkAll("heartbeat.say", dialect_.heartbeat->say, {});
    eachRule([&](const RulePlace& place, const DialectRule& rule) { checkRule(place, rule); });
    for (const char* step : kEntrySteps)
      checkOrder(step);
    for (const auto& [name, place] : given_)
      if (!used_.contains(name))
        problems_.push_back({place, "it is never used: use ${" + name + "}, or leave it out"});
  }

 private:
  template <class F>
  void eachRule(const F& f) const {
    const auto all = [&](const RulePlace& place, const std::vector<DialectRule>& rules) {
      for (std::size_t i = 0; i < rules.size(); ++i)
        f(RulePlace{place.path + "[" + std::to_string(i) + "]", place.answers}, rules[i]);
    };
    all({"rules", ""}, dialect_.rules);
    all({"acks", ""}, dialect_.ack_rules);
    const auto acks = [&](const RulePlace& place, const std::vector<DialectMessage>& messages) {
      for (const DialectMessage& message : messages)
        all({place.path + ".ack", place.answers}, message.ack_rules);
    };
    for (const auto& [word, messages] : dialect_.steps)
      acks({"steps." + word, word}, messages);
    for (const auto& [word, message] : dialect_.send)
      all({"send." + word + ".ack", word}, message.ack_rules);
    for (std::size_t i = 0; i < dialect_.rules.size(); ++i)
      acks({"rules[" + std::to_string(i) + "].reply", ""}, dialect_.rules[i].reply);
    for (std::size_t i = 0; i < dialect_.timeouts.size(); ++i)
      f(RulePlace{"timeouts[" + std::to_string(i) + "].then", ""}, dialect_.timeouts[i].then);
  }

  void give(const std::string& name, const std::string& place) {
    known_.insert(name);
    given_.emplace(name, place);
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
  void usePath(const std::string& path, const std::optional<DialectPath>& used) {
    if (used && used->root == DialectPath::Root::kVariable)
      use(path, used->variable, {});
  }
  void useTests(const std::string& path, const std::vector<DialectTest>& tests) {
    for (const DialectTest& test : tests) {
      if (const auto* name = std::get_if<std::string>(&test.subject))
        use(path, *name, {});
      for (const JsonValue& value : test.values)
        useAll(path, value, {});
    }
  }
  void checkRule(const RulePlace& place, const DialectRule& rule) {
    if (rule.is_beside && !dialect_.beside)
      problems_.push_back(
          {place.path + ".beside", "there is no second connection: \"beside\" of the whole"});
    checkAll(place.path + ".reply", rule.reply, {});
    useTests(place.path + ".when", rule.when);
    for (const auto& [name, value] : rule.set)
      useAll(place.path + ".set", value, {});
    for (const auto& [name, path] : rule.take)
      usePath(place.path + ".take", path);
    for (const auto* path :
         {&rule.peer, &rule.user, &rule.page, &rule.was, &rule.id, &rule.key, &rule.resumed,
          &rule.grace_ms, &rule.call, &rule.reason, &rule.description, &rule.candidate, &rule.mid,
          &rule.mline, &rule.signal, &rule.connection, &rule.ping, &rule.pong, &rule.each})
      usePath(place.path, *path);
    for (const auto* side : {&rule.offers, &rule.polite})
      if (const auto* path = std::get_if<DialectPath>(side))
        usePath(place.path, *path);
  }
  void check(const std::string& path, const DialectMessage& message,
             const std::set<std::string>& more) {
    if (message.is_beside && !dialect_.beside)
      problems_.push_back(
          {path + ".beside", "there is no second connection: \"beside\" of the whole"});
    const DialectTransport& over =
        message.is_beside && dialect_.beside ? *dialect_.beside : dialect_.transport;
    const bool is_plain = over.kind == DialectTransport::Kind::kWebSocket;
    if (is_plain && !message.event.isEmpty())
      problems_.push_back({path,
                           "a plain WebSocket has no events: \"send\" in place of \"emit\" and "
                           "\"with\", or a \"transport\" of kind \"socket.io\""});
    else if (!is_plain && message.event.isEmpty())
      problems_.push_back({path,
                           "\"send\" is for plain WebSockets: \"emit\" and \"with\", or a "
                           "\"transport\" of kind \"websocket\""});
    if (is_plain && message.wants_ack)
      problems_.push_back({path + ".ack",
                           "a plain WebSocket has no acknowledgements: a rule for the "
                           "message that answers"});
    useTests(path + ".when", message.when);
    for (const std::string& name : message.event.variables())
      use(path + ".emit", name, more);
    for (const Template& argument : message.arguments)
      for (const std::string& name : argument.variables())
        use(path, name, more);
  }
  void checkAll(const std::string& path, const std::vector<DialectMessage>& messages,
                const std::set<std::string>& more) {
    for (std::size_t i = 0; i < messages.size(); ++i)
      check(messages.size() == 1 ? path : path + "[" + std::to_string(i) + "]", messages[i], more);
  }

  // By then the first connection is there, and what it needs may have been heard.
  void checkBeside() {
    if (!dialect_.transport.url.empty())
      problems_.push_back({"transport.url",
                           "the app's server is named by the scenario; a \"url\" is "
                           "for \"beside\""});
    if (!dialect_.beside)
      return;
    for (const auto* value :
         {&dialect_.beside->query, &dialect_.beside->auth, &dialect_.beside->headers})
      useAll("beside", *value, {});
    for (const auto* text : {&dialect_.beside->url, &dialect_.beside->path, &dialect_.beside->nsp})
      for (const std::string& name : variablesInText(*text))
        use("beside", name, {});
  }

  // Before the connection nothing has been heard and nobody is there.
  void checkTransport() {
    const DialectTransport& transport = dialect_.transport;
    std::set<std::string> names;
    for (const auto* value : {&transport.query, &transport.auth, &transport.headers})
      names.merge(variablesIn(*value));
    for (const auto* text : {&transport.path, &transport.nsp})
      names.merge(variablesInText(*text));
    std::set<std::string> taken;
    for (const DialectPrologue& prologue : transport.before) {
      for (const auto* value : {&prologue.headers, &prologue.json, &prologue.form})
        names.merge(variablesIn(*value));
      names.merge(variablesInText(prologue.path));
      for (const auto& [name, path] : prologue.take)
        taken.insert(name);
    }
    for (const std::string& name : names) {
      use("transport", name, {});
      const bool is_made = std::any_of(dialect_.variables.begin(), dialect_.variables.end(),
                                       [&](const auto& made) { return made.name == name; });
      const bool is_there = is_made || taken.contains(name) || name == "user" || name == "room" ||
                            name == "pool" || name == "bot" || name == "page";
      if (known_.contains(name) && !is_there)
        problems_.push_back({"transport", "${" + name +
                                              "} has no value before we are connected: there are "
                                              "${user} ${room} ${pool} ${bot} and \"variables\""});
    }
  }

  // Whether what it takes can have been heard before the entry step `word` was said: a word to us is
  // later if it says that we are in, or comes from somebody whom we are in with.
  bool comesLater(const RulePlace& place, const DialectRule& rule, const std::string& word) const {
    if (!place.answers.empty())
      return place.answers != "register" || word == "register";
    if (rule.description || rule.candidate || rule.signal)
      return true;
    switch (rule.means) {
      case DialectMeaning::kNothing:
      case DialectMeaning::kRefused:
        return false;
      case DialectMeaning::kRegistered:
        return word == "register";
      default:
        return true;
    }
  }

  void checkOrder(const std::string& word) {
    const auto* messages = dialect_.step(word);
    if (!messages)
      return;
    std::set<std::string> names;
    for (const DialectMessage& message : *messages) {
      names.merge(message.event.variables());
      for (const Template& argument : message.arguments)
        names.merge(argument.variables());
    }
    for (const std::string& name : names) {
      if (name == "peer" || name.starts_with("peer.") ||
          (word != "call" && (name == "callee" || name == "call"))) {
        problems_.push_back(
            {"steps." + word,
             "${" + name + "} has no value yet when a bot wants to " + word + ": nobody is there"});
        continue;
      }
      bool is_taken = false, is_in_time = false;
      for (const DialectVariable& variable : dialect_.variables)
        is_in_time = is_in_time || variable.name == name;
      eachRule([&](const RulePlace& place, const DialectRule& rule) {
        for (const auto& [taken, path] : rule.take)
          if (taken == name) {
            is_taken = true;
            is_in_time = is_in_time || !comesLater(place, rule, word);
          }
      });
      if (is_taken && !is_in_time)
        problems_.push_back(
            {"steps." + word, "${" + name +
                                  "} is used before it is taken: every rule that takes it "
                                  "is for what comes after this step"});
    }
  }

  const Dialect& dialect_;
  ScenarioProblems& problems_;
  std::set<std::string> known_, used_;
  std::multimap<std::string, std::string> given_;  // and where
};

// Rules that never match, because one before them takes it all.
void checkShadows(const Dialect& dialect, ScenarioProblems& problems) {
  std::map<std::string, std::size_t> taken;  // events, and by which rule
  for (std::size_t i = 0; i < dialect.rules.size(); ++i) {
    const DialectRule& rule = dialect.rules[i];
    const auto by = [&](const std::string& event) {
      const auto all = taken.find("*"), one = taken.find(event);
      return all != taken.end() ? all : one;
    };
    const bool never = std::all_of(rule.on.begin(), rule.on.end(), [&](const std::string& event) {
      return by(event) != taken.end();
    });
    if (never && !rule.on.empty())
      problems.push_back({"rules[" + std::to_string(i) + "]",
                          "it never matches: rules[" + std::to_string(by(rule.on[0])->second) +
                              "] takes every \"" + rule.on[0] +
                              "\"; give that a \"when\", or put this one before it"});
    if (rule.when.empty())
      for (const std::string& event : rule.on)
        taken.emplace(event, i);
  }
}

// What a dialect must be able to do at all.
void checkWhole(const Dialect& dialect, ScenarioProblems& problems) {
  const bool enters =
      std::any_of(std::begin(kEntrySteps) + 1, std::end(kEntrySteps),
                  [&](const char* step) { return dialect.step(step) != nullptr; }) ||
      dialect.hasMeaning(DialectMeaning::kJoined) || dialect.hasMeaning(DialectMeaning::kMatched) ||
      dialect.hasMeaning(DialectMeaning::kIncoming);
  if (!enters)
    problems.push_back(
        {"steps",
         "nothing gets a bot into a call: \"join\", \"call\" or "
         "\"find-partner\", or a rule that means \"joined\", \"matched\" or \"incoming\""});
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
  for (std::size_t i = 0; i < dialect.rules.size(); ++i) {
    const DialectRule& rule = dialect.rules[i];
    if (rule.means == DialectMeaning::kIncoming && !dialect.step("call") && !rule.description &&
        !rule.signal)
      problems.push_back({"rules[" + std::to_string(i) + "]",
                          "without a step \"call\" the offer is the call: the rule that means "
                          "\"incoming\" has its \"description\""});
  }
  if (dialect.step("call") && !dialect.hasMeaning(DialectMeaning::kIncoming))
    problems.push_back({"rules", "there is a step \"call\", but no rule means \"incoming\""});
  checkShadows(dialect, problems);
}

}  // namespace

void checkDialect(const Dialect& dialect, ScenarioProblems& problems) {
  VariableCheck(dialect, problems).run();
  checkWhole(dialect, problems);
}

}  // namespace turnout
