#include "orchestrator/cli/command.h"
#include "orchestrator/cli/manual.h"
#include "orchestrator/cli/report_files.h"

#include <cstdio>
#include <filesystem>

namespace turnout {
namespace {

Result<Done> writeInto(const std::string& folder, const std::string& name,
                       const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error)
    return Error{ErrorCode::kEnvironment, "cannot make " + folder + ": " + error.message()};
  return writeOutput(folder + "/" + name, text);
}

// share/man/man1, and where Debian's bash, zsh and fish look.
Result<Done> writeAll(const std::string& share, const std::vector<DocumentedCommand>& all) {
  const std::string man = share + "/man/man1";
  if (const auto written = writeInto(man, "turnout.1", manPage(all, helpText())); !written)
    return written;
  for (const DocumentedCommand& command : all)
    if (const auto written = writeInto(man, "turnout-" + command.name + ".1", manPage(command));
        !written)
      return written;
  struct Script {
    Shell shell;
    const char *folder, *name;
  };
  for (const Script& script : {Script{Shell::kBash, "/bash-completion/completions", "turnout"},
                               Script{Shell::kZsh, "/zsh/vendor-completions", "_turnout"},
                               Script{Shell::kFish, "/fish/vendor_completions.d", "turnout.fish"}})
    if (const auto written =
            writeInto(share + script.folder, script.name, completionScript(script.shell, all));
        !written)
      return written;
  return Done{};
}

Result<std::string> pageOf(const std::string& name, const std::vector<DocumentedCommand>& all) {
  for (const DocumentedCommand& command : all)
    if (command.name == name)
      return manPage(command);
  return unknownCommand(name);
}

}  // namespace

ExitCode manualCommand(const Words& words) {
  OptionSpec spec{
      "turnout manual [COMMAND] [--into FOLDER]\n\nPrints the man page of turnout or of one "
      "command.",
      "Examples:\n"
      "  turnout manual run | man -l -\n"
      "  turnout manual --into ~/.local/share      all pages, and completions for bash, zsh and "
      "fish\n"};
  spec.visible.add_options()(
      "into", po::value<std::string>(),
      "write every page and completion below this folder, as below /usr/share");
  spec.hidden.add_options()("command", po::value<Words>());
  spec.files = "command";
  const auto options = parseOptions(std::move(spec), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto named = optionValue<Words>(**options, "command").value_or(Words{});
  if (named.size() > 1)
    return fail({ErrorCode::kUsage, "manual takes one command"});
  const std::vector<DocumentedCommand> all = documentedCommands();
  if (const auto folder = optionValue<std::string>(**options, "into")) {
    const auto written = writeAll(*folder, all);
    return written ? ExitCode::kPass : fail(written.error());
  }
  const Result<std::string> page =
      named.empty() ? manPage(all, helpText()) : pageOf(named.front(), all);
  if (!page)
    return fail(page.error());
  std::fputs(page->c_str(), stdout);
  return ExitCode::kPass;
}

ExitCode completionCommand(const Words& words) {
  OptionSpec spec{"turnout completion bash|zsh|fish\n\nPrints the shell's completions of turnout.",
                  "Examples:\n"
                  "  source <(turnout completion bash)\n"
                  "  turnout completion fish > ~/.config/fish/completions/turnout.fish\n"};
  spec.hidden.add_options()("shell", po::value<Words>());
  spec.files = "shell";
  const auto options = parseOptions(std::move(spec), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto given = optionValue<Words>(**options, "shell").value_or(Words{});
  const std::string name = given.size() == 1 ? given.front() : "";
  if (name != "bash" && name != "zsh" && name != "fish")
    return fail({ErrorCode::kUsage, "completion takes the name of a shell: bash, zsh or fish"});
  const Shell shell = name == "bash" ? Shell::kBash : name == "zsh" ? Shell::kZsh : Shell::kFish;
  std::fputs(completionScript(shell, documentedCommands()).c_str(), stdout);
  return ExitCode::kPass;
}

}  // namespace turnout
