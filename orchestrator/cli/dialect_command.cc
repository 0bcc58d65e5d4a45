#include "bots/signaling/dialect/dialect.h"
#include "bots/signaling/dialect/learn.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/dialect_rehearsal.h"
#include "pipelines/base/files.h"

#include <algorithm>
#include <cstdio>

namespace turnout {
namespace {

constexpr std::size_t kMostMibOfHar = 256;  // it has pictures in it

OptionSpec dialectOptions() {
  OptionSpec spec{
      "turnout dialect check FILE... [--against URL]\nturnout dialect learn RECORDING... [--name "
      "NAME]\n\ncheck "
      "says what the descriptions of an app's signaling would "
      "send "
      "and what they understand,\nor everything that is wrong with them (docs/DIALECTS.md).\n"
      "learn drafts one from recordings of one app: what a browser's network panel saves as HAR, "
      "or JSON\n"
      "lines of frames; one of each end of a call tells most. What it cannot tell is on standard "
      "error.",
      "Examples:\n  turnout dialect check my-app.json\n"
      "  turnout dialect check my-app.json --against http://localhost:3000 --html chart.html\n"
      "  turnout dialect learn caller.har callee.har > my-app.json\n"};
  spec.visible.add_options()("name", po::value<std::string>(),
                             "learn: the dialect's name [my-app]");
  addAgainstOptions(spec.visible);
  spec.hidden.add_options()("word", po::value<Words>());
  spec.files = "word";
  return spec;
}

// The draft goes to standard output, what it guesses to standard error. Exit code 104: these are no
// recordings, or the draft needs a person before it is a dialect.
ExitCode learnFrom(const Words& files, const std::string& name) {
  std::vector<std::string> recordings;
  for (const std::string& file : files) {
    auto text = readTextFile(file, 10s, kMostMibOfHar);
    if (!text)
      return fail(text.error());
    recordings.push_back(*std::move(text));
  }
  const auto learned = learnDialect(recordings, name);
  if (!learned)
    return fail(learned.error());
  std::fputs(learned->text.c_str(), stdout);
  for (const std::string& note : learned->notes)
    std::fprintf(stderr, "not told by the recording: %s\n", note.c_str());
  ScenarioProblems problems;
  readDialect(learned->text, problems);
  if (problems.empty())
    return ExitCode::kPass;
  std::fputs(problemsText("left to do in the draft", problems).c_str(), stderr);
  return ExitCode::kBadScenario;
}

}  // namespace

ExitCode dialectCommand(const Words& words) {
  const auto options = parseOptions(dialectOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto given = optionValue<Words>(**options, "word").value_or(Words{});
  if (given.size() < 2 || (given.front() != "check" && given.front() != "learn"))
    return fail(
        {ErrorCode::kUsage, "dialect takes the word check or learn, and the names of files"});
  const auto name = optionValue<std::string>(**options, "name");
  if (given.front() == "learn")
    return learnFrom({given.begin() + 1, given.end()}, name.value_or("my-app"));
  if (name)
    return fail({ErrorCode::kUsage, "--name is for learn"});

  ExitCode code = ExitCode::kPass;
  for (std::size_t i = 1; i < given.size(); i++) {
    const auto text = readTextFile(given[i]);
    if (!text) {
      code = fail(text.error());
      continue;
    }
    ScenarioProblems problems;
    const Dialect dialect = readDialect(*text, problems);
    if (!problems.empty()) {
      std::fputs(problemsText(given[i], problems).c_str(), stderr);
      code = ExitCode::kBadScenario;
      continue;
    }
    if ((*options)->count("against") != 0)
      code = std::max(code, checkAgainst(**options, given[i]));
    else
      std::fputs(explained(dialect).c_str(), stdout);
  }
  return code;
}

}  // namespace turnout
