#include "orchestrator/results/fold/stored_run.h"

#include "orchestrator/results/fold/fold.h"
#include "pipelines/base/random.h"
#include "scenarios/load.h"
#include "scenarios/plan.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string_view>

namespace turnout {
namespace {

namespace fs = std::filesystem;

Result<Scenario> readScenario(const std::string& file) {
  auto loaded = loadScenario(file);
  if (const auto* problems = std::get_if<ScenarioProblems>(&loaded)) {
    std::string text = problemsText(file, *problems);
    text.erase(text.find_last_not_of('\n') + 1);
    return Error{ErrorCode::kBadScenario, std::move(text)};
  }
  return std::get<LoadedScenario>(std::move(loaded)).scenario;
}

// Most lines belong to other calls: known from the one place where eventLine() writes the call,
// without reading the line. A quote inside a value is escaped, so nothing else looks like that.
bool isOfAnother(std::string_view line, const std::set<int>& calls) {
  constexpr std::string_view kKey = "\"call\":";
  const std::size_t at = line.find(kKey);
  if (at == std::string_view::npos)
    return true;
  int call = -1;
  const char* digits = line.data() + at + kKey.size();
  const auto read = std::from_chars(digits, line.data() + line.size(), call);
  return read.ec == std::errc() && !calls.contains(call);
}

std::vector<int> sample(std::vector<int> calls, std::size_t size, Random& random) {
  if (calls.size() > size) {
    random.shuffle(calls);
    calls.resize(size);
  }
  return calls;
}

// The runs in `folder`, the newest first, as paths: what somebody who mistyped one may have meant.
std::vector<std::string> runsIn(const fs::path& folder) {
  std::vector<std::string> runs;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (std::error_code ignored; fs::exists(entry->path() / "events.jsonl", ignored))
      runs.push_back(entry->path().lexically_normal().string());
  std::ranges::sort(runs, std::ranges::greater());  // their names begin with their time
  return runs;
}

Error noRunIn(const std::string& directory) {
  constexpr std::size_t kNamed = 5;
  std::error_code error;
  std::string text = directory + ": " +
                     (fs::is_directory(directory, error) ? "has no events.jsonl, so it is no run"
                      : fs::exists(directory, error)     ? "is a file; a run is a directory"
                                                         : "there is no such run");
  std::vector<std::string> runs = runsIn(fs::path(directory).parent_path());
  if (runs.empty())
    runs = runsIn("runs");
  if (runs.empty())
    return {ErrorCode::kBadScenario, text + "; no runs are in runs/: `turnout run` makes some"};
  text += "; there are ";
  for (std::size_t i = 0; i < std::min(runs.size(), kNamed); i++)
    text += (i > 0 ? ", " : "") + runs[i];
  if (runs.size() > kNamed)
    text += " and " + std::to_string(runs.size() - kNamed) + " more";
  return {ErrorCode::kBadScenario, text};
}

}  // namespace

Result<StoredRun> readStoredRun(const std::string& directory) {
  std::error_code error;
  if (!fs::exists(fs::path(directory) / "events.jsonl", error))
    return noRunIn(directory);
  auto scenario = readScenario(directory + "/scenario.json");
  if (!scenario)
    return scenario.error();
  const std::string file = directory + "/events.jsonl";
  std::ifstream lines(file);
  if (!lines)
    return Error{ErrorCode::kIo, file + ": cannot be opened; is this the directory of a run?"};

  std::optional<Fold> fold;
  for (std::string line; std::getline(lines, line);) {
    const auto event = parseEventLine(line);
    if (!fold) {  // the first line tells the seed, which --seed may have changed
      if (const auto* started = event ? std::get_if<RunStarted>(&event->body) : nullptr)
        scenario->seed = started->seed;
      fold.emplace(*scenario, makeLargestPlan(*scenario));
    }
    if (event)
      fold->add(*event);
    else
      fold->addUnreadableLine();
  }
  if (!fold)
    return Error{ErrorCode::kBadScenario, file + ": empty, nothing was recorded"};
  return StoredRun{*std::move(scenario), fold->finish()};
}

Result<CallEvents> readCallEvents(const std::string& directory, const std::set<int>& calls) {
  const std::string file = directory + "/events.jsonl";
  std::ifstream lines(file);
  if (!lines)
    return Error{ErrorCode::kIo, file + ": cannot be opened"};
  CallEvents of_call;
  for (std::string line; std::getline(lines, line);) {
    if (isOfAnother(line, calls))
      continue;
    auto event = parseEventLine(line);
    if (!event || !calls.contains(event->call))
      continue;
    std::vector<Event>& events = of_call[event->call];
    if (events.size() < kEventsOfACall)
      events.push_back(*std::move(event));
  }
  for (auto& [call, events] : of_call)
    std::stable_sort(events.begin(), events.end(),
                     [](const Event& a, const Event& b) { return a.at < b.at; });
  return of_call;
}

bool isTroubled(const CallOutcome& call) {
  return call.state == CallState::kFailed || call.state == CallState::kAborted || call.dropped ||
         call.trouble || !call.app_faults.empty();
}

std::set<int> callsToShow(const Outcomes& outcomes, std::size_t limit, std::uint64_t seed) {
  std::vector<int> troubled, others;
  for (const CallOutcome& call : outcomes.calls) {
    if (call.started)
      (isTroubled(call) ? troubled : others).push_back(call.call);
  }
  Random random(seed);
  const std::size_t for_others = std::min(others.size(), limit / 5);
  troubled = sample(std::move(troubled), limit - for_others, random);
  others = sample(std::move(others), limit - troubled.size(), random);
  std::set<int> shown(troubled.begin(), troubled.end());
  shown.insert(others.begin(), others.end());
  return shown;
}

}  // namespace turnout
