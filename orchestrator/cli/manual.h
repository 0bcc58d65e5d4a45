// Man pages and shell completions, made of the very tables that the parser reads: nothing here can be stale.
// Pure; the texts end with a newline.
#pragma once

#include "orchestrator/cli/command.h"

#include <string>
#include <vector>

namespace turnout {

struct DocumentedCommand {
  std::string name, summary;
  OptionSpec options;
};

// Of every command but help and version. Executes none.
std::vector<DocumentedCommand> documentedCommands();

// troff for man(1), section 1: of turnout itself (without a command), and of one command.
std::string manPage(const std::vector<DocumentedCommand>& all, const std::string& introduction);
std::string manPage(const DocumentedCommand& command);

enum class Shell { kBash, kZsh, kFish };

// A script as the shell's completion system loads it: commands, the options of each, and files.
std::string completionScript(Shell shell, const std::vector<DocumentedCommand>& all);

}  // namespace turnout
