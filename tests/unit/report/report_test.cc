// Golden files: tests/golden/reports; UPDATE_GOLDEN=1 rewrites them.
#include "orchestrator/report/reports.h"
#include "pipelines/base/json.h"
#include "tests/unit/results/call_script.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::ContainsRegex;
using ::testing::HasSubstr;
using ::testing::Not;

struct Reported {
  Scenario scenario;
  Summary summary;
  Verdict verdict;
  std::string console(Screen screen = Screen{}) const {
    return consoleReport(summary, verdict, screen);
  }
  std::string sentence() const { return closingSentence(summary, verdict); }
};

Reported reported(Scenario scenario, const Script& script) {
  Reported all{std::move(scenario), {}, {}};
  all.summary = summarise(all.scenario, foldOf(script, all.scenario));
  all.verdict = judge(all.scenario, all.summary);
  return all;
}

void expectGolden(const std::string& name, const std::string& text) {
  const std::string file = "tests/golden/reports/" + name;
  if (std::getenv("UPDATE_GOLDEN"))
    std::ofstream(file, std::ios::binary) << text;
  std::ifstream in(file, std::ios::binary);
  std::ostringstream golden;
  golden << in.rdbuf();
  EXPECT_EQ(text, golden.str()) << "differs from " << file;
}

Threshold reportThreshold(const char* key, const char* expression) {
  auto parsed = parseThreshold(key, expression);
  EXPECT_TRUE(parsed) << parsed.error().what;
  return *std::move(parsed);
}

IceServerOutcome distrusted(const char* url) {
  IceServerOutcome outcome = noStunAnswer(ServerStage::kTls, ServerFault::kCertificate);
  outcome.url = url;
  outcome.elapsed_ms = 15;
  outcome.certificate_fault = CertificateFault::kUnknownIssuer;
  return outcome;
}
IceServerOutcome answered(const char* url, double elapsed_ms) {
  return {url, 0, "", "127.0.0.1:50000", elapsed_ms};
}

// Three arms as in the TURN matrix: one good, one partly, one with a wrong password.
Reported turnMatrix() {
  Scenario scenario = scenarioOf({"turn-udp", "turn-tls", "wrong-password"}, 8);
  scenario.name = "turn-matrix";
  scenario.thresholds = {reportThreshold("success_rate{turn:turn-udp}", "rate>=0.95"),
                         reportThreshold("success_rate{turn:turn-tls}", "rate>=0.95"),
                         reportThreshold("connect_time{turn:turn-udp}", "med<500"),
                         reportThreshold("connect_time{turn:turn-tls}", "max<500")};
  scenario.thresholds[1].rule = ThresholdRule::kEstimate;
  constexpr auto kRelay = CandidateType::kRelay;
  const char* udp = "turn:127.0.0.1:3478?transport=udp";
  const char* tls = "turns:127.0.0.1:5349?transport=tcp";
  Script script = {
      ofRun(0, RunStarted{kEpochNs, "20260102-030405", "turn-matrix", "fast",
                          "2026-01-02T03:04:05Z", R"({"turnout":"0.1.0"})", 7}),
      ofRun(0, HostStarted{0, 10}),
      ofRun(0, ServiceStarted{"coturn", "127.0.0.1:3478", 11}),
      ofRun(1000, HostHealth{0, 4, 1.5, 7.25, 0.75, 2.5, 0.375, 91.5}),
  };
  for (int call = 0; call < 24; call++) {
    const double t = startOf(call) + 40;
    switch (call % 3) {
      case 0:
        script = script + goodCall(call, kRelay, kRelay, 1 + 0.1 * call) +
                 Script{ofLink(t, call, 0, 1, answered(udp, 2 + 0.1 * call)),
                        ofLink(t, call, 1, 0, answered(udp, 2)),
                        ofLink(t + 3000, call, 0, 1,
                               MediaReport{MediaKind::kAudio, 150, 12'000, 148, 11'840, 2, 61})};
        break;
      case 1:
        script = script +
                 (call == 22 ? failedCall(call, FailureCause::kIceTimeout, 15'000,
                                          "no working pair before the connect deadline")
                             : goodCall(call, kRelay, CandidateType::kHost, 1.5)) +
                 Script{ofLink(t, call, 0, 1, answered(tls, 9)),
                        ofLink(t, call, 1, 0, call == 22 ? distrusted(tls) : answered(tls, 11))};
        break;
      default:
        script = script +
                 failedCall(call, FailureCause::kTurnAuth, 60, "no TURN server gave a relay") +
                 Script{ofLink(t, call, 0, 1, IceServerOutcome{udp, 401, "Unauthorized", "", 3}),
                        ofLink(t, call, 1, 0, IceServerOutcome{udp, 401, "Unauthorized", "", 3})};
    }
  }
  return reported(std::move(scenario), script + Script{runFinished()});
}

TEST(ConsoleReport, TheTurnMatrix) {
  expectGolden("turn-matrix.txt", turnMatrix().console());
}

TEST(ConsoleReport, ColourIsOnlyInTheVerdict) {
  const Reported run = turnMatrix();
  EXPECT_EQ(run.console().find('\033'), std::string::npos);
  EXPECT_THAT(run.console(Screen{.has_colour = true}), HasSubstr("verdict: \033[1;31mFAIL\033[0m"));
}

TEST(ConsoleReport, AnInterruptedRun) {
  const Reported run = reported(scenarioOf({"good", "late"}, 3),
                                Script{runStarted()} + goodCall(0) + connectedCall(1) +
                                    Script{ofRun(1500, RunFinished{"interrupted"})});
  expectGolden("interrupted.txt", run.console());
}

// A ringing app with mistakes: of 6 calls one is not answered; one refresh of 5 does not come back.
Reported troubledApp() {
  Scenario scenario = scenarioOf({"direct"}, 6);
  scenario.name = "troubled-app";
  scenario.shape.kind = CallMode::kCall;
  scenario.messages.emplace();
  scenario.steps.emplace_back().away = 800ms;
  Script script = {runStarted()};
  for (int call = 0; call < 5; call++) {
    const double t = startOf(call);
    script = script + ringingCall(call, 500 + call) + stepOf(call, 1, 0, StepKind::kRefresh, 1000) +
             Script{ofBot(t + 1790, call, 1, SessionResumed{call > 0, 790}),
                    ofLink(t + 9000, call, 0, 1, MessageReport{3, 2, "[420,385]"})} +
             leave(call, 9000);
    if (call < 4)
      script = script + recovery(call, 2300, 1200 + 10 * call);
    if (call < 3)
      script.push_back(ofBot(t + 3000, call, 0, AppFaultSeen{AppFault::kRingTimeoutRace, "30 s"}));
    script.push_back(ofBot(t + 150, call, 1, AppFaultSeen{AppFault::kDuplicateCandidates, ""}));
    script.push_back(ofBot(t + 1100, call, 0, SessionError{"ghost_session", "signal"}));
  }
  script = script + joinedCall(5) +
           Script{ofBot(5011, 5, 1, CallRang{}),
                  ofBot(5311, 5, 0, BotFailed{FailureCause::kNotAnswered, "busy"}),
                  ofBot(5301, 5, 0, SessionError{"busy", "call"}),
                  ofBot(5100, 5, 1, StepTaken{1, StepKind::kTabKill, 0})} +
           leave(5, 5320);
  return reported(std::move(scenario), script + Script{runFinished()});
}

TEST(ConsoleReport, ATroubledApp) {
  expectGolden("troubled-app.txt", troubledApp().console());
}

TEST(ConsoleReport, TheWorstFaultsComeFirstAndTheRestIsCounted) {
  Script script = goodCall(0);
  for (int fault = 0; fault <= static_cast<int>(AppFault::kDuplicateCandidates); fault++)
    script.push_back(ofBot(500, 0, 0, AppFaultSeen{static_cast<AppFault>(fault), ""}));
  const std::string text = reported(scenarioOf({"a"}, 1), wholeRun(script)).console();
  EXPECT_THAT(text, HasSubstr("1 x  not_cleaned_up"));
  EXPECT_THAT(text, HasSubstr("4 x  other mistakes"));
  EXPECT_THAT(text, Not(HasSubstr("duplicate_candidates")));
}

TEST(ConsoleReport, ARoomWhereNothingIsWrongHasNothingToSayOfTheApp) {
  const std::string text = turnMatrix().console();
  EXPECT_THAT(text, Not(HasSubstr("what the app did wrong")));
  EXPECT_THAT(text, Not(HasSubstr("sessions")));
}

TEST(ConsoleReport, FitsANarrowTerminalAndLosesNothing) {
  for (const std::size_t columns : {60u, 80u}) {
    const std::string text = turnMatrix().console({.columns = columns});
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      EXPECT_LE(line.size(), columns) << line;
    for (const char* part : {"401", "Unauthorized", "max<500", "52.9-97.8 %", "67.6-100 %"})
      EXPECT_THAT(text, HasSubstr(part)) << columns;
  }
}

TEST(ConsoleReport, EveryThresholdHasItsFigure) {
  const std::string text = turnMatrix().console();
  EXPECT_THAT(text, ContainsRegex("holds +connect_time of turn-udp med<500 +190 ms"));
  EXPECT_THAT(text,
              ContainsRegex("FAILS +success_rate of turn-tls rate>=0.95 +87.5 % +52.9-97.8 %"));
  EXPECT_THAT(text, ContainsRegex("open +success_rate of turn-udp .*n = 8, needs 73"));
}

// However much goes wrong, it is as long as there are causes.
TEST(ConsoleReport, AThousandErrorsAreNotAThousandLines) {
  std::vector<std::string> arms;
  for (int arm = 0; arm < 6; arm++)
    arms.push_back("an-arm-with-quite-a-long-name-" + std::to_string(arm));
  const Scenario scenario = scenarioOf(arms, 50);
  Script script = {runStarted()};
  for (int call = 0; call < 300; call++) {
    script.push_back(ofBot(startOf(call), call, 0,
                           AppFaultSeen{static_cast<AppFault>(call % 7), "a long story"}));
    script.push_back(
        ofBot(startOf(call) + 1, call, 0,
              SessionError{"word-" + std::to_string(call) + std::string(40, 'x'), ""}));
    script = script + failedCall(call, static_cast<FailureCause>(call / 6 % 11), 1500,
                                 "something long and sad that the other side said, in full detail");
    for (int url = 0; url < 5; url++)
      script.push_back(ofLink(startOf(call), call, 0, 1,
                              IceServerOutcome{"turn:a-server-with-a-long-name-" +
                                                   std::to_string(url) + ".example.org:3478",
                                               700 + url % 2, "no answer at all", "", 3}));
  }
  const std::string text = reported(scenario, script + Script{runFinished(4e5)}).console();
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 120);
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    EXPECT_LE(line.size(), 100u) << line;
}

TEST(ConsoleReport, AServerThatFailsIsListedHoweverManyDoNot) {
  const Scenario scenario = scenarioOf({"only"}, 1);
  Script script = {runStarted()};
  for (int url = 0; url < 12; url++)
    script.push_back(ofLink(startOf(0), 0, 0, 1,
                            IceServerOutcome{"turn:server-" + std::to_string(url + 10) + ":3478",
                                             url == 11 ? 401 : 0, "Unauthorized", "", 3}));
  const std::string text = reported(scenario, script + Script{runFinished(4e5)}).console();
  EXPECT_NE(text.find("turn:server-21:3478"), std::string::npos) << text;
  EXPECT_NE(text.find("1 x 401 Unauthorized"), std::string::npos) << text;
  EXPECT_NE(text.find("and 4 more, with 0 errors"), std::string::npos) << text;
}

TEST(SummaryJson, TheTurnMatrix) {
  const Reported run = turnMatrix();
  expectGolden("turn-matrix.json", summaryJson(run.summary, run.verdict));
}

TEST(SummaryJson, CanBeReadBack) {
  const Reported run = turnMatrix();
  const auto json = JsonValue::parse(summaryJson(run.summary, run.verdict));
  ASSERT_TRUE(json) << json.error().what;
  EXPECT_EQ(json->get("verdict").asString(), "fail");
  const auto cells = json->get("cells").elements();
  ASSERT_EQ(cells.size(), 3u);
  EXPECT_EQ(cells[0].get("turn").asString(), "turn-udp");
  EXPECT_EQ(cells[0].get("success_rate").asNumber(), 1);
  EXPECT_EQ(cells[1].get("failures").get("ice_timeout").asInteger(), 1);
  EXPECT_TRUE(cells[1].get("connect_time_ms").get("p95").isNull()) << "7 of 8 is below 95 %";
  EXPECT_EQ(cells[2].get("ice_candidate_errors").get("401").asInteger(), 16);
  EXPECT_EQ(cells[2].get("connect_time_ms").get("censored").asInteger(), 8);
}

TEST(SummaryJson, ATroubledApp) {
  const Reported run = troubledApp();
  const auto json = JsonValue::parse(summaryJson(run.summary, run.verdict));
  ASSERT_TRUE(json) << json.error().what;
  const JsonValue cell = json->get("cells").elements().at(0);
  EXPECT_EQ(cell.get("joins").asInteger(), 12);
  EXPECT_EQ(cell.get("rings").asInteger(), 6);
  EXPECT_EQ(cell.get("answered").asInteger(), 5);
  EXPECT_EQ(cell.get("matches").asInteger(), 0);
  EXPECT_EQ(cell.get("join_time_ms").get("p95").asNumber(), 8);
  EXPECT_EQ(cell.get("wait_time_ms").get("censored").asInteger(), 1);
  EXPECT_EQ(cell.get("session_errors").get("ghost_session").asInteger(), 5);
  EXPECT_EQ(cell.get("session_error_rate").asNumber(), 1);
  const JsonValue race = cell.get("app_faults").get("ring_timeout_race");
  EXPECT_EQ(race.get("calls").asInteger(), 3);
  EXPECT_EQ(race.get("example").asString(), "30 s");
  const JsonValue refresh = cell.get("steps").get("refresh");
  EXPECT_EQ(refresh.get("due").asInteger(), 5);
  EXPECT_EQ(refresh.get("recovered").asInteger(), 4);
  EXPECT_EQ(refresh.get("resumed").asInteger(), 4);
  EXPECT_EQ(refresh.get("new_session").asInteger(), 1);
  EXPECT_EQ(refresh.get("outage_ms").get("p50").asNumber(), 1221);
  EXPECT_EQ(cell.get("steps").get("tab_kill").get("told").asInteger(), 0);
  EXPECT_EQ(cell.get("recovery_rate").asNumber(), 0.8);
  EXPECT_EQ(cell.get("messages").get("lost").asInteger(), 5);
  EXPECT_EQ(cell.get("messages").get("round_trip_ms").get("max").asNumber(), 0.42);
}

TEST(SummaryJson, IsTheSameBytesForTheSameRun) {
  const Reported one = turnMatrix(), other = turnMatrix();
  EXPECT_EQ(summaryJson(one.summary, one.verdict), summaryJson(other.summary, other.verdict));
}

TEST(ClosingSentence, NamesWhatEachArmDid) {
  EXPECT_EQ(
      turnMatrix().sentence(),
      "turn-udp connected 8 of 8 calls, p95 310 ms; turn-tls connected 7 of 8 calls (1 x "
      "tls_untrusted); wrong-password failed all 8 calls with 401: check the secret or the clock.");
}

TEST(ClosingSentence, ManyArmsAreToldInGroups) {
  Script script;
  const auto run = [&](int bad_arms) {
    script = {runStarted()};
    for (int call = 0; call < 6; call++)
      script = script +
               (call >= 6 - bad_arms ? failedCall(call, FailureCause::kIceFailed) : goodCall(call));
    return reported(scenarioOf({"a", "b", "c", "d", "e", "f"}, 1), script + Script{runFinished()})
        .sentence();
  };
  EXPECT_EQ(run(0), "All 6 arms connected every call (slowest p95: a with 100 ms).");
  EXPECT_EQ(run(1),
            "5 of 6 arms connected every call (slowest p95: a with 100 ms); f failed its "
            "only call with ice_no_pair: the two ends have no path to each other.");
  EXPECT_THAT(run(5), HasSubstr("; 3 more arms had failures."));
}

TEST(ClosingSentence, NamesTheWorstFaultOfTheApp) {
  EXPECT_EQ(troubledApp().sentence(),
            "direct connected 5 of 6 calls (1 x not_answered); the app ended 3 answered calls by "
            "its ring timeout.")
      << "candidates that come twice are more, but harmless";
  for (int i = 0; i <= static_cast<int>(AppFault::kDuplicateCandidates); i++) {
    const auto fault = static_cast<AppFault>(i);
    const Reported run =
        reported(scenarioOf({"a"}, 1),
                 wholeRun(goodCall(0) + Script{ofBot(9, 0, 0, AppFaultSeen{fault, ""})}));
    EXPECT_THAT(run.sentence(), HasSubstr("; the app ")) << toString(fault);
    EXPECT_THAT(run.sentence(), HasSubstr("1 ")) << toString(fault);
    EXPECT_THAT(run.console(), HasSubstr(std::string("1 x  ") + std::string(toString(fault))));
  }
}

TEST(ClosingSentence, WithoutVerdictSaysWhyFirst) {
  EXPECT_EQ(reported(scenarioOf({"a"}, 2), Script{runStarted()} + goodCall(0) +
                                               Script{ofRun(900, RunFinished{"interrupted"})})
                .sentence(),
            "No verdict, because the run was interrupted: 1 of 2 calls finished; a connected 1 of "
            "1 call, p95 100 ms.");
}

}  // namespace
}  // namespace turnout
