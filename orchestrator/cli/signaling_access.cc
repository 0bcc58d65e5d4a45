#include "orchestrator/cli/signaling_access.h"

#include "bots/signaling/dialect/dialect.h"
#include "orchestrator/cli/server_options.h"
#include "pipelines/base/files.h"
#include "pipelines/base/gobject_ref.h"
#include "scenarios/problem.h"

#include <algorithm>
#include <cstdlib>

namespace turnout {
namespace {

Error wrong(const std::string& what) {
  return {ErrorCode::kBadScenario, what};
}

std::string pathIn(const std::string& folder, const std::string& file) {
  return Owned<char>(
             g_canonicalize_filename(file.c_str(), folder.empty() ? nullptr : folder.c_str()))
      .get();
}

Result<std::vector<Secret>> valuesOf(const SignalingSource::Value& value,
                                     const std::string& folder) {
  const std::string where = "signaling.values." + value.name;
  if (!value.env.empty()) {
    const char* text = std::getenv(value.env.c_str());
    if (!text || !*text)
      return wrong(where + ": the environment has no " + value.env);
    return std::vector{Secret(text)};
  }
  if (value.file.empty())
    return std::vector{Secret(value.text)};
  const auto text = readTextFile(pathIn(folder, value.file));
  if (!text)
    return wrong(where + ": " + text.error().what);
  std::vector<Secret> lines;
  for (std::size_t from = 0; from < text->size();) {
    const std::size_t end = std::min(text->find('\n', from), text->size());
    std::string line = text->substr(from, end - from);
    if (line.ends_with('\r'))
      line.pop_back();
    if (!line.empty())
      lines.emplace_back(std::move(line));
    from = end + 1;
  }
  if (lines.empty())
    return wrong(where + ": there is nothing in " + value.file);
  return lines;
}

// What is given must be asked for, and what is asked for given.
Result<Done> checkNames(const SignalingSource& source, const Dialect& dialect) {
  std::vector<std::string> wanted, needed;
  for (const DialectVariable& variable : dialect.variables)
    if (variable.make == DialectVariable::Make::kGiven) {
      wanted.push_back(variable.name);
      if (!variable.text.isPresent())
        needed.push_back(variable.name);
    }
  for (const auto& value : source.values)
    if (std::ranges::find(wanted, value.name) == wanted.end())
      return wrong("signaling.values." + value.name + ": the dialect " + dialect.name +
                   " asks for no such value" + suggestion(value.name, wanted));
  for (const std::string& name : needed)
    if (std::ranges::none_of(source.values, [&](const auto& value) { return value.name == name; }))
      return wrong("signaling.values: \"" + name + "\" is missing, which the dialect " +
                   dialect.name + " leaves to the scenario");
  return Done{};
}

}  // namespace

Result<std::string> dialectText(const std::string& name, const std::string& folder) {
  std::string text;
  if (const auto shipped = shippedDialect(name)) {
    text = *shipped;
  } else if (name.find('/') == std::string::npos && !name.ends_with(".json")) {
    return wrong("there is no shipped dialect \"" + name + "\"" +
                 suggestion(name, shippedDialects()) + ", and a file ends with .json");
  } else {
    auto read = readTextFile(pathIn(folder, name));
    if (!read)
      return wrong(read.error().what);
    text = *std::move(read);
  }
  ScenarioProblems problems;
  readDialect(text, problems);
  if (problems.empty())
    return text;
  std::string told = problemsText(name, problems);
  told.erase(told.find_last_not_of('\n') + 1);
  return wrong(told);
}

Result<SignalingAccess> signalingAccess(const SignalingSource& source, const std::string& folder) {
  SignalingAccess access{.tls_ca_file = source.tls_ca_file, .tls_verify = source.tls_verify};
  if (!source.dialect.empty()) {
    auto text = dialectText(source.dialect, folder);
    if (!text)
      return text.error();
    ScenarioProblems none;
    if (const auto known = checkNames(source, readDialect(*text, none)); !known)
      return known.error();
    access.dialect = *std::move(text);
  }
  for (const SignalingSource::Value& value : source.values) {
    auto values = valuesOf(value, folder);
    if (!values)
      return values.error();
    access.values.push_back({value.name, *std::move(values)});
  }
  if (!source.tls_ca_file.empty()) {
    access.tls_ca_file = pathIn(folder, source.tls_ca_file);
    if (const auto good = checkCaFile(access.tls_ca_file, "signaling.tls.ca_file"); !good)
      return good.error();
  }
  return access;
}

}  // namespace turnout
