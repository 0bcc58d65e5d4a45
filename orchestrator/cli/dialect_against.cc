#include "orchestrator/cli/command.h"
#include "orchestrator/cli/dialect_rehearsal.h"
#include "orchestrator/cli/signaling_access.h"
#include "pipelines/base/server_url.h"

#include <cstdio>
#include <fstream>

namespace turnout {
namespace {

Result<SignalingSource::Value> valueFrom(const std::string& text) {
  const std::size_t equals = text.find('=');
  SignalingSource::Value value{.name = text.substr(0, equals), .text = {}, .env = {}, .file = {}};
  const std::string where = equals == std::string::npos ? "" : text.substr(equals + 1);
  if (where.starts_with("env:"))
    value.env = where.substr(4);
  else if (where.starts_with("file:"))
    value.file = where.substr(5);
  if (value.name.empty() || (value.env.empty() && value.file.empty()))
    return Error{ErrorCode::kUsage,
                 "--value: expected NAME=env:VARIABLE or NAME=file:PATH, got \"" + text + "\""};
  return value;
}

Result<std::optional<CallMode>> kindFrom(const po::variables_map& options) {
  const auto word = optionValue<std::string>(options, "kind");
  if (!word)
    return std::optional<CallMode>();
  for (const auto& [name, kind] :
       {std::pair("room", CallMode::kRoom), std::pair("call", CallMode::kCall),
        std::pair("match", CallMode::kMatch)})
    if (*word == name)
      return std::optional(kind);
  return Error{ErrorCode::kUsage, "--kind: expected room, call or match, got \"" + *word + "\""};
}

}  // namespace

void addAgainstOptions(po::options_description& options) {
  options.add_options()("against", po::value<std::string>(),
                        "check: URL of a server, for a session of two bots without media")(
      "kind", po::value<std::string>(),
      "with --against: room, call or match [what it has steps for]")(
      "value", po::value<Words>(),
      "with --against: a value the dialect leaves to the scenario, NAME=env:VARIABLE or "
      "NAME=file:PATH; repeatable")("ca", po::value<std::string>(),
                                    "with --against: authorities in PEM")(
      "insecure", "with --against: any certificate will do")(
      "html", po::value<std::string>(), "with --against: write the sequence chart to this file");
}

ExitCode checkAgainst(const po::variables_map& options, const std::string& file) {
  SignalingSource source;
  source.url = *optionValue<std::string>(options, "against");
  source.dialect = file;
  if (const auto server = serverUrl(source.url); !server)
    return fail({ErrorCode::kUsage, "--against: " + server.error().what});
  const auto kind = kindFrom(options);
  if (!kind)
    return fail(kind.error());
  for (const std::string& text : optionValue<Words>(options, "value").value_or(Words{})) {
    const auto value = valueFrom(text);
    if (!value)
      return fail(value.error());
    source.values.push_back(*value);
  }
  source.tls_verify = options.count("insecure") == 0;
  source.tls_ca_file = optionValue<std::string>(options, "ca").value_or("");
  const auto access = signalingAccess(source, "");
  if (!access)
    return fail(access.error());
  ScenarioProblems none;
  const auto dialect = std::make_shared<Dialect>(readDialect(access->dialect, none));
  const Rehearsal rehearsal =
      rehearse({.dialect = dialect,
                .server = {.url = source.url, .tls = {access->tls_ca_file, access->tls_verify}},
                .values = access->values,
                .kind = *kind});
  std::fputs(chartText(rehearsal, dialect->name).c_str(), stdout);
  if (const auto html = optionValue<std::string>(options, "html")) {
    std::ofstream out(*html);
    out << chartHtml(rehearsal, dialect->name);
    if (!out.flush())
      return fail({ErrorCode::kEnvironment, "cannot write " + *html});
  }
  return rehearsal.is_complete ? ExitCode::kPass : ExitCode::kThresholdsFailed;
}

}  // namespace turnout
