#include "orchestrator/cli/command.h"
#include "orchestrator/cli/server_options.h"
#include "orchestrator/doctor/doctor_text.h"
#include "orchestrator/doctor/short_calls.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/printable.h"
#include "pipelines/probe/probe.h"

#include <cstdio>
#include <filesystem>

namespace turnout {
namespace {

constexpr Duration kProbeLimit = 2500ms;  // with the calls: an answer within ten seconds

OptionSpec doctorOptions() {
  OptionSpec spec{
      "turnout doctor [SERVERS...] [OPTIONS]\n\n"
      "Why do calls fail here? Probes the STUN and TURN servers over every transport, makes two\n"
      "short calls with them, one that may take any path and one by relay only, and tells the one\n"
      "most likely reason and what to do, within ten seconds. Servers come from the command line,\n"
      "--servers or the environment (docs/DIAGNOSIS.md, docs/SERVERS.md).",
      "Examples:\n"
      "  turnout doctor --env-file .env\n"
      "  turnout doctor turn:turn.example.net --username alice --credential-file secret.txt\n"
      "  turnout doctor --servers ice-servers.json --signaling wss://app.example.net\n"
      "\n"
      "Exit codes: 0 healthy, 99 when something is wrong, 104 when a server or file cannot be\n"
      "used, 106 when turnout cannot make calls on this machine.\n"};
  addServerOptions(spec.visible);
  addServerSourceOptions(spec.visible);
  spec.visible.add_options()("signaling", po::value<std::string>(),
                             "URL of the signaling server to call through [starts its own]")(
      "ca", po::value<std::string>(), "file with the authorities to trust for TLS [the system's]")(
      "json", "as JSON");
  spec.hidden.add_options()("server", po::value<Words>());
  spec.files = "server";
  return spec;
}

// What is wrong with the list itself goes to stderr.
Result<std::vector<IceServer>> serversToExamine(const po::variables_map& values) {
  auto resolved =
      serversFromOptions(values, optionValue<Words>(values, "server").value_or(Words{}));
  if (!resolved)
    return resolved.error();
  printFindings(resolved->findings);
  if (hasError(resolved->findings))
    return Error{ErrorCode::kBadScenario, "nothing was examined"};
  for (IceServer& server : resolved->servers)
    server.tls_ca_file = optionValue<std::string>(values, "ca").value_or(server.tls_ca_file);
  return std::move(resolved->servers);
}

ProbeReport probed(const std::vector<IceServer>& servers) {
  Loop loop;
  ProbeReport report;
  const Probe probe(loop, allTransportsOf(servers), {.limit = kProbeLimit},
                    [&](const ProbeReport& done) {
                      report = done;
                      loop.quit();
                    });
  loop.run();
  return report;
}

}  // namespace

ExitCode doctorCommand(const Words& words) {
  const auto options = parseOptions(doctorOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto servers = serversToExamine(**options);
  if (!servers)
    return fail(servers.error());
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  Examination seen{probed(*servers), {}};
  auto calls = makeShortCalls(
      {.servers = *servers,
       .signaling_url = optionValue<std::string>(**options, "signaling").value_or(""),
       .turnout_program = program,
       .host_program = program.parent_path() / "turnout-bot-host"});
  if (!calls)
    return fail(calls.error());
  seen.calls = *std::move(calls);
  const Prescription prescription = prescribe(seen, unixTime());
  const std::string text =
      (*options)->count("json") ? doctorJson(seen, prescription) : doctorText(seen, prescription);
  std::fputs(printable(text, LineEnds::kKeep).c_str(), stdout);
  return prescription.diagnosis ? ExitCode::kThresholdsFailed : ExitCode::kPass;
}

}  // namespace turnout
