// A command's options: Boost.Program_options with our errors. The only place that meets its
// exceptions.
#pragma once

#include "orchestrator/cli/command.h"
#include "pipelines/base/result.h"

#include <optional>
#include <string>

#include <boost/program_options.hpp>

namespace turnout {

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

}  // namespace turnout
