// JUnit, Prometheus, CSV and HTML: what they say, and that text from the network stays text.
#include "orchestrator/report/reports.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/judge/verdict.h"
#include "pipelines/base/json.h"
#include "tests/support/golden.h"
#include "tests/unit/results/call_script.h"

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kHostile = "=1</script><!--\"'&,\x1b[31m]]>\r\n\xff end";

Threshold threshold(const char* key, const char* expression) {
  return *parseThreshold(key, expression);
}

struct Given {
  JudgedRun run;
  CallEvents events;
};

// Eight calls in two arms; the last of "turn-udp" fails with `detail`.
Given givenRun(const std::string& detail) {
  Scenario scenario = scenarioOf({"direct", "turn-udp"}, 4);
  scenario.thresholds = {threshold("success_rate{turn:*}", "rate>=0.9"),
                         threshold("connect_time", "p(50)<500")};
  Script calls;
  Given given;
  for (int call = 0; call < 8; call++) {
    const Script script =
        call == 7 ? failedCall(call, FailureCause::kIceTimeout, 1500, detail) : goodCall(call);
    given.events[call] = script;
    calls = calls + script;
  }
  const double t = startOf(7) + 20;
  calls.push_back(ofLink(
      t, 7, 0, 1, IceServerOutcome{"turn:t.example:3478?transport=tcp", 401, detail, "", 3}));
  given.run = judged({scenario, foldOf(wholeRun(calls), scenario)});
  return given;
}

TEST(JUnit, ATestcasePerThresholdAndArm) {
  expectGolden("reports/small.junit.xml", junitXml(givenRun("no path").run));
}

TEST(JUnit, AFailIsAFailureAndWhatIsOpenIsSkipped) {
  Given given = givenRun("no path");
  given.run.scenario.thresholds = {threshold("success_rate{turn:*}", "rate>=1")};
  given.run.verdict = judge(given.run.scenario, given.run.summary);
  const std::string xml = junitXml(given.run);
  EXPECT_THAT(xml, HasSubstr("<failure type=\"threshold\" message=\"75 % (95 % interval "));
  EXPECT_THAT(xml, HasSubstr("<testsuites name=\"turnout\" tests=\"3\" failures=\"1\" "));
  EXPECT_THAT(xml, Not(HasSubstr("<skipped")));
}

TEST(JUnit, ARunThatCannotBeJudgedIsAnError) {
  const Scenario scenario = scenarioOf({"direct"}, 2);
  const auto run = judged({scenario, foldOf({runStarted()}, scenario)});
  EXPECT_THAT(junitXml(run),
              HasSubstr("<error type=\"inconclusive\" message=\"The event log has no "));
  EXPECT_THAT(junitXml(run), HasSubstr("errors=\"1\""));
}

TEST(XmlWriter, TextStaysText) {
  XmlWriter xml;
  xml.begin("a").attribute("b", kHostile).text(kHostile).end();
  const std::string safe =
      "=1&lt;/script&gt;&lt;!--&quot;'&amp;,\xef\xbf\xbd[31m]]&gt;&#13;&#10;\xef\xbf\xbd end";
  EXPECT_EQ(xml.take(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a b=\"" + safe + "\">" + safe + "</a>\n");
}

TEST(CallsCsv, ARowPerCall) {
  expectGolden("reports/small.csv", callsCsv(givenRun("no path").run));
}

TEST(CallsCsv, TextFromTheNetworkIsNoFormulaAndNoRow) {
  const std::string csv = callsCsv(givenRun(kHostile).run);
  EXPECT_THAT(csv,
              HasSubstr("ice_timeout,\"'=1</script><!--\"\"'&,\\x1b[31m]]>\\x0d\\x0a\\xff end\""));
  std::istringstream lines(csv);
  int rows = 0;
  for (std::string line; std::getline(lines, line);)
    rows++;
  EXPECT_EQ(rows, 9);
}

// What the text format asks of a page of metrics, as promtool checks it.
class MetricsPage {
 public:
  explicit MetricsPage(const std::string& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
      line.starts_with("# ") ? comment(line) : sample(line);
  }
  double value(const std::string& series) const {
    EXPECT_TRUE(values_.contains(series)) << series;
    return values_.contains(series) ? values_.at(series) : -1;
  }

 private:
  void comment(const std::string& line) {
    static const std::regex kComment("# (HELP|TYPE) ([a-z_]+) (.+)");
    std::smatch parts;
    ASSERT_TRUE(std::regex_match(line, parts, kComment)) << line;
    if (parts[1] == "HELP") {
      EXPECT_TRUE(families_.insert(parts[2]).second) << "twice: " << line;
      return;
    }
    EXPECT_TRUE(families_.contains(parts[2])) << "no help: " << line;
    family_ = parts[2];
    type_ = parts[3];
    EXPECT_EQ(type_ == "counter", family_.ends_with("_total")) << line;
    EXPECT_EQ(type_ == "histogram", type_ != "gauge" && family_.ends_with("_seconds")) << line;
  }
  void sample(const std::string& line) {
    static const std::regex kSample(
        R"rx(([a-z_]+)\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\} ([0-9.e+-]+))rx");
    std::smatch parts;
    ASSERT_TRUE(std::regex_match(line, parts, kSample)) << line;
    const std::string suffix = parts[1].str().substr(family_.size());
    EXPECT_TRUE(parts[1].str().starts_with(family_)) << line;
    EXPECT_EQ(type_ == "histogram", !suffix.empty()) << line;
    EXPECT_TRUE(values_.emplace(line.substr(0, line.rfind(' ')), std::stod(parts[3])).second)
        << "twice: " << line;
  }

  std::set<std::string> families_;
  std::string family_, type_;
  std::map<std::string, double> values_;
};

TEST(Prometheus, FailedCallsAreBeyondEveryBound) {
  const MetricsPage page(prometheusMetrics(givenRun("no path").run));
  const auto of_turn = [&](const std::string& metric, const std::string& more = "") {
    return page.value("turnout_" + metric + R"({scenario="two-arms",arm="turn-udp")" + more + "}");
  };
  EXPECT_EQ(of_turn("connect_attempts_total", R"(,result="failed")"), 1);
  EXPECT_EQ(of_turn("connect_failures_total", R"(,cause="ice_timeout")"), 1);
  EXPECT_EQ(of_turn("connect_duration_seconds_bucket", R"(,le="60")"), 3);
  EXPECT_EQ(of_turn("connect_duration_seconds_bucket", R"(,le="+Inf")"), 4);
  EXPECT_EQ(of_turn("connect_duration_seconds_count"), 4);
  EXPECT_NEAR(of_turn("connect_duration_seconds_sum"), 3 * 0.1 + 15, 1e-6);
  EXPECT_EQ(of_turn("ice_candidate_errors_total", R"(,code="401",scheme="turn",transport="tcp")"),
            1);
  EXPECT_EQ(of_turn("selected_pairs_total", R"(,local_type="host",remote_type="host")"), 3);
}

TEST(Prometheus, LabelsHoldAnyText) {
  Given given = givenRun("");
  given.run.summary.run.scenario = kHostile;
  const MetricsPage page(prometheusMetrics(given.run));
  EXPECT_EQ(
      page.value("turnout_run_duration_seconds{scenario=\"=1</script><!--\\\"'&,\\\\x1b[31m]]>"
                 "\\\\x0d\\\\x0a\\\\xff end\"}"),
      60);
}

std::string dataOf(const std::string& page) {
  const std::string start = "<script type=\"application/json\" id=\"data\">";
  const std::size_t from = page.find(start) + start.size();
  return page.substr(from, page.find("</script>", from) - from);
}

TEST(HtmlReport, TextFromTheNetworkIsNoMarkup) {
  const Given given = givenRun(kHostile);
  const std::string page = htmlReport(given.run, given.events);
  const std::string data = dataOf(page);
  EXPECT_EQ(data.find('<'), std::string::npos);
  EXPECT_THAT(data, HasSubstr("u003c/script>\\u003c!--"));
  EXPECT_EQ(page.find("<!--\"'&,"), std::string::npos) << "outside of the data";
}

TEST(HtmlReport, NothingButItsOwnScriptsRunsAndNothingIsLoaded) {
  const std::string page = htmlReport(givenRun("").run, {});
  EXPECT_THAT(page, StartsWith("<!doctype html>"));
  const std::regex policy(
      "default-src 'none'; base-uri 'none'; form-action 'none'; "
      "script-src 'sha256-[A-Za-z0-9+/=]{44}' 'sha256-[A-Za-z0-9+/=]{44}'; "
      "style-src 'sha256-[A-Za-z0-9+/=]{44}'");
  EXPECT_TRUE(std::regex_search(page.substr(0, 1000), policy));
  for (const char* loading : {" src=", "<link", "@import", "url(", "{{"})
    EXPECT_THAT(page, Not(HasSubstr(loading))) << loading;
}

TEST(HtmlReport, EveryCauseInItHasItsWords) {
  Given given = givenRun("");
  for (const FailureCause cause :
       {FailureCause::kHostCrashed, FailureCause::kHostStalled, FailureCause::kInterrupted})
    given.run.summary.total.abortions[cause].calls = 1;
  const auto data = JsonValue::parse(dataOf(htmlReport(given.run, {})));
  ASSERT_TRUE(data) << data.error().what;
  for (const char* cause : {"host_crashed", "host_stalled", "interrupted"})
    EXPECT_NE(data->get("causes").get(cause).stringOr("meaning", ""), "") << cause;
}

TEST(HtmlReport, DataHoldsTheSummaryAndTheCallsShown) {
  const Given given = givenRun("no path");
  CallEvents two{{2, given.events.at(2)}, {7, given.events.at(7)}};
  const auto data = JsonValue::parse(dataOf(htmlReport(given.run, two)));
  ASSERT_TRUE(data) << data.error().what;
  EXPECT_EQ(data->get("summary").stringOr("verdict", ""), "inconclusive");
  EXPECT_EQ(data->get("calls").integerOr("started", 0), 8);
  EXPECT_EQ(data->get("calls").integerOr("troubled_shown", 0), 1);
  const auto shown = data->get("calls").get("shown").elements();
  ASSERT_EQ(shown.size(), 2u);
  EXPECT_EQ(shown[0].numberOr("connect_ms", 0), 100);
  EXPECT_EQ(shown[1].stringOr("cause", ""), "ice_timeout");
  EXPECT_EQ(shown[1].get("events").elements().front().text(), R"([1,0,-1,"started",""])");
}

}  // namespace
}  // namespace turnout
