// The options by which commands are told of ICE servers, and what they come to together with the
// environment and .env files (orchestrator/ice_servers/read/resolved_servers.h, docs/SERVERS.md).
#pragma once

#include "orchestrator/cli/options.h"
#include "orchestrator/ice_servers/read/resolved_servers.h"
#include "pipelines/base/result.h"

#include <vector>

namespace turnout {

// --env, --env-file, --allow-public-turn: of every command that may need servers.
void addServerSourceOptions(po::options_description& options);
// --servers, --username, --credential-file: of commands that are about servers. Never a password.
void addServerOptions(po::options_description& options);

// What holds for every list: the environment and .env files, the strongest first, and the policy.
struct ServerSourceSettings {
  std::vector<Settings> layers;
  ServerPolicy policy;
};
Result<ServerSourceSettings> serverSourceSettings(const po::variables_map& values);

// All of the above with `urls` of the command line. Error: an option or file that cannot be used;
// servers that cannot are findings.
Result<ResolvedServers> serversFromOptions(const po::variables_map& values, const Words& urls,
                                           Credentials credentials = Credentials::kRequired);

void printFindings(const Findings& findings);  // on stderr, a line each

}  // namespace turnout
