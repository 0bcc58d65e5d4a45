#include "scenarios/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;

std::string scenarioWithSignaling(const std::string& signaling) {
  return R"({"name": "s", "signaling": )" + signaling + "}";
}

TEST(SignalingSection, NamesTheServerItsDialectAndWhereValuesAre) {
  const ScenarioLoad load = parseScenario(scenarioWithSignaling(
      R"({"url": "wss://app.example.net/ws?v=2", "dialect": "my-app.json", "start": "polling",
          "values": {"version": "3", "token": {"env": "APP_TOKEN"}, "user": {"file": "users.txt"}},
          "tls": {"verify": false, "ca_file": "ca.pem"}})"));
  ASSERT_TRUE(std::holds_alternative<LoadedScenario>(load));
  const SignalingSource& source = std::get<LoadedScenario>(load).scenario.signaling;
  EXPECT_EQ(source.url, "wss://app.example.net/ws?v=2");
  EXPECT_EQ(source.dialect, "my-app.json");
  EXPECT_EQ(source.start, EngineStart::kPolling);
  ASSERT_EQ(source.values.size(), 3u);
  EXPECT_EQ(source.values[0].text, "3");
  EXPECT_EQ(source.values[1].env, "APP_TOKEN");
  EXPECT_EQ(source.values[2].file, "users.txt");
  EXPECT_FALSE(source.tls_verify);
  EXPECT_EQ(source.tls_ca_file, "ca.pem");
}

TEST(SignalingSection, WhatIsWrongIsToldWithItsPlace) {
  struct Row {
    const char *signaling, *problem;
  };
  for (const Row& row :
       {Row{R"({"url": "app.example.net"})", "signaling.url: not a URL with a host"},
        Row{R"({"url": "ftp://a"})", "signaling.url: scheme ftp, not http, https, ws or wss"},
        Row{R"({"url": "http://a/ws"})", "an app of another one needs a \"dialect\""},
        Row{R"({"values": {"user": "x"}})", "there is one value, \"token\""},
        Row{R"({"dialect": "d", "values": {"t": {}}})", "expected either \"env\" or \"file\""},
        Row{R"({"dialect": "d", "values": {"t": 7}})", "signaling.values.t: expected a text"},
        Row{R"({"start": "poling"})", "did you mean \"polling\"?"},
        Row{R"({"dialekt": "d"})", "did you mean \"dialect\"?"}}) {
    const ScenarioLoad load = parseScenario(scenarioWithSignaling(row.signaling));
    const auto* problems = std::get_if<ScenarioProblems>(&load);
    ASSERT_NE(problems, nullptr) << row.signaling;
    EXPECT_THAT(problemsText("s", *problems), HasSubstr(row.problem)) << row.signaling;
  }
}

}  // namespace
}  // namespace turnout
