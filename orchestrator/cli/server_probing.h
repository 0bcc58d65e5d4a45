// What probe and doctor have in common: the servers to be asked, from options, and the asking.
#pragma once

#include "orchestrator/cli/options.h"
#include "pipelines/base/result.h"
#include "pipelines/probe/probe.h"

#include <string>
#include <vector>

namespace turnout {

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
