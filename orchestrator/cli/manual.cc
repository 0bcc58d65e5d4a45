#include "orchestrator/cli/manual.h"

#include <sstream>
#include <string_view>

namespace turnout {
namespace {

// An option as a person types it.
struct Flag {
  std::string name{};   // without dashes
  char letter = 0;      // of "-h"
  std::string value{};  // "arg", "[ADDRESS]:PORT"; empty: it takes none
  std::string meaning{};
};

std::vector<Flag> flagsOf(const OptionSpec& spec) {
  std::vector<Flag> flags;
  for (const auto& option : spec.visible.options()) {
    Flag flag{.name = option->long_name(), .meaning = option->description()};
    const std::string shown =
        option->canonical_display_name(po::command_line_style::allow_dash_for_short);
    if (shown.size() == 2 && shown[0] == '-')
      flag.letter = shown[1];
    if (option->semantic()->max_tokens() > 0)
      flag.value = option->format_parameter();
    flags.push_back(std::move(flag));
  }
  return flags;
}

// Text as troff prints it: no escapes, no requests at the start of a line.
std::string troff(std::string_view text) {
  std::string out;
  bool starts_line = true;
  for (const char c : text) {
    if (starts_line && (c == '.' || c == '\''))
      out += "\\&";
    out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
    starts_line = c == '\n';
  }
  return out;
}

std::string titled(const std::string& page, const std::string& summary) {
  std::string upper;
  for (const char c : page)
    upper += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return ".TH " + upper + " 1\n.SH NAME\n" + troff(page) + " \\- " + troff(summary) + "\n";
}

std::string verbatim(const std::string& heading, std::string_view text) {
  return text.empty() ? ""
                      : ".SH " + heading + "\n.nf\n" + troff(text) +
                            (text.back() == '\n' ? "" : "\n") + ".fi\n";
}

std::string join(const std::vector<std::string>& words, const char* between) {
  std::string all;
  for (const std::string& word : words)
    all += (all.empty() ? "" : between) + word;
  return all;
}

// In single quotes, for bash, zsh and fish alike: no quote inside.
std::string inQuotes(const std::string& text) {
  std::string out;
  for (const char c : text)
    if (c == '\'')
      out += "\u2019";
    else
      out += c == '\n' ? ' ' : c;
  return "'" + out + "'";
}

std::string bashScript(const std::vector<DocumentedCommand>& all) {
  std::vector<std::string> names;
  std::ostringstream cases;
  for (const DocumentedCommand& command : all) {
    names.push_back(command.name);
    std::vector<std::string> options;
    for (const Flag& flag : flagsOf(command.options))
      options.push_back("--" + flag.name);
    cases << "    " << command.name << ") options='" << join(options, " ") << "' ;;\n";
  }
  const std::string commands = join(names, " ");
  std::ostringstream out;
  out << "# bash completion of turnout\n_turnout() {\n"
         "  local word=${COMP_WORDS[COMP_CWORD]} options=''\n  COMPREPLY=()\n"
         "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n    mapfile -t COMPREPLY < <(compgen -W '"
      << commands
      << " --help --version' -- \"$word\")\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n    help "
         "| manual) mapfile -t "
         "COMPREPLY < <(compgen -W '"
      << commands << "' -- \"$word\"); return ;;\n"
      << cases.str()
      << "  esac\n  if [[ $word == -* ]]; then\n    mapfile -t COMPREPLY < <(compgen -W "
         "\"$options\" -- \"$word\")\n"
         "  else\n    mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n  fi\n}\n"
         "complete -o filenames -F _turnout turnout\n";
  return out.str();
}

// zsh reads [ and ] of a description as its end, and : as the end of a field.
std::string zshText(const std::string& text) {
  std::string out;
  for (const char c : text)
    out += c == '[' || c == ']' || c == ':' ? std::string("\\") + c : std::string(1, c);
  return out;
}

std::string zshScript(const std::vector<DocumentedCommand>& all) {
  std::ostringstream out;
  out << "#compdef turnout\n# zsh completion of turnout\n_turnout() {\n  local -a commands\n  "
         "commands=(\n";
  for (const DocumentedCommand& command : all)
    out << "    " << inQuotes(command.name + ":" + zshText(command.summary)) << "\n";
  out << "  )\n  if (( CURRENT == 2 )); then\n    _describe -t commands command commands\n    "
         "return\n  fi\n"
         "  case ${words[2]} in\n    help|manual) _describe -t commands command commands ;;\n";
  for (const DocumentedCommand& command : all) {
    out << "    " << command.name << ") _arguments -s";
    for (const Flag& flag : flagsOf(command.options))
      out << " \\\n      "
          << inQuotes("*--" + flag.name + (flag.value.empty() ? "" : "=") + "[" +
                      zshText(flag.meaning) + "]" + (flag.value.empty() ? "" : ":value:_files"));
    out << " \\\n      '*:file:_files' ;;\n";
  }
  out << "  esac\n}\n_turnout \"$@\"\n";
  return out.str();
}

std::string fishScript(const std::vector<DocumentedCommand>& all) {
  std::ostringstream out;
  out << "# fish completion of turnout\n";
  for (const DocumentedCommand& command : all) {
    out << "complete -c turnout -n __fish_use_subcommand -f -a " << command.name << " -d "
        << inQuotes(command.summary) << "\n";
    for (const Flag& flag : flagsOf(command.options)) {
      out << "complete -c turnout -n '__fish_seen_subcommand_from " << command.name << "' -l "
          << flag.name;
      if (flag.letter)
        out << " -s " << flag.letter;
      out << (flag.value.empty() ? "" : " -r") << " -d " << inQuotes(flag.meaning) << "\n";
    }
  }
  return out.str();
}

}  // namespace

std::string manPage(const std::vector<DocumentedCommand>& all, const std::string& introduction) {
  std::ostringstream out;
  out << titled("turnout", "how often and how fast do WebRTC calls connect")
      << ".SH SYNOPSIS\n.B turnout\nCOMMAND [OPTIONS] [FILES]\n"
      << verbatim("DESCRIPTION", introduction) << ".SH COMMANDS\n";
  for (const DocumentedCommand& command : all)
    out << ".TP\n.BR turnout\\-" << troff(command.name) << " (1)\n"
        << troff(command.summary) << "\n";
  return out.str();
}

std::string manPage(const DocumentedCommand& command) {
  const std::string_view usage = command.options.usage;
  const std::size_t end = std::min(usage.find('\n'), usage.size());
  std::ostringstream out;
  out << titled("turnout-" + command.name, command.summary)
      << verbatim("SYNOPSIS", usage.substr(0, end))
      << verbatim("DESCRIPTION",
                  usage.substr(std::min(usage.find_first_not_of('\n', end), usage.size())))
      << ".SH OPTIONS\n";
  for (const Flag& flag : flagsOf(command.options)) {
    out << ".TP\n.B ";
    if (flag.letter)
      out << "\\-" << flag.letter << ", ";
    out << "\\-\\-" << troff(flag.name);
    if (!flag.value.empty())
      out << " \\fI" << troff(flag.value) << "\\fR";
    out << "\n" << troff(flag.meaning) << "\n";
  }
  out << verbatim("EXAMPLES AND EXIT CODES", command.options.examples)
      << ".SH SEE ALSO\n.BR turnout (1)\n";
  return out.str();
}

std::string completionScript(Shell shell, const std::vector<DocumentedCommand>& all) {
  switch (shell) {
    case Shell::kBash:
      return bashScript(all);
    case Shell::kZsh:
      return zshScript(all);
    case Shell::kFish:
      return fishScript(all);
  }
  return "";
}

}  // namespace turnout
