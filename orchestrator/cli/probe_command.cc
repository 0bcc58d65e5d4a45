#include "orchestrator/cli/command.h"
#include "orchestrator/cli/report_files.h"
#include "orchestrator/cli/server_options.h"
#include "orchestrator/report/reports.h"
#include "pipelines/base/log.h"

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <gio/gio.h>

namespace turnout {
namespace {

constexpr double kLeastSeconds = 0.5, kMostSeconds = 60;

OptionSpec probeOptions() {
  OptionSpec spec{
      "turnout probe [SERVERS...] [OPTIONS]\n\n"
      "Asks STUN and TURN servers whether they work, all at one time: DNS, TCP, TLS and its\n"
      "certificate, STUN, an allocation with the credential, and data through its relay, from\n"
      "another one and from outside; then what the NAT on the way does. Without a credential TURN\n"
      "servers are asked up to the point where they want one. Servers come from the command line, "
      "--servers or the\n"
      "environment (docs/PROBE.md, docs/SERVERS.md).",
      "Examples:\n"
      "  turnout probe stun:stun.example.net\n"
      "  turnout probe turn:turn.example.net --username alice --credential-file secret.txt\n"
      "  turnout probe turn:turn.example.net --all-transports --env-file .env\n"
      "\n"
      "Exit codes: 0, 99 when a server does not work, 98 when one wants a credential that was not\n"
      "given, 104 when a server or file cannot be used.\n"};
  addProbingOptions(spec);
  spec.visible.add_options()("all-transports",
                             "try UDP, TCP and TLS of each TURN host; what was not given may fail")(
      "no-echo", "one allocation only: no data through the server")(
      "bandwidth", "a second of data through the server, 4.4 Mbit/s")(
      "timeout", po::value<double>()->default_value(4, "4"), "seconds for each server")(
      "local-address", po::value<std::string>(), "address of this machine to ask from [any]")(
      "json", po::value<std::string>()->value_name("FILE"), "the report as JSON; -: to stdout");
  return spec;
}

Result<ProbeOptions> probeOptions(const po::variables_map& values) {
  ProbeOptions options;
  const double seconds = values["timeout"].as<double>();
  if (!(seconds >= kLeastSeconds && seconds <= kMostSeconds))
    return Error{ErrorCode::kUsage, "--timeout wants 0.5 to 60 seconds"};
  options.limit = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  options.local_address = optionValue<std::string>(values, "local-address").value_or(std::string());
  if (!options.local_address.empty() && !g_hostname_is_ip_address(options.local_address.c_str()))
    return Error{ErrorCode::kUsage, "--local-address wants an IPv4 or IPv6 address"};
  options.with_echo = !values.count("no-echo");
  options.with_burst = values.count("bandwidth") > 0;
  if (options.with_burst && !options.with_echo)
    return Error{ErrorCode::kUsage, "--bandwidth and --no-echo exclude each other"};
  return options;
}

Result<std::vector<ProbeTarget>> probeTargets(const po::variables_map& values) {
  auto servers = serversToAsk(values, "nothing was asked");
  if (!servers)
    return servers.error();
  if (servers->empty())
    return Error{ErrorCode::kBadScenario, "no servers: name some, or set TURN_SERVERS"};
  if (values.count("all-transports"))
    return allTransportsOf(*servers);
  std::vector<ProbeTarget> targets;
  for (const IceServer& server : *servers)
    targets.push_back({server});
  return targets;
}

}  // namespace

ExitCode probeCommand(const Words& words) {
  const auto options = parseOptions(probeOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto how = probeOptions(**options);
  if (!how)
    return fail(how.error());
  const auto targets = probeTargets(**options);
  if (!targets)
    return fail(targets.error());

  const auto [report, was_interrupted] = runProbe(*targets, *how);
  const auto file = optionValue<std::string>(**options, "json");
  if (file != "-") {
    const std::string text = probeText(report, unixTime(), screenOf(stdout).columns);
    std::fputs(printable(text, LineEnds::kKeep).c_str(), stdout);
  }
  if (file)
    if (const auto written = writeOutput(*file, probeJson(report, unixTime())); !written)
      return fail(written.error());
  if (was_interrupted)
    return ExitCode::kInterrupted;
  if (!report.passes())
    return ExitCode::kThresholdsFailed;
  return report.isIncomplete() ? ExitCode::kInconclusive : ExitCode::kPass;
}

}  // namespace turnout
