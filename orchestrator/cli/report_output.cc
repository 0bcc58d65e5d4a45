#include "orchestrator/cli/report_output.h"

#include "orchestrator/report/console.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include <unistd.h>

namespace turnout {
namespace {

// https://no-color.org: any value that is not empty.
bool environmentAllowsColour() {
  const char* no_color = std::getenv("NO_COLOR");
  return (!no_color || !*no_color) && ::isatty(STDOUT_FILENO);
}

}  // namespace

void printReport(const Summary& summary, const Verdict& verdict, ScreenStyle style) {
  const bool colour = style == ScreenStyle::kColourOnTerminal && environmentAllowsColour();
  const std::string text = consoleReport(summary, verdict, colour ? Colour::kAnsi : Colour::kNone);
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

ExitCode exitCodeOf(Ruling ruling) {
  switch (ruling) {
    case Ruling::kPass:
      return ExitCode::kPass;
    case Ruling::kFail:
      return ExitCode::kThresholdsFailed;
    case Ruling::kInconclusive:
      break;
  }
  return ExitCode::kInconclusive;
}

}  // namespace turnout
