// Drafts of recorded sessions with the servers of tests/apps/servers (tests/apps/record.mjs recorded them).

#include "bots/signaling/dialect/learn.h"

#include "bots/signaling/dialect/dialect.h"
#include "tests/support/golden.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string recorded(const std::string& file) {
  const std::string text = fileText("tests/unit/dialect/recorded/" + file);
  EXPECT_NE(text, "") << file;
  return text;
}

std::string problemsOf(const std::string& dialect) {
  ScenarioProblems problems;
  readDialect(dialect, problems);
  return problemsText("draft", problems);
}

LearnedDialect learned(const std::vector<std::string>& files) {
  std::vector<std::string> recordings;
  for (const std::string& file : files)
    recordings.push_back(recorded(file));
  const auto draft = learnDialect(recordings, "draft");
  EXPECT_TRUE(draft.hasValue()) << draft.error().what;
  return draft ? *draft : LearnedDialect{};
}

const char* const kApps[] = {"random-chat", "user-list",      "simple-peer",
                             "ring-call",   "typed-messages", "named-users"};

TEST(Learn, ADraftOfBothEndsIsADialectWithoutGuesses) {
  std::string all;
  for (const std::string app : kApps) {
    const LearnedDialect draft = learned({app + "-1.jsonl", app + "-2.jsonl"});
    EXPECT_EQ(problemsOf(draft.text), "") << draft.text;
    for (const std::string& note : draft.notes)
      EXPECT_THAT(note, Not(HasSubstr("drafted after"))) << app;
    all += draft.text;
    for (const std::string& note : draft.notes)
      all += "// " + note + "\n";
  }
  expectGolden("dialects/learned_from_both_ends.txt", all);
}

TEST(Learn, ADraftOfOneEndIsADialectAndSaysWhatItGuessed) {
  std::string all;
  for (const std::string app : kApps)
    for (const char* end : {"-1.jsonl", "-2.jsonl"}) {
      const LearnedDialect draft = learned({app + end});
      EXPECT_EQ(problemsOf(draft.text), "") << draft.text;
      EXPECT_THAT(draft.notes, Not(IsEmpty())) << app;
      all += draft.text;
      for (const std::string& note : draft.notes)
        all += "// " + note + "\n";
    }
  expectGolden("dialects/learned_from_one_end.txt", all);
}

TEST(Learn, AHarIsReadAsTheFramesOfItsSocketAreThoughItBeginsWithPolling) {
  const LearnedDialect frames = learned({"user-list-2.jsonl"}), har = learned({"user-list-2.har"});
  EXPECT_THAT(har.text, HasSubstr(R"("transport": { "start": "polling-upgrade" })"));
  std::string without_start = har.text;
  const std::size_t from = without_start.find("  \"transport\"");
  without_start.erase(from, without_start.find('\n', from) + 1 - from);
  EXPECT_EQ(without_start, frames.text);
  EXPECT_EQ(har.notes, frames.notes);
}

std::string lines(const std::string& url,
                  const std::vector<std::pair<const char*, std::string>>& frames) {
  std::string text;
  for (const auto& [type, data] : frames)
    text += JsonWriter()
                .beginObject()
                .field("type", type)
                .field("data", data)
                .field("url", url)
                .endObject()
                .take() +
            "\n";
  return text;
}

const char* const kOffer = R"({"type":"offer","to":"b1","sdp":"v=0\r\n"})";
const char* const kAnswer = R"({"type":"answer","from":"b1","sdp":"v=0\r\n"})";

TEST(Learn, SecretsAreToldOfAndNotKept) {
  const auto draft =
      learnDialect({lines("wss://app.example/ws?apikey=hunter2&v=3",
                          {{"send", R"({"type":"join","room":"blue","password":"swordfish"})"},
                           {"receive", R"({"type":"peers","peers":["b1"]})"},
                           {"send", kOffer},
                           {"receive", kAnswer}})},
                   "draft");
  ASSERT_TRUE(draft);
  EXPECT_THAT(draft->text, AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("swordfish")),
                                 HasSubstr(R"("apikey": "${apikey}")"), HasSubstr(R"("v": "3")"),
                                 HasSubstr(R"("password": "${password}")"),
                                 HasSubstr(R"("password": { "make": "given" })")));
  EXPECT_THAT(draft->notes, testing::Contains(HasSubstr("${password} looks like a secret")));
  EXPECT_THAT(draft->notes, Each(AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("swordfish")))));
}

TEST(Learn, AValueOfTheAppsThatThePageRepeatsIsTakenAndAHeartbeatIsKept) {
  const auto draft = learnDialect(
      {lines("ws://app.example/", {{"receive", R"({"type":"hello","ticket":"t-4711"})"},
                                   {"send", R"({"type":"join","room":"blue","ticket":"t-4711"})"},
                                   {"receive", R"({"type":"peers","peers":["b1"]})"},
                                   {"send", R"({"type":"ping"})"},
                                   {"send", kOffer},
                                   {"receive", kAnswer},
                                   {"send", R"({"type":"ping"})"}})},
      "draft");
  ASSERT_TRUE(draft);
  EXPECT_EQ(problemsOf(draft->text), "") << draft->text;
  EXPECT_THAT(draft->text, AllOf(HasSubstr(R"("ticket": "${ticket}")"),
                                 HasSubstr(R"("take": { "ticket": "ticket" })"),
                                 HasSubstr(R"("say": { "send": { "type": "ping" } })")));
}

TEST(Learn, AnAcknowledgementHasRules) {
  const auto draft = learnDialect(
      {lines(
          "ws://app.example/socket.io/?EIO=3&transport=websocket",
          {{"receive", R"(0{"sid":"me","upgrades":[],"pingInterval":25000,"pingTimeout":5000})"},
           {"receive", "40"},
           {"send", R"(420["join-room","blue","ann"])"},
           {"receive", R"(430[null,{"others":[{"id":"b1","name":"ben"}]}])"},
           {"send", R"(421["signal","b1",{"sdp":"{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}"}])"},
           {"receive",
            R"(42["signal","b1",{"sdp":"{\"type\":\"answer\",\"sdp\":\"v=0\\r\\n\"}"}])"}})},
      "draft");
  ASSERT_TRUE(draft);
  EXPECT_EQ(problemsOf(draft->text), "") << draft->text;
  EXPECT_THAT(
      draft->text,
      AllOf(
          HasSubstr(R"("engine": 3)"), HasSubstr(R"("with": ["${room}", "${user}"])"),
          HasSubstr(
              R"({ "means": "joined", "each": "1.others", "peer": "item.id", "user": "item.name" })"),
          HasSubstr(R"("sdp": "${json(description)}")")))
      << draft->text;
}

TEST(Learn, WhatIsNoRecordingIsToldWithWhatItShouldBe) {
  EXPECT_THAT(learnDialect({"<html>"}, "x").error().what,
              HasSubstr("neither a HAR with WebSocket messages"));
  EXPECT_THAT(learnDialect({R"({"log":{"entries":[]}})"}, "x").error().what,
              HasSubstr("network panel"));
  EXPECT_THAT(learnDialect({lines("ws://x/", {{"send", "{}"}})}, "x").error().what,
              HasSubstr("no message in it has a session description"));
}

// Each has the mistake that its name tells.
TEST(Dialects, ACorpusOfMistakesIsToldWithPlaceAndRemedy) {
  std::vector<std::string> files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("tests/unit/dialect/bad", error))
    files.push_back(entry.path().filename().string());
  std::sort(files.begin(), files.end());
  EXPECT_GE(files.size(), 40u);
  std::string all;
  for (const std::string& file : files) {
    ScenarioProblems problems;
    readDialect(fileText("tests/unit/dialect/bad/" + file), problems);
    EXPECT_THAT(problems, Not(IsEmpty())) << problemsText(file, problems);
    all += problemsText(file, problems);
  }
  expectGolden("dialects/problems.txt", all);
}

}  // namespace
}  // namespace turnout
