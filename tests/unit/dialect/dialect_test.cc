#include "bots/signaling/dialect/dialect.h"

#include "bots/signaling/dialect/dialect_session.h"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

std::string lineOf(const DialectSession::Body& body) {
  using std::string;
  const auto offers = [](bool we_offer) { return we_offer ? ", we offer" : ", they offer"; };
  return std::visit(
      Overloaded{
          [](const SignalConnected&) -> string { return "connected"; },
          [](const SignalRegistered&) -> string { return "registered"; },
          [](const SignalBack&) -> string { return "back"; },
          [](const SignalJoined& joined) -> string {
            string line = "joined";
            for (std::size_t i = 0; i < joined.peers.size(); ++i)
              line += (i == 0 ? ": " : ", ") + joined.peers[i].id;
            return line;
          },
          [](const SignalRinging&) -> string { return "ringing"; },
          [](const SignalIncoming& call) -> string { return "incoming from " + call.from.id; },
          [&](const SignalAnswered& call) -> string {
            return "answered by " + call.peer.id + offers(call.initiator);
          },
          [](const SignalQueued&) -> string { return "queued"; },
          [&](const SignalMatched& match) -> string {
            return "matched " + match.peer.id + offers(match.initiator);
          },
          [](const SignalNoPartner&) -> string { return "no partner"; },
          [](const SignalCallOver& over) -> string { return "over " + over.call; },
          [](const SignalRefused& refused) -> string { return "refused: " + refused.error; },
          [](const SignalPeerJoined& peer) -> string { return "peer joined " + peer.peer.id; },
          [](const SignalPeerBack& peer) -> string { return "peer back " + peer.peer.id; },
          [](const SignalPeerLeft& peer) -> string { return "peer left " + peer.id; },
          [](const SignalDescription& said) -> string { return said.type + " from " + said.from; },
          [](const SignalCandidate& said) -> string {
            return (said.candidate.empty() ? "end of candidates from " : "candidate from ") +
                   said.from;
          },
          [](const SignalPing&) -> string { return "ping"; },
          [](const SignalLeft&) -> string { return "left"; },
          [](const SignalDown&) -> string { return "down"; }},
      body);
}

// The JSON values of a line, with spaces between them. Those of a list, as it were: one that ends too
// early does not parse.
std::vector<JsonValue> valuesIn(const std::string& text) {
  std::vector<JsonValue> values;
  for (std::size_t from = 0; from < text.size();) {
    std::size_t end = text.find(' ', from);
    Result<JsonValue> value = Error{};
    for (;; end = text.find(' ', end + 1)) {
      value = JsonValue::parse(text.substr(from, end - from));
      if (value.hasValue() || end == std::string::npos)
        break;
    }
    if (value.hasValue())
      values.push_back(*value);
    else
      ADD_FAILURE() << "no JSON: " << text.substr(from);
    from = end == std::string::npos ? text.size() : end + 1;
  }
  return values;
}

// Where its values begin: at the first JSON after the words.
std::size_t valuesAt(const std::string& line) {
  for (std::size_t at = 0; at < line.size(); ++at)
    if ((at == 0 || line[at - 1] == ' ') &&
        (line[at] == '{' || line[at] == '"' || line[at] == '[' || line.substr(at, 4) == "null"))
      return at;
  return std::string::npos;
}

SignalRequest requestOf(const std::string& word) {
  for (int i = 0; i <= static_cast<int>(SignalRequest::kSignal); ++i)
    if (word == toString(static_cast<SignalRequest>(i)))
      return static_cast<SignalRequest>(i);
  ADD_FAILURE() << "no request " << word;
  return SignalRequest::kConnect;
}

// Performs a conversation; what goes out and what is meant is compared line by line.
class Conversation {
 public:
  explicit Conversation(const std::string& dialect_text) {
    ScenarioProblems problems;
    dialect_ = std::make_shared<Dialect>(readDialect(dialect_text, problems));
    EXPECT_EQ(problemsText("dialect", problems), "");
    session_.emplace(
        dialect_, DialectSession::Identity{.user = "ann", .room = "r1", .pool = "p1", .seed = 1});
    session_->onConnected(now_, "me");
    drain();
  }

  void run(const std::string& text) {
    std::istringstream lines(text);
    std::string line, expected;
    std::string step;
    while (std::getline(lines, line)) {
      if (line.starts_with("out ") || line.starts_with("means ")) {
        expected += normalised(line) + "\n";
        continue;
      }
      EXPECT_EQ(std::exchange(got_, {}), std::exchange(expected, {})) << "after: " << step;
      perform(step = line);
      drain();
    }
    EXPECT_EQ(got_, expected) << "after: " << step;
  }

 private:
  static std::string normalised(const std::string& line) {
    const std::size_t from = valuesAt(line);
    if (!line.starts_with("out ") || from == std::string::npos)
      return line;
    std::string text = line.substr(0, from);
    for (const JsonValue& value : valuesIn(line.substr(from)))
      text += value.text() + " ";
    return text.substr(0, text.size() - 1);
  }

  void perform(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string verb = line.substr(0, space), rest = line.substr(space + 1);
    if (verb == "in") {
      const std::size_t from = valuesAt(rest);
      const std::string event = from == std::string::npos ? rest : rest.substr(0, from - 1);
      session_->onHeard(now_,
                        {event, valuesIn(from == std::string::npos ? "" : rest.substr(from))});
    } else if (verb == "ack") {
      session_->onAcknowledged(now_, last_ack_, valuesIn(rest));
    } else if (verb == "time") {
      now_ += milliseconds(std::stol(rest));
      session_->onTime(now_);
    } else {
      const std::size_t gap = rest.find(' ');
      const std::string word = rest.substr(0, gap),
                        whom = gap == std::string::npos ? "" : rest.substr(gap + 1);
      if (word == "offer" || (word == "answer" && !whom.empty() && whom != "call"))
        session_->describe(now_, whom, word, "v=0 mine");
      else if (word == "candidate")
        session_->sendCandidate(now_, whom, 0, "0", "candidate:9");
      else
        session_->request(now_, requestOf(word), whom);
    }
  }

  void drain() {
    for (const auto& emit : session_->takeEmits()) {
      std::string line = "out";
      if (!emit.event.empty())
        line += " " + emit.event;
      for (const std::string& argument : emit.arguments)
        line += " " + JsonValue::parse(argument)->text();
      got_ += line + "\n";
      if (emit.ack != 0)
        last_ack_ = emit.ack;
    }
    for (const auto& body : session_->takeEvents())
      if (const std::string line = lineOf(body); line != "connected")
        got_ += "means " + line + "\n";
  }

  std::shared_ptr<Dialect> dialect_;
  std::optional<DialectSession> session_;
  Instant now_ = fromNs(1'000'000'000);
  std::uint64_t last_ack_ = 0;
  std::string got_;
};

struct Block {
  std::string kind, text;
};
std::vector<Block> blocksOf(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::vector<Block> blocks;
  std::string line;
  bool is_in = false;
  while (std::getline(file, line)) {
    if (line.starts_with("```")) {
      is_in = !is_in;
      if (is_in)
        blocks.push_back({line.substr(3), ""});
    } else if (is_in) {
      blocks.back().text += line + "\n";
    }
  }
  return blocks;
}

TEST(Dialects, EveryExampleOfTheDocumentDoesWhatItSays) {
  std::string dialect;
  int conversations = 0;
  for (const Block& block : blocksOf(TURNOUT_SOURCE_DIR "/docs/DIALECTS.md")) {
    if (block.kind == "json") {
      dialect = block.text;
    } else if (block.kind == "conversation") {
      SCOPED_TRACE(block.text);
      Conversation(dialect).run(block.text);
      ++conversations;
    }
  }
  EXPECT_GE(conversations, 7);
}

TEST(Dialects, TheEasyAppIsUnder25Lines) {
  const auto blocks = blocksOf(TURNOUT_SOURCE_DIR "/docs/DIALECTS.md");
  ASSERT_FALSE(blocks.empty());
  EXPECT_LT(std::count(blocks[0].text.begin(), blocks[0].text.end(), '\n'), 25);
}

TEST(Dialects, WhatIsWrongIsToldWithItsPlaceAllAtOnce) {
  struct Row {
    const char *text, *problem;
  };
  const Row rows[] = {
      {R"([])", "expected an object"},
      {R"({"name": "x", "rules": []})", "\"steps\" is missing"},
      {R"({"name": "x", "steps": {}, "rules": []})", "nothing gets a bot into a call"},
      {R"({"name": "x", "steps": {"jion": {"emit": "j"}}, "rules": []})", "did you mean \"join\"?"},
      {R"({"name": "x", "steps": {"join": {"with": "${room}"}}, "rules": []})",
       "steps.join: a message has either \"emit\""},
      {R"({"name": "x", "steps": {"join": {"emit": "j", "with": "${rom}"}}, "rules": []})",
       "nothing gives ${rom} a value (did you mean \"room\"?)"},
      {R"({"name": "x", "steps": {"join": {"emit": "j", "with": "${room"}}, "rules": []})",
       "without its \"}\""},
      {R"({"name": "x", "steps": {"join": {"emit": "j"}}, "rules": [{"means": "joined"}]})",
       "rules[0]: \"on\" is missing"},
      {R"({"name": "x", "steps": {"join": {"emit": "j"}},
          "rules": [{"on": "a", "means": "peer-joined"}]})",
       "rules[0]: a rule that means \"peer-joined\" says who"},
      {R"({"name": "x", "steps": {"join": {"emit": "j"}},
          "rules": [{"on": "a", "means": "peer-joined", "peer": "item.id"}]})",
       "needs \"each\""},
      {R"({"name": "x", "steps": {"join": {"emit": "j"}},
          "rules": [{"on": "a", "peer": "a..b"}]})",
       "expected a path"},
      {R"({"name": "x", "variables": {"v": {"make": "uuid"}}, "steps": {"join": {"emit": "j"}},
          "rules": []})",
       "variables.v: it is never used"},
      {R"({"name": "x", "steps": {"call": {"emit": "c", "with": "${callee}"}}, "rules": []})",
       "no rule means \"incoming\""},
      {R"({"name": "x", "steps": {"join": {"emit": "j"}}, "send": {"offer": {"emit": "o"}},
          "rules": []})",
       "\"answer\" is missing"},
      {R"({"name": "x", "steps": {"join": {"emit": "j"}}, "rules": [{"on": "*"}, {"on": "b"}]})",
       "the rules after it never match"},
  };
  for (const Row& row : rows) {
    ScenarioProblems problems;
    readDialect(row.text, problems);
    EXPECT_THAT(problemsText("d", problems), HasSubstr(row.problem)) << row.text;
  }
}

TEST(Dialects, AMessageThatCannotGoOutYetSaysWhatItWaitsFor) {
  ScenarioProblems problems;
  const auto dialect = std::make_shared<Dialect>(readDialect(
      R"({"name": "x", "steps": {"join": {"emit": "j", "with": "${ticket}", "after": "ready"}},
          "rules": [{"on": "ready", "take": {"ticket": "ticket"}}]})",
      problems));
  ASSERT_THAT(problems, IsEmpty());
  DialectSession session(dialect, {.user = "ann", .room = "r", .pool = "p"});
  session.request({}, SignalRequest::kJoin, "r");
  EXPECT_THAT(session.stuck(), testing::ElementsAre("join: after ready ${ticket}"));
  session.onHeard({}, {"ready", {*JsonValue::parse(R"({"ticket": 7})")}});
  EXPECT_THAT(session.stuck(), IsEmpty());
  EXPECT_THAT(session.takeEmits(), testing::SizeIs(1));
}

TEST(Dialects, AnExplanationSaysWhatIsSentAndUnderstood) {
  const auto blocks = blocksOf(TURNOUT_SOURCE_DIR "/docs/DIALECTS.md");
  ScenarioProblems problems;
  const std::string text = explained(readDialect(blocks.at(0).text, problems));
  EXPECT_THAT(text, HasSubstr("random-chat: Socket.IO over Engine.IO 4, WebSocket at once"));
  EXPECT_THAT(text, HasSubstr("find-partner: find-partner"));
  EXPECT_THAT(text, HasSubstr("matched: peer = partnerId; means matched; we offer if initiator"));
}

}  // namespace
}  // namespace turnout
