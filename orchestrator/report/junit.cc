#include "orchestrator/report/reports.h"
#include "orchestrator/report/words.h"
#include "orchestrator/report/writers.h"
#include "orchestrator/results/fold/figures.h"
#include "orchestrator/results/judge/judgement_words.h"

#include <map>
#include <vector>

namespace turnout {
namespace {

// "62.5 % (95 % interval 30.6-86.3 %), n = 8; wanted rate>=0.95"
std::string evidenceText(const Verdict& verdict, const Judgement& judgement) {
  std::string text = observedText(judgement);
  if (const std::string interval = intervalTextOf(judgement); !interval.empty())
    text += " (" + intervalName(verdict) + " " + interval + ")";
  text += ", n = " + std::to_string(judgement.evidence.n) + "; wanted " +
          judgement.threshold.expression;
  if (judgement.ruling != Ruling::kInconclusive)
    return text;
  text += "; inconclusive";
  if (judgement.evidence.calls_needed)
    text += ", some " + countText(*judgement.evidence.calls_needed, "call") +
            " like these would decide";
  return text;
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
  struct Counts {
    int tests = 0, failures = 0, errors = 0, skipped = 0;
  };
  void beginSuite(const std::string& name, const Counts& counts);
  void writeCounts(const Counts& counts);
  void endSuite();
  void property(const char* name, const std::string& value);
  void beginCase(const std::string& suite, const std::string& name);
  void writeResult(const Judgement& judgement);
  void writeThresholds(const std::string& arm, const std::vector<Judgement>& judgements);
  void writeSoundness();

  const JudgedRun& run_;
  XmlWriter xml_;
  int suites_ = 0;
};

void JUnit::property(const char* name, const std::string& value) {
  xml_.begin("property").attribute("name", name).attribute("value", value).end();
}

void JUnit::writeCounts(const Counts& counts) {
  xml_.attribute("tests", std::to_string(counts.tests));
  xml_.attribute("failures", std::to_string(counts.failures));
  xml_.attribute("errors", std::to_string(counts.errors));
}

void JUnit::beginSuite(const std::string& name, const Counts& counts) {
  const RunFacts& facts = run_.summary.run;
  xml_.begin("testsuite").attribute("name", facts.scenario + "." + name);
  xml_.attribute("package", facts.scenario).attribute("id", std::to_string(suites_++));
  writeCounts(counts);
  xml_.attribute("skipped", std::to_string(counts.skipped));
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

void JUnit::writeResult(const Judgement& judgement) {
  const std::string text = evidenceText(run_.verdict, judgement);
  switch (judgement.ruling) {
    case Ruling::kPass:
      xml_.begin("system-out").text(text).end();
      break;
    case Ruling::kFail:
      xml_.begin("failure").attribute("type", "threshold");
      xml_.attribute("message", text);
      xml_.text(text + diagnosesText(run_.summary.cellOf(judgement.arm))).end();
      break;
    case Ruling::kInconclusive:
      xml_.begin("skipped").attribute("message", text).end();
      break;
  }
}

void JUnit::writeThresholds(const std::string& arm, const std::vector<Judgement>& judgements) {
  const std::string suite = arm.empty() ? "all calls" : arm;
  beginSuite(suite, {.tests = static_cast<int>(judgements.size()),
                     .failures = countOf(judgements, Ruling::kFail),
                     .skipped = countOf(judgements, Ruling::kInconclusive)});
  for (const Judgement& judgement : judgements) {
    beginCase(suite, judgement.threshold.key + " " + judgement.threshold.expression);
    writeResult(judgement);
    xml_.end();
  }
  endSuite();
}

void JUnit::writeSoundness() {
  const bool sound = run_.verdict.isSound();
  const std::vector<std::string> reasons = reasonsOf(run_.verdict);
  beginSuite("turnout", {.tests = 1, .errors = sound ? 0 : 1});
  beginCase("turnout", "the run can be judged");
  std::string text = closingSentence(run_.summary, run_.verdict);
  for (const Cell& cell : run_.summary.cells) {
    if (const std::string media = mediaSentence(cell); !media.empty())
      text += "\n" + cell.arm + ": " + media + ".";
  }
  if (sound) {
    xml_.begin("system-out").text(text).end();
  } else {
    for (const std::string& reason : reasons)
      text += "\n" + reason;
    xml_.begin("error").attribute("type", "inconclusive");
    xml_.attribute("message", reasons.front()).text(text).end();
  }
  xml_.end();
  endSuite();
}

std::string JUnit::write() {
  std::map<std::string, std::vector<Judgement>> by_arm;
  for (const Judgement& judgement : run_.verdict.judgements)
    by_arm[judgement.arm].push_back(judgement);
  xml_.begin("testsuites").attribute("name", "turnout");
  writeCounts({.tests = static_cast<int>(run_.verdict.judgements.size()) + 1,
               .failures = countOf(run_.verdict.judgements, Ruling::kFail),
               .errors = run_.verdict.isSound() ? 0 : 1});
  for (const auto& [arm, judgements] : by_arm)
    writeThresholds(arm, judgements);
  writeSoundness();
  return xml_.end().take();
}

}  // namespace

std::string junitXml(const JudgedRun& run) {
  return JUnit(run).write();
}

}  // namespace turnout
