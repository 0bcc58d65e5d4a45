// The judgement of a run, in three states. Of a threshold (docs/decisions/007):
//   pass          it holds: the whole interval is on the good side of the limit
//   fail          it does not: the whole interval is on the bad side
//   inconclusive  so few calls leave it open, or there is no data
// What a threshold says of the very calls that were made (isOfEachCall), and what is judged by the
// estimate, is pass or fail by what was observed. Of the run:
//   inconclusive  turnout did not do what was planned, or was itself in the way; wins over all
//   fail          a threshold fails, or nothing connected where something was to
//   inconclusive  a threshold is open
//   pass          every threshold holds
// Values only: what a person reads of them is in judgement_words.h.
#pragma once

#include "orchestrator/results/fold/stored_run.h"
#include "orchestrator/results/fold/summary.h"
#include "orchestrator/results/judge/measures.h"
#include "scenarios/scenario.h"

#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace turnout {

enum class Ruling { kPass, kFail, kInconclusive };
const char* toString(Ruling ruling);  // pass, fail, inconclusive

// Bots that start later than this, at the 99th percentile, mean that turnout could not keep to its
// plan: its connect times would then contain its own waiting.
inline constexpr double kScheduleLagLimitMs = 50;

// More calls of an arm than this share lost to stalls of turnout, and the arm is not judged.
inline constexpr double kMostStalledShare = 0.1;

// Deviations of a look that comes too early: no interval of so many decides anything.
inline constexpr double kTooEarly = 99;

struct Judgement {  // one threshold on one cell
  Threshold threshold;
  std::string arm;                 // its name; empty: all calls pooled
  std::optional<double> observed;  // as observedIn()
  Evidence evidence;
  Ruling ruling = Ruling::kInconclusive;
};

// Why the calls of a run say nothing, however they went: turnout did not do what was planned, or
// was itself in the way.
namespace doubt {
struct LogHasNoEnd {  // turnout was killed, or still runs
  int finished = 0, planned = 0;
};
struct NotCompleted {
  std::string how;  // interrupted, cut short because ...
  int finished = 0, planned = 0;
};
struct LogNotRead {
  int lines = 0;
};
struct LogNotWritten {
  std::string why;
};
struct ServiceDied {
  std::string service, how;
};
struct ResourceShort {  // the machine gave no more: calls failed for that
  std::string process, resource;
};
struct FaultsNotMade {  // the calls were over before
  int missing = 0, planned = 0;
};
struct CallsLost {
  FailureCause cause = FailureCause::kInternal;
  int calls = 0;
  std::string example;
};
struct NotStarted {
  int calls = 0;
};
struct ArmWithoutResult {
  std::string arm;
};
struct CallsStalled {  // so many that those that are left may not be like all
  std::string arm;
  int stalled = 0, started = 0;
  std::string example;
};
struct BotsLate {
  double p99_ms = 0;
  double cores = 0;  // what turnout's bot hosts used at most, together
};
}  // namespace doubt
using Doubt =
    std::variant<doubt::LogHasNoEnd, doubt::NotCompleted, doubt::LogNotRead, doubt::LogNotWritten,
                 doubt::ServiceDied, doubt::ResourceShort, doubt::FaultsNotMade, doubt::CallsLost,
                 doubt::CallsStalled, doubt::NotStarted, doubt::ArmWithoutResult, doubt::BotsLate>;

// What to keep in mind when reading the numbers, whatever the verdict is.
namespace note {
struct Grew {
  int from_calls_per_arm = 0, to_calls_per_arm = 0, looks = 0;
};
struct UnjudgedAppFaults {
  int mistakes = 0;
};
struct CallsDropped {
  int calls = 0;
};
struct OneWay {  // was negotiated so: what is not to flow is not missing
  OneWayMedia media;
  int calls = 0, connected = 0;
};
struct SocketsLost {  // to the signaling server, and nobody had planned it
  int times = 0, calls = 0;
};
struct StrayEvents {
  int events = 0;
};
struct CallsLeftOut {  // as turnout stood still meanwhile
  int stalled = 0;
  std::string example;
};
struct RelayElsewhere {  // of a server at another address, as far as that is known
  std::string url, relay;
};
struct ServersSpared {  // connections waited, so that a server was not asked too much
  std::string server;
  int waited = 0;
  double longest_wait_ms = 0;
  int limit = 0;  // requests a second
};
struct HostLate {  // in its worst second
  int host = 0;
  double p99_ms = 0;
};
}  // namespace note
using Note = std::variant<note::Grew, note::UnjudgedAppFaults, note::CallsDropped, note::OneWay,
                          note::SocketsLost, note::CallsLeftOut, note::StrayEvents,
                          note::RelayElsewhere, note::ServersSpared, note::HostLate>;

struct Verdict {
  Ruling ruling = Ruling::kPass;
  double deviations = 0;  // that the intervals of the judgements reach to each side
  std::vector<Judgement> judgements;
  std::vector<Doubt> doubts;
  std::vector<Note> notes;
  // Of the arms that are not meant to fail; neither is ever a pass.
  bool nothing_connected = false;
  bool nothing_kept =
      false;  // all that connected lost their media for good, and nobody planned that

  bool isSound() const { return doubts.empty(); }
  void add(Doubt doubt);  // then nothing else counts
};

Verdict judge(const Scenario& scenario, const Summary& summary);

// The thresholds alone, whatever became of the run, with intervals of so many deviations. Where calls
// connected and did not keep their media, and the scenario neither disturbs them nor says what it puts
// up with, with what its success rates imply (keepingImpliedBy).
std::vector<Judgement> judgeThresholds(const Scenario& scenario, const Summary& summary,
                                       double deviations);

// In how many judgements it came to that.
int countOf(const std::vector<Judgement>& judgements, Ruling ruling);

// A run with its numbers and its judgement: all that any report is made from.
struct JudgedRun {
  Scenario scenario;
  Outcomes outcomes;  // call by call
  Summary summary;
  Verdict verdict;
};

JudgedRun judged(StoredRun run);
Result<JudgedRun> judgeStoredRun(const std::string& directory);

}  // namespace turnout
