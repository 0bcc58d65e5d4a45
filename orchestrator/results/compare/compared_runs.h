// The stored runs of one comparison: which arm is compared to which, and what speaks against it.
#pragma once

#include "orchestrator/results/compare/comparison.h"
#include "orchestrator/results/fold/outcome.h"
#include "orchestrator/results/fold/stored_run.h"
#include "pipelines/base/json.h"
#include "pipelines/base/result.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace turnout {

struct ArmName {
  std::string directory;
  std::string arm;  // empty: all arms
};

// "runs/monday" or "runs/monday:turn-udp". A directory's own name may hold colons.
ArmName armNameFrom(const std::string& word);

enum class OnDifference { kRefuse, kWarn };  // when the scenarios are not the same

class ComparedRuns {
 public:
  explicit ComparedRuns(OnDifference on_difference) : on_difference_(on_difference) {}

  // An arm with the same arm of another run, or, where neither names one, all that both have.
  Result<Done> compareRuns(const ArmName& reference, const ArmName& candidate);
  // All arms of one run with one of them; empty: with the first.
  Result<Done> compareArmsOf(const std::string& directory, const std::string& reference_arm);

  const std::vector<ArmPair>& pairs() const { return pairs_; }
  const std::vector<std::string>& warnings() const { return warnings_; }
  bool isAnyDoubtful() const;  // turnout itself was in the way of a run, by its own verdict

 private:
  struct Run {
    std::string name;
    StoredRun stored;
    JsonValue scenario_json;
    bool is_doubtful = false;
  };
  Result<const Run*> run(const std::string& directory);
  Result<Done> addPair(const Run& reference, const std::string& arm, const Run& candidate,
                       const std::string& other_arm);
  Result<Done> checkAlike(const Run& reference, const Run& candidate,
                          const std::vector<std::string>& differences);
  void doubt(Run& run);
  void warn(const std::string& sentence);

  OnDifference on_difference_;
  std::map<std::string, std::unique_ptr<Run>> runs_;  // by real path
  std::vector<ArmPair> pairs_;
  std::vector<std::string> warnings_;
};

// In what two scenarios, or two sets of versions, differ, as paths of JSON keys with both values:
// "deadlines.connect_ms: 5000 and 15000". Text against text: a default that only one of them spells
// out is a difference.
std::vector<std::string> differences(const JsonValue& a, const JsonValue& b);

// Of two scenario files, without what does not change what a call is: names, the seed, the profile
// and sizes (told from the log of the run), thresholds; and the TURN arms (see armDifferences).
std::vector<std::string> scenarioDifferences(const JsonValue& a, const JsonValue& b);

// Of the arm that has this name in both.
std::vector<std::string> armDifferences(const JsonValue& a, const JsonValue& b,
                                        const std::string& arm);

// What else two runs were made under: seed, ICE profile, versions. Such runs may be compared, but
// whoever reads the comparison should know. "Different seeds (1 and 7): calls start at other times."
std::vector<std::string> conditionDifferences(const RunFacts& a, const RunFacts& b);

}  // namespace turnout
