#include "orchestrator/cli/server_options.h"

#include "orchestrator/cli/command.h"
#include "orchestrator/ice_servers/read/settings.h"
#include "pipelines/base/files.h"
#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/log.h"

#include <cstdio>

#include <gio/gio.h>

namespace turnout {
namespace {

Result<Settings> commandLineSettings(const po::variables_map& values, const Words& urls) {
  Settings settings;
  std::string list;
  for (const std::string& url : urls)
    list += (list.empty() ? "" : ",") + url;
  settings["TURN_SERVERS"] = {Secret(list), "command line"};
  if (const auto file = optionValue<std::string>(values, "servers")) {
    if (!urls.empty())
      return Error{ErrorCode::kUsage, "servers on the command line and --servers: give one"};
    auto text = readTextFile(*file);
    if (!text)
      return text.error();
    // Not a list with commas: without a bracket the reader would take it for one.
    if (text->find_first_of("[{") == std::string::npos)
      return Error{ErrorCode::kBadScenario, *file + ": expected RTCIceServer JSON"};
    settings["TURN_SERVERS"] = {Secret(*std::move(text)), *file};
  }
  if (const auto name = optionValue<std::string>(values, "username"))
    settings["TURN_USERNAME"] = {Secret(*name), "--username"};
  if (const auto file = optionValue<std::string>(values, "credential-file")) {
    auto credential = readSecretFile(*file, "credential");
    if (!credential)
      return credential.error();
    settings["TURN_CREDENTIAL"] = {*std::move(credential), "--credential-file"};
  }
  return settings;
}

// What the process has not, the files may have. `layers` must outlive it.
Environment environmentOver(const std::vector<Settings>& layers) {
  return [&layers](const std::string& name) -> std::optional<std::string> {
    if (auto value = processEnvironment()(name))
      return value;
    for (const Settings& layer : layers)
      if (const auto found = layer.find(name); found != layer.end())
        return found->second.value.reveal();
    return std::nullopt;
  };
}

}  // namespace

void addServerSourceOptions(po::options_description& options) {
  options.add_options()("env", po::value<std::string>(),
                        "development or production [TURNOUT_ENV, NODE_ENV, development]")(
      "env-file", po::value<Words>(),
      "file with TURN_SERVERS and the like; repeatable, the last counts")(
      "allow-public-turn", "use free public servers when there are no others");
}

void addServerOptions(po::options_description& options) {
  options.add_options()("servers", po::value<std::string>(), "file with RTCIceServer JSON")(
      "username", po::value<std::string>(), "user name for TURN [TURN_USERNAME]")(
      "credential-file", po::value<std::string>(),
      "its first line is the TURN credential [TURN_CREDENTIAL]");
}

Result<ServerSourceSettings> serverSourceSettings(const po::variables_map& values) {
  ServerSourceSettings sources{{settingsOf(processEnvironment(), processVariables())}, {}};
  const Words files = optionValue<Words>(values, "env-file").value_or(Words{});
  for (auto file = files.rbegin(); file != files.rend(); ++file) {
    auto settings = readDotEnv(*file);
    if (!settings)
      return settings.error();
    sources.layers.push_back(*std::move(settings));
  }
  const auto deployment =
      detectDeployment(optionValue<std::string>(values, "env"), environmentOver(sources.layers));
  if (!deployment)
    return deployment.error();
  sources.policy = {*deployment, values.count("allow-public-turn") ? PublicServers::kAllowed
                                                                   : PublicServers::kForbidden};
  return sources;
}

Result<ResolvedServers> serversFromOptions(const po::variables_map& values, const Words& urls,
                                           Credentials credentials) {
  auto sources = serverSourceSettings(values);
  if (!sources)
    return sources.error();
  auto given = commandLineSettings(values, urls);
  if (!given)
    return given.error();
  auto& layers = sources->layers;
  if (!given->at("TURN_SERVERS").value.empty())  // then it is the whole list
    for (Settings& weaker : layers)
      dropStunServers(weaker);
  layers.insert(layers.begin(), *std::move(given));
  sources->policy.credentials = credentials;
  return resolveServers(layers, sources->policy);
}

void printFindings(const Findings& findings) {
  for (const ServerFinding& finding : findings)
    std::fprintf(stderr, "%s\n", printable(findingLine(finding)).c_str());
}

Result<Done> checkCaFile(const std::string& file, const std::string& where) {
  Owned<GError> error;
  GList* certificates = g_tls_certificate_list_new_from_file(file.c_str(), error.out());
  const bool is_empty = !certificates;
  for (const GList* item = certificates; item; item = item->next)
    Ref<GTlsCertificate>::adopt(static_cast<GTlsCertificate*>(item->data)).reset();
  g_list_free(certificates);
  if (!is_empty)
    return Done{};
  return Error{ErrorCode::kBadScenario,
               where + ": " + file + ": " + (error ? error->message : "no certificate in it")};
}

void addProbingOptions(OptionSpec& spec) {
  addServerOptions(spec.visible);
  addServerSourceOptions(spec.visible);
  spec.visible.add_options()("ca", po::value<std::string>(),
                             "file with the authorities to trust for TLS [the system's]")(
      "relay-family", po::value<std::string>(),
      "ipv4 or ipv6: relays to ask for [nothing is asked for, as browsers do]");
  spec.hidden.add_options()("server", po::value<Words>());
  spec.files = "server";
}

Result<std::vector<IceServer>> serversToAsk(const po::variables_map& values,
                                            const std::string& was_not_done) {
  auto resolved = serversFromOptions(values, optionValue<Words>(values, "server").value_or(Words{}),
                                     Credentials::kOptional);
  if (!resolved)
    return resolved.error();
  printFindings(resolved->findings);
  if (hasError(resolved->findings))
    return Error{ErrorCode::kBadScenario, was_not_done};
  if (resolved->servers.empty())
    return Error{ErrorCode::kBadScenario,
                 "no STUN or TURN server is named, so " + was_not_done +
                     ": name some, or a file with --servers or --env-file (docs/SERVERS.md)"};
  const auto family = optionValue<std::string>(values, "relay-family");
  if (family && *family != "ipv4" && *family != "ipv6")
    return Error{ErrorCode::kUsage, "--relay-family wants ipv4 or ipv6"};
  for (IceServer& server : resolved->servers)
    if (family && server.scheme == IceScheme::kTurn)
      server.relay_family = *family == "ipv6" ? RelayFamily::kIpv6 : RelayFamily::kIpv4;
  const auto ca = optionValue<std::string>(values, "ca");
  if (!ca)
    return std::move(resolved->servers);
  if (const auto good = checkCaFile(*ca, "--ca"); !good)
    return good.error();
  for (IceServer& server : resolved->servers)
    server.tls_ca_file = *ca;
  return std::move(resolved->servers);
}

ProbeEnd runProbe(std::vector<ProbeTarget> targets, const ProbeOptions& options) {
  Loop loop;
  ProbeEnd end;
  Probe probe(loop, std::move(targets), options, [&](const ProbeReport& report) {
    end.report = report;
    loop.quit();
  });
  const auto interrupts = onEndSignals(loop, [&] {
    end.was_interrupted = true;
    probe.stop();
  });
  loop.run();
  return end;
}

}  // namespace turnout
