#include "orchestrator/cli/command.h"

#include "orchestrator/cli/manual.h"
#include "orchestrator/cli/versions.h"
#include "pipelines/base/printable.h"
#include "scenarios/nearest.h"

#include <cstdio>

namespace turnout {
namespace {

constexpr Command kCommands[] = {
    {"run", "run a scenario: make calls, report, judge", runCommand},
    {"report", "report on a stored run again", reportCommand},
    {"compare", "compare stored runs, or the arms of one", compareCommand},
    {"power", "how many calls a comparison needs", powerCommand},
    {"thresholds", "list the named sets of thresholds", thresholdsCommand},
    {"validate", "check scenario files without running them", validateCommand},
    {"dialect", "check how an app's signaling is described", dialectCommand},
    {"doctor", "why do calls fail here? probe the servers, make two short calls", doctorCommand},
    {"servers", "show the ICE servers in use, and what is wrong with them", serversCommand},
    {"probe", "ask STUN and TURN servers whether they work", probeCommand},
    {"serve", "be a signaling server until stopped", serveCommand},
    {"init", "write a first scenario, with comments", initCommand},
    {"manual", "print man pages", manualCommand},
    {"completion", "print completions for bash, zsh or fish", completionCommand},
    {"version", "print the version", versionCommand},
    {"help", "explain turnout, or one command", helpCommand},
};

constexpr const char* kIntroduction =
    "turnout finds out how often and how fast WebRTC calls connect, for each TURN configuration.\n"
    "\n"
    "Usage: turnout COMMAND [OPTIONS] [FILES]\n"
    "\n";

constexpr const char* kExamples =
    "\n"
    "Examples:\n"
    "  turnout run scenarios/smoke.json            does everything work here? (10 seconds)\n"
    "  turnout run scenarios/turn-compare.json     compare TURN over UDP, TCP and TLS\n"
    "  turnout report runs/latest                  show the last run's report again\n"
    "  turnout compare runs/latest                 which arm is better, and how sure is that?\n"
    "  turnout help run                            all about one command\n"
    "\n"
    "Exit codes:\n"
    "    0  every threshold holds          104  a scenario or stored run cannot be used\n"
    "    2  the command line is wrong      105  interrupted; what there is was reported\n"
    "   98  inconclusive: too few calls,   106  the machine lacks something (a package,\n"
    "       or turnout was in the way           a right, disk space)\n"
    "   99  a threshold does not hold, or  107  a bug of turnout\n"
    "       worse than the baseline\n";

const Command* findCommand(const std::string& name) {
  for (const Command& command : kCommands)
    if (name == command.name)
      return &command;
  return nullptr;
}

}  // namespace

Error unknownCommand(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& command : kCommands)
    names.emplace_back(command.name);
  return {ErrorCode::kUsage, "no command \"" + name + "\"" + suggestion(name, names)};
}

std::string helpText() {
  std::string text = kIntroduction;
  for (const Command& command : kCommands) {
    std::string line = std::string("  ") + command.name;
    line.resize(13, ' ');
    text += line + command.summary + "\n";
  }
  return text + kExamples;
}

std::vector<DocumentedCommand> documentedCommands() {
  std::vector<DocumentedCommand> all;
  for (const Command& command : kCommands)
    if (command.execute == helpCommand || command.execute == versionCommand)
      continue;  // they take no options
    else if (auto options = optionsOf(command.execute))
      all.push_back({command.name, command.summary, *std::move(options)});
  return all;
}

ExitCode helpCommand(const Words& words) {
  if (!words.empty() && words[0] != "--help" && words[0] != "-h") {
    const Command* command = findCommand(words[0]);
    return command && command->execute != helpCommand ? command->execute({"--help"})
           : command                                  ? helpCommand({})
                                                      : fail(unknownCommand(words[0]));
  }
  std::fputs(helpText().c_str(), stdout);
  return ExitCode::kPass;
}

ExitCode versionCommand(const Words&) {
  std::fputs(versionText().c_str(), stdout);
  return ExitCode::kPass;
}

ExitCode runCommandLine(const Words& words) {
  if (words.empty()) {
    helpCommand({});
    return ExitCode::kUsage;
  }
  const Words rest(words.begin() + 1, words.end());
  if (words[0] == "--help" || words[0] == "-h")
    return helpCommand(rest);
  if (words[0] == "--version" || words[0] == "-V")
    return versionCommand(rest);
  const Command* command = findCommand(words[0]);
  return command ? command->execute(rest) : fail(unknownCommand(words[0]));
}

ExitCode fail(const Error& error) {
  std::fprintf(stderr, "turnout: %s\n", printable(error.what, LineEnds::kKeep).c_str());
  return exitCodeOf(error.code);
}

}  // namespace turnout
