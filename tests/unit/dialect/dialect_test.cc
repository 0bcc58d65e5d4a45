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

// What is not as usual: it is the others who offer, and the names decide who gives way.
std::string about(const RoomPeer& peer, bool we_offer) {
  return peer.id + (we_offer ? ", we offer" : "") +
         (peer.user == peer.id ? "" : ", called " + peer.user) +
         (peer.polite ? std::string(", gives way: ") + (*peer.polite ? "yes" : "no") : "");
}

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
          [](const SignalRefused& refused) -> string {
            return string("refused: ") + toString(refused.refusal);
          },
          [](const SignalPeerJoined& peer) -> string {
            return "peer joined " + about(peer.peer, peer.we_offer);
          },
          [](const SignalPeerBack& peer) -> string {
            return "peer back " + about(peer.peer, peer.we_offer);
          },
          [](const SignalPeerLeft& peer) -> string { return "peer left " + peer.id; },
          [](const SignalDescription& said) -> string { return said.type + " from " + said.from; },
          [](const SignalCandidate& said) -> string {
            return (said.candidate.empty() ? "end of candidates from " : "candidate from ") +
                   said.from;
          },
          [](const SignalUnread&) -> string { return "unread"; },
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
      if (line.starts_with("out ") || line.starts_with("beside out ") ||
          line.starts_with("means ")) {
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
    if (line.starts_with("means ") || from == std::string::npos)
      return line;
    std::string text = line.substr(0, from);
    for (const JsonValue& value : valuesIn(line.substr(from)))
      text += value.text() + " ";
    return text.substr(0, text.size() - 1);
  }

  void perform(const std::string& line) {
    const std::size_t space = line.find(' ');
    const std::string verb = line.substr(0, space), rest = line.substr(space + 1);
    if (line == "beside connect")
      return session_->onBesideConnected(now_);
    if (verb == "beside") {
      is_beside_ = true;
      perform(rest);
      is_beside_ = false;
    } else if (verb == "in") {
      const std::size_t from = valuesAt(rest);
      const std::string event = from == std::string::npos ? rest : rest.substr(0, from - 1);
      session_->onHeard(
          now_, {event, valuesIn(from == std::string::npos ? "" : rest.substr(from)), is_beside_});
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
        session_->describe(now_, whom, 1, word, "v=0 mine");
      else if (word == "candidate")
        session_->sendCandidate(now_, whom, 1, 0, "0", "candidate:9");
      else if (word == "end-of-candidates")
        session_->sendCandidate(now_, whom, 1, 0, "", "");
      else
        session_->request(now_, requestOf(word), whom);
    }
  }

  void drain() {
    for (const auto& emit : session_->takeEmits()) {
      std::string line = emit.is_beside ? "beside out" : "out";
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
  bool is_beside_ = false;
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
       "rules[1]: it never matches: rules[0] takes every"},
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

std::shared_ptr<const Dialect> shipped(const char* name) {
  ScenarioProblems problems;
  const auto text = shippedDialect(name);
  EXPECT_TRUE(text) << name;
  auto dialect = std::make_shared<Dialect>(readDialect(text.value_or(""), problems));
  EXPECT_EQ(problemsText(name, problems), "");
  return dialect;
}

JsonValue json(const char* text) {
  return *JsonValue::parse(text);
}

template <class T>
std::vector<T> all(const std::vector<DialectSession::Body>& bodies) {
  std::vector<T> found;
  for (const auto& body : bodies)
    if (const auto* one = std::get_if<T>(&body))
      found.push_back(*one);
  return found;
}

TEST(Dialects, EveryShippedOneIsGood) {
  EXPECT_THAT(shippedDialects(), testing::IsSupersetOf({"random-chat", "turnout"}));
  for (const std::string& name : shippedDialects()) {
    EXPECT_EQ(shipped(name.c_str())->name, name);
    EXPECT_NE(explained(*shipped(name.c_str())), "");
  }
  EXPECT_FALSE(shippedDialect("random"));
}

// What our own client reads, the dialect of our own protocol reads as well.
TEST(Dialects, OurOwnProtocolIsOne) {
  const auto dialect = shipped("turnout");
  const SignalAbilities abilities = dialect->abilities();
  EXPECT_TRUE(abilities.keeps_sessions);
  EXPECT_TRUE(abilities.announces_departure);
  EXPECT_TRUE(abilities.numbers_connections);
  DialectSession session(dialect, {.user = "ann", .room = "r", .pool = "p", .page = 2});
  session.onConnected({}, "S");
  session.comeWith("K");
  session.request({}, SignalRequest::kRegister, "ann");
  const auto emits = session.takeEmits();
  ASSERT_EQ(emits.size(), 1u);
  EXPECT_EQ(emits[0].event, "register");
  EXPECT_EQ(emits[0].arguments[0], R"({"user":"ann","page":"2","key":"K"})");
  session.onAcknowledged(
      {}, emits[0].ack,
      {json(R"({"ok":true,"id":"A","user":"ann","key":"L","resumed":true,"grace_ms":5000})")});
  session.onHeard({}, {"reconnected",
                       {json(R"({"kind":"room","room":"r","peers":[{"id":"B","user":"ben"}]})")}});
  session.onHeard(
      {}, {"signal", {json(R"({"from":"B","data":{"type":"offer","sdp":"v=0","connection":3}})")}});
  session.onHeard({}, {"signal", {json(R"({"from":"B","data":{"candidate":null}})")}});
  const auto events = session.takeEvents();
  const auto registered = all<SignalRegistered>(events);
  ASSERT_EQ(registered.size(), 1u);
  EXPECT_TRUE(registered[0].resumed);
  EXPECT_EQ(registered[0].key, "L");
  EXPECT_EQ(registered[0].grace, 5000ms);
  EXPECT_EQ(registered[0].id, "A");
  const auto back = all<SignalBack>(events);
  ASSERT_EQ(back.size(), 1u);
  EXPECT_EQ(back[0].place, SignalBack::Place::kRoom);
  EXPECT_EQ(back[0].peers, (std::vector<RoomPeer>{{"B", "ben"}}));
  ASSERT_EQ(all<SignalDescription>(events).size(), 1u);
  EXPECT_EQ(all<SignalDescription>(events)[0].connection, 3);
  ASSERT_EQ(all<SignalCandidate>(events).size(), 1u);
  EXPECT_EQ(all<SignalCandidate>(events)[0].candidate, "");
}

// An app that numbers no connections.
TEST(Dialects, AnOfferOfAnotherOriginIsOfANewConnection) {
  DialectSession session(shipped("random-chat"), {.user = "ann", .pool = "p"});
  session.onConnected({}, "me");
  session.onHeard({}, {"matched", {json(R"({"partnerId":"b","initiator":false})")}});
  const auto numberOf = [&](const char* fingerprint, const char* id, const char* ufrag) {
    session.takeEvents();
    const std::string sdp = std::string(R"(v=0\r\no=- )") + id +
                            R"( 1 IN IP4 0.0.0.0\r\na=ice-ufrag:)" + ufrag +
                            R"(\r\na=fingerprint:)" + fingerprint + R"(\r\n)";
    session.onHeard(
        {}, {"offer",
             {json((R"({"from":"b","offer":{"type":"offer","sdp":")" + sdp + R"("}})").c_str())}});
    const auto said = all<SignalDescription>(session.takeEvents());
    return said.empty() ? -1 : said[0].connection;
  };
  EXPECT_EQ(numberOf("1", "7", "a"), 0) << "the one there is";
  session.describe({}, "b", 1, "answer", "v=0");
  EXPECT_EQ(numberOf("1", "7", "b"), 0) << "an ICE restart";
  EXPECT_EQ(numberOf("2", "8", "c"), 2) << "another certificate";
  EXPECT_EQ(numberOf("2", "8", "c"), 0);
  EXPECT_EQ(numberOf("2", "9", "d"), 3) << "another session and other credentials";
  EXPECT_EQ(numberOf("2", "10", "d"), 0) << "a stack with another id in each description";
}

TEST(Dialects, WhatAStrangerFloodsIsBounded) {
  DialectSession session(shipped("user-list"), {.user = "ann", .room = "r"});
  session.onConnected({}, "me");
  session.takeEvents();
  const std::string big(100'000, 'x');
  for (int i = 0; i < 1000; i++) {
    const std::string sender = "stranger-" + std::to_string(i);
    session.onHeard({},
                    {"signal",
                     {json(("{\"sender\":\"" + sender + "\",\"description\":{\"type\":\"offer\"," +
                            "\"sdp\":\"v=0 " + big + "\"}}")
                               .c_str())}});
    EXPECT_THAT(session.takeEvents(), IsEmpty()) << "we are in no room yet";
  }
  session.request({}, SignalRequest::kJoin, "r");
  session.onHeard({}, {"room-users", {json("[]")}});
  EXPECT_LE(all<SignalDescription>(session.takeEvents()).size(),
            DialectSession::kMostHeld / big.size());
}

// Bots of a call know each other, whatever the app calls them; and dial what the app made up.
TEST(Dialects, ThoseOfOneCallKnowEachOther) {
  ScenarioProblems problems;
  const auto dialect = std::make_shared<Dialect>(readDialect(
      R"({"name": "x", "address": "${my_id}",
          "steps": {"register": {"emit": "hi"}, "call": {"emit": "call", "with": "${callee}"}},
          "rules": [{"on": "you", "means": "registered", "id": "0"},
                    {"on": "call", "means": "incoming", "peer": "0"}]})",
      problems));
  ASSERT_EQ(problemsText("x", problems), "");
  const auto directory = std::make_shared<DialectDirectory>();
  DialectSession ann(dialect, {.user = "ann", .room = "r", .directory = directory}),
      ben(dialect, {.user = "ben", .room = "r", .directory = directory});
  for (auto* one : {&ann, &ben}) {
    one->onConnected({}, one == &ann ? "S1" : "S2");
    one->request({}, SignalRequest::kRegister, "");
    one->takeEmits();
  }
  ann.onHeard({}, {"you", {json("\"id-1\"")}});
  ann.request(Instant(), SignalRequest::kCall, "ben");
  EXPECT_THAT(ann.takeEmits(), IsEmpty()) << "ben is not in yet";
  ben.onHeard({}, {"you", {json("\"id-2\"")}});
  ann.onTime(Instant() + 20ms);
  const auto emits = ann.takeEmits();
  ASSERT_EQ(emits.size(), 1u);
  EXPECT_EQ(emits[0].arguments[0], "\"id-2\"");
  ben.takeEvents();
  ben.onHeard({}, {"call", {json("\"id-1\"")}});
  const auto incoming = all<SignalIncoming>(ben.takeEvents());
  ASSERT_EQ(incoming.size(), 1u);
  EXPECT_EQ(incoming[0].from.user, "ann");
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
