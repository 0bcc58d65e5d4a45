// The options by which commands are told of ICE servers, and what they come to together with the
// environment and .env files (orchestrator/ice_servers/read/resolved_servers.h, docs/SERVERS.md).
#pragma once

#include "orchestrator/cli/command.h"
#include "orchestrator/ice_servers/read/resolved_servers.h"
#include "pipelines/base/result.h"
#include "pipelines/probe/probe.h"

#include <string>
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

// What probe and doctor have in common: the servers to be asked, from options, and the asking.

// Whether TLS can be judged by the authorities in a PEM file. Error: kBadScenario, which begins with
// `where`: what is wrong is on this side, and says nothing of any server.
Result<Done> checkCaFile(const std::string& file, const std::string& where);

// Adds --servers and the like, --ca, and servers as free arguments.
void addProbingOptions(OptionSpec& spec);

// What is wrong with the servers goes to stderr, all of it; then it is an Error that says what
// `was_not_done` ("nothing was asked"), and so is an authority of --ca that cannot be read. TURN
// without a credential is kept: it can be asked what it wants.
Result<std::vector<IceServer>> serversToAsk(const po::variables_map& values,
                                            const std::string& was_not_done);

struct ProbeEnd {
  ProbeReport report;
  bool was_interrupted = false;
};
// Blocks. Ctrl-C ends it early, but not before the allocations are released.
ProbeEnd runProbe(std::vector<ProbeTarget> targets, const ProbeOptions& options);

}  // namespace turnout
