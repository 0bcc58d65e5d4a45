// The commands of `turnout`, one file each, and what they have in common: options, output, signals. The
// table of commands is in command.cc.
#pragma once

#include "orchestrator/exit_code.h"
#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <optional>
#include <string>
#include <vector>

#include <boost/program_options.hpp>

namespace turnout {

using Words = std::vector<std::string>;  // of a command line, without program and command

struct Command {
  const char* name;
  const char* summary;  // one line
  ExitCode (*execute)(const Words& words);
};

const char* sourceCommit();  // "" when unknown; written at build time by source_commit.cmake

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
ExitCode labCommand(const Words& words);
ExitCode serveCommand(const Words& words);
ExitCode initCommand(const Words& words);
ExitCode manualCommand(const Words& words);
ExitCode completionCommand(const Words& words);
ExitCode versionCommand(const Words& words);
ExitCode helpCommand(const Words& words);

// "turnout: WHAT" on stderr, and the exit code that belongs to it.
ExitCode fail(const Error& error);

// --- options: Boost.Program_options with our errors; the only place that meets its exceptions ---

namespace po = boost::program_options;

struct OptionSpec {
  const char* usage;     // "turnout run SCENARIO [OPTIONS]" and what the command does
  const char* examples;  // after the list of options
  po::options_description visible{"Options"};
  po::options_description hidden{};  // accepted, not shown in the help
  std::string files = {};            // name of the option that takes the words without dashes
};

// Adds --help. nullopt: the command is to do nothing more, since help was asked for and is printed (or
// optionsOf() asked).
Result<std::optional<po::variables_map>> parseOptions(OptionSpec spec, const Words& words);

// The options that a command hands to parseOptions; it executes nothing. nullopt: it has none.
std::optional<OptionSpec> optionsOf(ExitCode (*execute)(const Words& words));

template <class T>
std::optional<T> optionValue(const po::variables_map& values, const char* name) {
  return values.count(name) ? std::optional<T>(values[name].as<T>()) : std::nullopt;
}

// Of --signaling, "" without it: the server as bots address it. Error (kUsage): it names none.
Result<std::string> signalingUrl(const po::variables_map& values);

// The secret in the first line of `file`, which --WHAT-file named, or in the environment's `variable`;
// empty when neither is given. Never an option itself, as every user can read a command line. Error
// (kUsage): both are given, or it is not up to 1024 bytes of UTF-8.
Result<Secret> givenSecret(const std::string& what, const std::optional<std::string>& file,
                           const char* variable);

// --- output ---

// Where a command puts what it was asked to write. `file`: a path, or "-" for stdout. Error: kIo.
Result<Done> writeOutput(const std::string& file, const std::string& text);
// Whether all that was printed has gone out. Error: kIo.
Result<Done> finishStdout();

// --- signals ---

// `task` at each signal that asks a program to end, until the Timers are gone: SIGINT (Ctrl-C),
// SIGTERM, and SIGHUP (the terminal is gone) unless it is ignored, as under nohup.
std::vector<Timer> onEndSignals(Loop& loop, const Loop::Task& task);
// The same without SIGINT: for who gives the terminal to another program.
std::vector<Timer> onTermination(Loop& loop, const Loop::Task& task);

}  // namespace turnout
