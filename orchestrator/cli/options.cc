#include "orchestrator/cli/options.h"

#include "bots/signaling/wire/engine_io.h"
#include "scenarios/nearest.h"

#include <iostream>
#include <sstream>

namespace turnout {
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

}  // namespace turnout
