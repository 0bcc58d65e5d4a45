#include "orchestrator/ice_servers/read/ice_server_json.h"

#include <ostream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// "WHERE URL USER CREDENTIAL" of each entry.
std::vector<std::string> read(const std::string& text) {
  std::vector<std::string> lines;
  const ServerList list = parseIceServers(text, "s.json");
  EXPECT_THAT(list.findings, IsEmpty());
  for (const auto& [where, url, username, credential] : list.entries)
    lines.push_back(where + " " + url + " " + username + " " + credential.reveal());
  return lines;
}

std::vector<std::string> findings(const std::string& text) {
  std::vector<std::string> lines;
  for (const ServerFinding& finding : parseIceServers(text, "s.json").findings)
    lines.push_back(findingLine(finding));
  return lines;
}

TEST(IceServerJson, ReadsTheDictionaryOfTheW3c) {
  EXPECT_THAT(read(R"([{"urls": "stun:a"},
                       {"urls": ["turn:b", "turns:c"], "username": "u", "credential": "p"}])"),
              ElementsAre("s.json: [0].urls stun:a  ", "s.json: [1].urls[0] turn:b u p",
                          "s.json: [1].urls[1] turns:c u p"));
}

TEST(IceServerJson, ReadsOneServerWithoutAList) {
  EXPECT_THAT(read(R"({"urls": "stun:a"})"), ElementsAre("s.json: urls stun:a  "));
}

TEST(IceServerJson, ReadsTheOlderName) {
  EXPECT_THAT(read(R"([{"url": "stun:a", "username": null}])"),
              ElementsAre("s.json: [0].url stun:a  "));
}

TEST(IceServerJson, ReadsCloudflaresListAndItsOlderSingleObject) {
  EXPECT_THAT(read(R"({"iceServers": [{"urls": ["stun:a"]}]})"),
              ElementsAre("s.json: iceServers[0].urls[0] stun:a  "));
  EXPECT_THAT(read(R"({"iceServers": {"urls": ["turn:a"], "username": "u", "credential": "p"}})"),
              ElementsAre("s.json: iceServers.urls[0] turn:a u p"));
}

TEST(IceServerJson, ReadsTwiliosListWithBothNames) {
  EXPECT_THAT(read(R"({"username": "x", "password": "y", "ttl": "86400", "ice_servers": [
                       {"url": "turn:a", "urls": "turn:a", "username": "u", "credential": "p"}]})"),
              ElementsAre("s.json: ice_servers[0].urls turn:a u p"));
}

TEST(IceServerJson, ReadsTheAnswerOfTheTurnRestDraft) {
  EXPECT_THAT(read(R"({"username": "1:u", "password": "p", "ttl": 86400,
                       "uris": ["turn:a?transport=udp", "turn:a?transport=tcp"]})"),
              ElementsAre("s.json: uris[0] turn:a?transport=udp 1:u p",
                          "s.json: uris[1] turn:a?transport=tcp 1:u p"));
}

TEST(IceServerJson, ReadsTheAnswerOfAws) {
  EXPECT_THAT(read(R"({"IceServerList": [{"Uris": ["turn:a?transport=udp"], "Ttl": 300,
                       "Username": "u", "Password": "p"}]})"),
              ElementsAre("s.json: IceServerList[0].Uris[0] turn:a?transport=udp u p"));
}

TEST(IceServerJson, NumbersAreTheTextThatBrowsersMakeOfThem) {
  EXPECT_THAT(
      read(R"([{"urls": "turn:a", "username": 1433895918, "credential": 7.0},
                       {"urls": "turn:b", "username": true, "credential": 0.5}])"),
      ElementsAre("s.json: [0].urls turn:a 1433895918 7", "s.json: [1].urls turn:b true 0.5"));
}

TEST(IceServerJson, MayBeginWithAByteOrderMark) {
  EXPECT_THAT(read("\xef\xbb\xbf{\"urls\": \"stun:a\"}"), ElementsAre("s.json: urls stun:a  "));
}

struct Bad {
  std::string text, what;
};
std::ostream& operator<<(std::ostream& out, const Bad& bad) {
  return out << bad.text;
}

class BadIceServerJson : public testing::TestWithParam<Bad> {};

TEST_P(BadIceServerJson, IsAFinding) {
  EXPECT_THAT(findings(GetParam().text), ElementsAre(HasSubstr(GetParam().what)));
}

INSTANTIATE_TEST_SUITE_P(
    Rows, BadIceServerJson,
    testing::Values(Bad{"[1]", "error: s.json: [0]: expected an ICE server"},
                    Bad{"\"turn:a\"", "error: s.json: expected an ICE server"},
                    Bad{"[{}]", "error: s.json: [0]: \"urls\" is missing"},
                    Bad{R"([{"urls": []}])", "error: s.json: [0].urls: the list is empty"},
                    Bad{R"([{"urls": [7]}])", "error: s.json: [0].urls[0]: expected a URL"},
                    Bad{R"([{"urls": "turn:a", "credential": {"macKey": "k"}}])",
                        "\"credential\" is not a string"},
                    Bad{R"([{"urls": "turn:a", "credentialType": "oauth"}])", "credentialType"},
                    Bad{"[\n{", "error: s.json:2:2: "}));

TEST(IceServerJson, WhatIsNotJsonIsNotQuoted) {
  for (const std::string& line : findings("{\"credential\": hunter2}"))
    EXPECT_THAT(line, Not(HasSubstr("hunter2")));
}

TEST(IceServerJson, OneBadServerLeavesTheOthers) {
  const ServerList list = parseIceServers(R"([{"urls": 1}, {"urls": "stun:a"}, {}])", "s.json");
  EXPECT_EQ(list.entries.size(), 1u);
  EXPECT_EQ(list.findings.size(), 2u);
}

}  // namespace
}  // namespace turnout
