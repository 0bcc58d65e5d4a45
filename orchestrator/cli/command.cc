#include "orchestrator/cli/command.h"

#include "bots/signaling/wire/engine_io.h"
#include "orchestrator/cli/manual.h"
#include "pipelines/base/files.h"
#include "pipelines/base/log.h"
#include "scenarios/problem.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <sstream>

#include <glib-unix.h>

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
    {"lab", "NATs and firewalls on this machine: prove them, go behind one", labCommand},
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

ExitCode versionCommand(const Words& words) {
  if (!words.empty() && words[0] != "--help" && words[0] != "-h")
    return fail({ErrorCode::kUsage, "version takes nothing, got \"" + words[0] + "\""});
  const std::string commit = sourceCommit();
  std::printf("turnout %s%s\ngstreamer %s\nlibnice %s\nlibsoup %s\n", TURNOUT_VERSION,
              commit.empty() ? "" : (" (commit " + commit + ")").c_str(), TURNOUT_GSTREAMER_VERSION,
              TURNOUT_LIBNICE_VERSION, TURNOUT_LIBSOUP_VERSION);
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
  if (!command)
    return fail(unknownCommand(words[0]));
  const ExitCode code = command->execute(rest);
  if (code == ExitCode::kUsage)
    std::fprintf(stderr, "turnout: `turnout help %s` tells all its options\n", command->name);
  return code;
}

ExitCode fail(const Error& error) {
  std::fprintf(stderr, "turnout: %s\n", printable(error.what, LineEnds::kKeep).c_str());
  return exitCodeOf(error.code);
}

namespace {

std::optional<OptionSpec>* asked = nullptr;  // by optionsOf(), while it waits for the answer

std::string unknownOptionText(const std::string& word, const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options())
    names.push_back("--" + option->long_name());
  return "unknown option " + word + suggestion(word.substr(0, word.find('=')), names);
}

}  // namespace

Result<std::optional<po::variables_map>> parseOptions(OptionSpec spec, const Words& words) {
  spec.visible.add_options()("help,h", "print this help");
  if (asked) {
    asked->emplace(std::move(spec));
    return std::optional<po::variables_map>();
  }
  po::options_description all;
  all.add(spec.visible).add(spec.hidden);
  po::positional_options_description positional;
  if (!spec.files.empty())
    positional.add(spec.files.c_str(), -1);
  po::variables_map values;
  try {
    po::store(
        po::command_line_parser(words)
            .options(all)
            .positional(positional)
            .style(po::command_line_style::unix_style & ~po::command_line_style::allow_guessing)
            .run(),
        values);
    po::notify(values);
  } catch (const po::unknown_option& unknown) {
    return Error{ErrorCode::kUsage, unknownOptionText(unknown.get_option_name(), spec.visible)};
  } catch (const po::too_many_positional_options_error&) {
    return Error{ErrorCode::kUsage, "this command takes no files"};
  } catch (const po::error& error) {
    return Error{ErrorCode::kUsage, error.what()};
  }
  if (!values.count("help"))
    return std::optional(values);
  std::cout << "Usage: " << spec.usage << "\n\n" << spec.visible << "\n" << spec.examples;
  return std::optional<po::variables_map>();
}

std::optional<OptionSpec> optionsOf(ExitCode (*execute)(const Words& words)) {
  std::optional<OptionSpec> answer;
  asked = &answer;
  execute({});
  asked = nullptr;
  return answer;
}

Result<std::string> signalingUrl(const po::variables_map& values) {
  const auto url = optionValue<std::string>(values, "signaling");
  if (!url || url->empty())
    return std::string();
  const auto origin = engineOrigin(*url);
  return origin ? origin : Error{ErrorCode::kUsage, "--signaling: " + origin.error().what};
}

namespace {

Timer onSignal(Loop& loop, int signum, Loop::Task task) {
  GSource* source = g_unix_signal_source_new(signum);
  const GSourceFunc run = [](gpointer data) -> gboolean {
    (*static_cast<Loop::Task*>(data))();
    return G_SOURCE_CONTINUE;
  };
  g_source_set_callback(source, run, new Loop::Task(std::move(task)),
                        [](gpointer data) { delete static_cast<Loop::Task*>(data); });
  g_source_attach(source, loop.context());
  return Timer(Ref<GSource>::adopt(source));
}

bool isIgnored(int signum) {
  struct sigaction action {};
  return ::sigaction(signum, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

std::vector<Timer> onSignals(Loop& loop, std::initializer_list<int> signals,
                             const Loop::Task& task) {
  std::vector<Timer> watches;
  for (const int signum : signals)
    if (signum != SIGHUP || !isIgnored(signum))
      watches.push_back(onSignal(loop, signum, task));
  return watches;
}

}  // namespace

std::vector<Timer> onEndSignals(Loop& loop, const Loop::Task& task) {
  return onSignals(loop, {SIGINT, SIGTERM, SIGHUP}, task);
}

std::vector<Timer> onTermination(Loop& loop, const Loop::Task& task) {
  return onSignals(loop, {SIGTERM, SIGHUP}, task);
}

Result<Done> writeOutput(const std::string& file, const std::string& text) {
  if (file == "-") {
    std::fwrite(text.data(), 1, text.size(), stdout);
    return finishStdout();
  }
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  return out ? Result<Done>(Done{}) : Error{ErrorCode::kIo, file + ": cannot be written"};
}

Result<Done> finishStdout() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
    return Error{ErrorCode::kIo, "standard output cannot be written"};
  return Done{};
}

Result<Secret> givenSecret(const std::string& what, const std::optional<std::string>& file,
                           const char* variable) {
  constexpr std::size_t kLongest = 1024;  // bytes
  const std::string option = "--" + what + "-file";
  const char* text = std::getenv(variable);
  if (file && text)
    return Error{ErrorCode::kUsage, option + " and " + variable + " are both given"};
  if (!file && !text)
    return Secret();
  const auto secret = file ? readSecretFile(*file, what)
                           : Result<Secret>(Secret(std::string(text, std::strcspn(text, "\r\n"))));
  if (!secret)
    return Error{ErrorCode::kUsage, option + ": " + secret.error().what};
  const std::string& line = secret->reveal();
  if (line.empty() || line.size() > kLongest ||
      !g_utf8_validate(line.data(), static_cast<gssize>(line.size()), nullptr))
    return Error{ErrorCode::kUsage, (file ? option : variable) +
                                        ": expected 1 to 1024 bytes of UTF-8 in its first line"};
  return secret;
}

}  // namespace turnout
