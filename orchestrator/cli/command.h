// The commands of `turnout`, one file each; the table of them is in command.cc.
#pragma once

#include "orchestrator/exit_code.h"
#include "pipelines/base/result.h"

#include <string>
#include <vector>

namespace turnout {

using Words = std::vector<std::string>;  // of a command line, without program and command

struct Command {
  const char* name;
  const char* summary;  // one line
  ExitCode (*execute)(const Words& words);
};

ExitCode runCommandLine(const Words& words);
std::string helpText();  // of turnout as a whole: its commands, examples, exit codes
Error unknownCommand(const std::string& name);  // with the nearest known one

ExitCode runCommand(const Words& words);
ExitCode reportCommand(const Words& words);
ExitCode compareCommand(const Words& words);
ExitCode powerCommand(const Words& words);
ExitCode thresholdsCommand(const Words& words);
ExitCode dialectCommand(const Words& words);
ExitCode validateCommand(const Words& words);
ExitCode doctorCommand(const Words& words);
ExitCode serversCommand(const Words& words);
ExitCode probeCommand(const Words& words);
ExitCode serveCommand(const Words& words);
ExitCode initCommand(const Words& words);
ExitCode manualCommand(const Words& words);
ExitCode completionCommand(const Words& words);
ExitCode versionCommand(const Words& words);
ExitCode helpCommand(const Words& words);

// "turnout: WHAT" on stderr, and the exit code that belongs to it.
ExitCode fail(const Error& error);

}  // namespace turnout
