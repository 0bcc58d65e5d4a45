// Every command line of README, the docs and the programs' own help is one that the programs take: its
// command and options are parsed with the real tables, the scenarios it names are there, and what needs
// neither servers nor time is executed.
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/manual.h"
#include "pipelines/base/gobject_ref.h"
#include "tests/support/golden.h"

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

struct Line {
  std::string where;  // "README.md:34"
  Words words;        // of turnout, or of ./dev, without the program
  bool is_of_dev = false;
};

std::vector<std::string> pages() {
  std::vector<std::string> all{"README.md", "CONTRIBUTING.md"};
  for (const auto& entry : std::filesystem::directory_iterator("docs"))
    if (entry.path().extension() == ".md")
      all.push_back(entry.path().string());
  std::ranges::sort(all);
  return all;
}

// As a shell reads it, up to the first pipe, && or the like. Empty: it is none of ours.
std::optional<Line> lineFrom(const std::string& where, const std::string& text) {
  int count = 0;
  gchar** argv = nullptr;
  if (!g_shell_parse_argv(text.c_str(), &count, &argv, nullptr))
    return std::nullopt;
  Words words(argv, argv + count);
  g_strfreev(argv);
  const auto isOneOf = [](const std::string& word, const std::set<std::string>& all) {
    return all.contains(word);
  };
  words.erase(std::ranges::find_if(words,
                                   [&](const std::string& word) {
                                     return isOneOf(word, {"|", "||", "&&", ">", "&"});
                                   }),
              words.end());
  while (!words.empty() &&
         (words.front() == "$" || std::regex_match(words.front(), std::regex("[A-Z_]+=.*"))))
    words.erase(words.begin());
  if (words.empty())
    return std::nullopt;
  if (words.front() == "docker" || words.front() == "docker-compose") {
    const auto service = std::ranges::find(words, "fleet");  // what stands after it is for turnout
    if (service == words.end() || service + 1 == words.end() || service[-1] == "--exit-code-from" ||
        service[1].starts_with("-"))
      return std::nullopt;
    return Line{where, Words(service + 1, words.end())};
  }
  if (!isOneOf(words.front(), {"turnout", "build/turnout", "./dev"}))
    return std::nullopt;
  if (words.size() > 1 && words[1].ends_with(':'))  // what it printed: "turnout NAME: 64 calls"
    return std::nullopt;
  return Line{where, Words(words.begin() + 1, words.end()), words.front() == "./dev"};
}

// Lines of blocks, and `spans` within sentences.
std::vector<Line> linesOf(const std::string& page) {
  std::vector<Line> lines;
  std::istringstream in(fileText(page));
  bool is_block = false;
  int number = 0;
  for (std::string text; std::getline(in, text);) {
    const std::string where = page + ":" + std::to_string(++number);
    if (text.starts_with("```")) {
      is_block = !is_block;
    } else if (is_block) {
      if (auto line = lineFrom(where, text))
        lines.push_back(*std::move(line));
    } else {
      const std::regex span("`([^`]+)`");
      for (std::sregex_iterator match(text.begin(), text.end(), span), end; match != end; ++match)
        if (auto line = lineFrom(where, (*match)[1]))
          lines.push_back(*std::move(line));
    }
  }
  return lines;
}

std::vector<Line> allLines() {
  std::vector<Line> all;
  for (const std::string& page : pages())
    std::ranges::move(linesOf(page), std::back_inserter(all));
  const auto addHelp = [&all](const std::string& name, const std::string& text) {
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
      const std::size_t begin = line.find_first_not_of(' ');
      if (begin == std::string::npos || line.find("turnout ", begin) != begin)
        continue;
      const std::size_t note = line.find("   ", begin);  // what it does stands beside it
      if (auto found = lineFrom("turnout help " + name, line.substr(begin, note - begin)))
        all.push_back(*std::move(found));
    }
  };
  addHelp("", helpText().substr(helpText().find("Examples:")));
  for (const DocumentedCommand& command : documentedCommands())
    addHelp(command.name, command.options.examples);
  return all;
}

std::set<std::string> wordsOfDev() {
  std::set<std::string> words{"--help"};
  const std::string text = fileText("dev");
  const std::regex rule("\n  ([a-z-]+( \\| [a-z-]+)*)\\)");
  for (std::sregex_iterator match(text.begin(), text.end(), rule), end; match != end; ++match) {
    std::istringstream alternatives((*match)[1]);
    for (std::string word; alternatives >> word;)
      words.insert(word);
  }
  return words;
}

// A form rather than a line: "turnout run SCENARIO [OPTIONS]", "turnout-bot-host", "turnout WORD ...".
bool isPattern(const Line& line) {
  return std::ranges::any_of(line.words, [](const std::string& word) {
    return word == "..." || word.starts_with("[") || word.starts_with("...") || word == "WORD" ||
           word == "COMMAND" || word == "X";
  });
}

bool mayBeExecuted(const std::string& command) {
  return command == "thresholds" || command == "validate" || command == "help" ||
         command == "version" || command == "manual" || command == "completion";
}

bool hasMissingFile(const Words& words) {  // of somebody's own
  return std::ranges::any_of(words, [](const std::string& word) {
    return word.ends_with(".json") && !std::filesystem::exists(word);
  });
}

TEST(DocumentedLines, AreTakenByTheProgramsAsTheyStand) {
  const std::vector<DocumentedCommand> commands = documentedCommands();
  const std::set<std::string> of_dev = wordsOfDev();
  std::set<std::string> seen;
  int executed = 0;
  const std::vector<Line> lines = allLines();
  for (const Line& line : lines) {
    if (line.words.empty() || isPattern(line))
      continue;
    const std::string name = line.words.front();
    if (line.is_of_dev && of_dev.contains(name))
      continue;
    for (const std::string& word : line.words)
      if (word.starts_with("scenarios/") && word.find('*') == std::string::npos) {
        EXPECT_TRUE(std::filesystem::exists(word)) << line.where << ": " << word;
      }
    if (name == "help" || name == "version" || name.starts_with("-"))
      continue;
    const auto command = std::ranges::find(commands, name, &DocumentedCommand::name);
    if (command == commands.end()) {
      ADD_FAILURE() << line.where << ": no command " << name;
      continue;
    }
    const Words rest(line.words.begin() + 1, line.words.end());
    const auto parsed = parseOptions(command->options, rest);
    EXPECT_TRUE(parsed) << line.where << ": " << (parsed ? "" : parsed.error().what);
    seen.insert(name);
    const bool is_whole = std::ranges::none_of(rest, [](const std::string& word) {
      return word.find('*') != std::string::npos || word == "--into";
    });
    if (!mayBeExecuted(name) || !is_whole || hasMissingFile(rest))
      continue;
    ::testing::internal::CaptureStdout();
    const ExitCode code = runCommandLine(line.words);
    ::testing::internal::GetCapturedStdout();
    if (name != "validate" || !rest.empty()) {
      EXPECT_EQ(static_cast<int>(code), 0) << line.where;
    }
    executed++;
  }
  EXPECT_GE(lines.size(), 60u) << "they are no longer found";
  EXPECT_GE(executed, 3);
  EXPECT_THAT(seen, ::testing::IsSupersetOf({"run", "report", "compare", "power", "validate",
                                             "serve", "probe", "doctor", "servers", "init"}));
}

}  // namespace
}  // namespace turnout
