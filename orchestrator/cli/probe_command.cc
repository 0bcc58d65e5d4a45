#include "orchestrator/cli/command.h"
#include "orchestrator/cli/output_file.h"
#include "orchestrator/cli/server_options.h"
#include "orchestrator/cli/signal_watch.h"
#include "orchestrator/report/probe_json.h"
#include "orchestrator/report/probe_text.h"
#include "pipelines/base/printable.h"
#include "pipelines/probe/probe.h"

#include <csignal>
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
      "certificate, STUN, an allocation with the credential, and data through two of them; then\n"
      "what the NAT on the way does. Servers come from the command line, --servers or the\n"
      "environment (docs/PROBE.md, docs/SERVERS.md).",
      "Examples:\n"
      "  turnout probe stun:stun.example.net\n"
      "  turnout probe turn:turn.example.net --username alice --credential-file secret.txt\n"
      "  turnout probe turn:turn.example.net --all-transports --env-file .env\n"
      "\n"
      "Exit codes: 0, 99 when a server does not work, 104 when a server or file cannot be used.\n"};
  addServerOptions(spec.visible);
  addServerSourceOptions(spec.visible);
  spec.visible.add_options()("all-transports",
                             "try UDP, TCP and TLS of each TURN host; what was not given may fail")(
      "no-echo", "one allocation only: no data through the server")(
      "bandwidth", "a second of data through the server, 4.4 Mbit/s")(
      "ca", po::value<std::string>(), "file with the authorities to trust for TLS [the system's]")(
      "timeout", po::value<double>()->default_value(4, "4"), "seconds for each server")(
      "local-address", po::value<std::string>(), "address of this machine to ask from [any]")(
      "json", po::value<std::string>()->value_name("FILE"), "the report as JSON; -: to stdout");
  spec.hidden.add_options()("server", po::value<Words>());
  spec.files = "server";
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

Result<Done> checkCaFile(const std::string& file) {
  Owned<GError> error;
  GList* certificates = g_tls_certificate_list_new_from_file(file.c_str(), error.out());
  const bool is_empty = !certificates;
  for (const GList* item = certificates; item; item = item->next)
    Ref<GTlsCertificate>::adopt(static_cast<GTlsCertificate*>(item->data)).reset();
  g_list_free(certificates);
  if (!is_empty)
    return Done{};
  return Error{ErrorCode::kBadScenario,
               "--ca " + file + ": " + (error ? error->message : "no certificate in it")};
}

// What is wrong with the servers goes to stderr, all of it.
Result<std::vector<ProbeTarget>> probeTargets(const po::variables_map& values) {
  auto resolved =
      serversFromOptions(values, optionValue<Words>(values, "server").value_or(Words{}));
  if (!resolved)
    return resolved.error();
  printFindings(resolved->findings);
  if (hasError(resolved->findings))
    return Error{ErrorCode::kBadScenario, "nothing was asked"};
  if (resolved->servers.empty())
    return Error{ErrorCode::kBadScenario, "no servers: name some, or set TURN_SERVERS"};
  if (const auto ca = optionValue<std::string>(values, "ca")) {
    if (const auto good = checkCaFile(*ca); !good)
      return good.error();
    for (IceServer& server : resolved->servers)
      server.tls_ca_file = *ca;
  }
  if (values.count("all-transports"))
    return allTransportsOf(resolved->servers);
  std::vector<ProbeTarget> targets;
  for (const IceServer& server : resolved->servers)
    targets.push_back({server});
  return targets;
}

struct ProbeEnd {
  ProbeReport report;
  bool was_interrupted = false;
};

// Ctrl-C ends it early, but not before the allocations are released.
ProbeEnd runProbe(std::vector<ProbeTarget> targets, const ProbeOptions& options) {
  Loop loop;
  ProbeEnd end;
  Probe probe(loop, std::move(targets), options, [&](const ProbeReport& report) {
    end.report = report;
    loop.quit();
  });
  const Timer interrupt = onSignal(loop, SIGINT, [&] {
    end.was_interrupted = true;
    probe.stop();
  });
  loop.run();
  return end;
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
  if (file != "-")
    std::fputs(printable(probeText(report, unixTime()), LineEnds::kKeep).c_str(), stdout);
  if (file)
    if (const auto written = writeOutput(*file, probeJson(report, unixTime())); !written)
      return fail(written.error());
  if (was_interrupted)
    return ExitCode::kInterrupted;
  return report.passes() ? ExitCode::kPass : ExitCode::kThresholdsFailed;
}

}  // namespace turnout
