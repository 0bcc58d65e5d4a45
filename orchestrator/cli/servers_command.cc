#include "orchestrator/cli/command.h"
#include "orchestrator/cli/server_options.h"
#include "orchestrator/ice_servers/read/resolved_servers.h"
#include "pipelines/base/log.h"

#include <cstdio>

namespace turnout {
namespace {

OptionSpec serversOptions() {
  OptionSpec spec{
      "turnout servers [SERVERS...] [OPTIONS]\n\n"
      "Shows which ICE servers turnout would use, where they come from, and what is wrong with\n"
      "them, without asking any of them: command line before environment (TURN_SERVERS,\n"
      "STUN_SERVERS, TURN_USERNAME, TURN_CREDENTIAL, each also with VITE_) before --env-file.\n"
      "Credentials are never shown (docs/SERVERS.md).",
      "Examples:\n"
      "  turnout servers --env-file .env\n"
      "  turnout servers --servers ice-servers.json --json\n"
      "  turnout servers turn:turn.example.net:3478 --username alice --credential-file secret.txt\n"
      "\n"
      "Exit codes: 0, 104 when a server or file cannot be used.\n"};
  addServerOptions(spec.visible);
  addServerSourceOptions(spec.visible);
  spec.visible.add_options()("json", "as JSON");
  spec.hidden.add_options()("server", po::value<Words>());
  spec.files = "server";
  return spec;
}

}  // namespace

ExitCode serversCommand(const Words& words) {
  const auto options = parseOptions(serversOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto resolved =
      serversFromOptions(**options, optionValue<Words>(**options, "server").value_or(Words{}));
  if (!resolved)
    return fail(resolved.error());
  if ((*options)->count("json")) {
    std::printf("%s\n", serverListJson(*resolved).c_str());
  } else {
    std::printf("%s", printable(serverListText(*resolved), LineEnds::kKeep).c_str());
    std::fflush(stdout);
    printFindings(resolved->findings);
  }
  return hasError(resolved->findings) ? ExitCode::kBadScenario : ExitCode::kPass;
}

}  // namespace turnout
