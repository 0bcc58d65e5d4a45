#include "orchestrator/report/junit.h"

#include "orchestrator/report/closing_sentence.h"
#include "orchestrator/report/comparison_figures.h"
#include "orchestrator/report/xml_writer.h"
#include "orchestrator/results/evidence.h"
#include "orchestrator/results/figures.h"

#include <map>
#include <vector>

namespace turnout {
namespace {

using Judgements = std::vector<const Judgement*>;

std::string intervalText(const Threshold& threshold, Interval interval) {
  return quantityOf(threshold.measure) == Quantity::kRate ? turnout::intervalText(interval)
                                                          : timeIntervalText(interval);
}

// "62.5 % (95 % interval 30.6-86.3 %), n = 8; wanted rate>=0.95"
std::string evidenceText(const Summary& summary, const Judgement& judgement) {
  const Evidence evidence = evidenceIn(cellOf(summary, judgement.turn), judgement.threshold);
  std::string text = observedText(judgement);
  if (evidence.interval95)
    text += " (95 % interval " + intervalText(judgement.threshold, *evidence.interval95) + ")";
  text += ", n = " + std::to_string(evidence.n) + "; wanted " + judgement.threshold.expression;
  return judgement.is_proved ? text : text + "; the interval reaches across the limit";
}

// "8 x turn_auth: turn:a answered 401 Unauthorized to user x. Check the secret ..."
std::string diagnosesText(const Cell& cell) {
  std::string text;
  for (const auto& [cause, tally] : cell.diagnoses) {
    text += "\n" + std::to_string(tally.calls) + " x " + toString(cause);
    text += (tally.example.empty() ? "" : ": " + tally.example) + ". " + wordsOf(cause).remedy;
  }
  return text;
}

class JUnit {
 public:
  explicit JUnit(const JudgedRun& run) : run_(run) {}
  std::string write();

 private:
  void beginSuite(const std::string& name, std::size_t tests, std::size_t failures,
                  std::size_t errors);
  void endSuite();
  void property(const char* name, const std::string& value);
  void beginCase(const std::string& suite, const std::string& name);
  void writeThresholds(const std::string& turn, const Judgements& judgements);
  void writeSoundness();

  const JudgedRun& run_;
  XmlWriter xml_;
  int suites_ = 0;
};

void JUnit::property(const char* name, const std::string& value) {
  xml_.begin("property").attribute("name", name).attribute("value", value).end();
}

void JUnit::beginSuite(const std::string& name, std::size_t tests, std::size_t failures,
                       std::size_t errors) {
  const RunFacts& facts = run_.summary.run;
  xml_.begin("testsuite").attribute("name", facts.scenario + "." + name);
  xml_.attribute("package", facts.scenario).attribute("id", std::to_string(suites_++));
  xml_.attribute("tests", std::to_string(tests)).attribute("failures", std::to_string(failures));
  xml_.attribute("errors", std::to_string(errors)).attribute("skipped", "0");
  xml_.attribute("time", std::to_string(toMs(facts.length) / 1000));
  xml_.attribute("hostname", "localhost");
  if (facts.wall_clock.size() >= 19)  // xs:dateTime without a zone, as the rules have it
    xml_.attribute("timestamp", facts.wall_clock.substr(0, 19));
  xml_.begin("properties");
  property("run", facts.id);
  property("seed", std::to_string(facts.seed));
  property("profile", facts.profile);
  property("versions", facts.versions_json);
  xml_.end();
}

void JUnit::endSuite() {
  xml_.begin("system-out").end().begin("system-err").end().end();
}

void JUnit::beginCase(const std::string& suite, const std::string& name) {
  xml_.begin("testcase").attribute("classname", run_.summary.run.scenario + "." + suite);
  xml_.attribute("name", name).attribute("time", "0");
}

void JUnit::writeThresholds(const std::string& turn, const Judgements& judgements) {
  std::size_t failures = 0;
  for (const Judgement* judgement : judgements)
    failures += judgement->holds ? 0 : 1;
  const std::string suite = turn.empty() ? "all calls" : turn;
  beginSuite(suite, judgements.size(), failures, 0);
  for (const Judgement* judgement : judgements) {
    beginCase(suite, judgement->threshold.key + " " + judgement->threshold.expression);
    const std::string text = evidenceText(run_.summary, *judgement);
    if (judgement->holds)
      xml_.begin("system-out").text(text).end();
    else
      xml_.begin("failure")
          .attribute("type", "threshold")
          .attribute("message", text)
          .text(text + diagnosesText(cellOf(run_.summary, judgement->turn)))
          .end();
    xml_.end();
  }
  endSuite();
}

void JUnit::writeSoundness() {
  const bool sound = run_.verdict.ruling != Ruling::kInconclusive;
  beginSuite("turnout", 1, 0, sound ? 0 : 1);
  beginCase("turnout", "the run can be judged");
  std::string text = closingSentence(run_.summary, run_.verdict);
  if (sound) {
    xml_.begin("system-out").text(text).end();
  } else {
    for (const std::string& reason : run_.verdict.reasons)
      text += "\n" + reason;
    xml_.begin("error").attribute("type", "inconclusive");
    xml_.attribute("message", run_.verdict.reasons.front()).text(text).end();
  }
  xml_.end();
  endSuite();
}

std::string JUnit::write() {
  std::map<std::string, Judgements> by_turn;
  std::size_t failures = 0;
  for (const Judgement& judgement : run_.verdict.judgements) {
    by_turn[judgement.turn].push_back(&judgement);
    failures += judgement.holds ? 0 : 1;
  }
  const bool sound = run_.verdict.ruling != Ruling::kInconclusive;
  xml_.begin("testsuites").attribute("name", "turnout");
  xml_.attribute("tests", std::to_string(run_.verdict.judgements.size() + 1));
  xml_.attribute("failures", std::to_string(failures)).attribute("errors", sound ? "0" : "1");
  for (const auto& [turn, judgements] : by_turn)
    writeThresholds(turn, judgements);
  writeSoundness();
  return xml_.end().take();
}

}  // namespace

std::string junitXml(const JudgedRun& run) {
  return JUnit(run).write();
}

}  // namespace turnout
