#include "orchestrator/cli/command.h"
#include "orchestrator/cli/server_options.h"
#include "orchestrator/doctor/doctor.h"
#include "pipelines/base/clock.h"
#include "pipelines/base/log.h"
#include "pipelines/base/subprocess.h"

#include <cstdio>

namespace turnout {
namespace {

constexpr Duration kProbeLimit = 3500ms;  // with the calls: an answer within ten seconds

OptionSpec doctorOptions() {
  OptionSpec spec{
      "turnout doctor [SERVERS...] [OPTIONS]\n\n"
      "Why do calls fail here? Probes the STUN and TURN servers over every transport, makes three\n"
      "short calls with them, one that may take any path, one by relay only, and one from a relay\n"
      "to an end without TURN, and tells the one most likely reason and what to do, within ten\n"
      "seconds. Servers come from the command line, --servers or the environment\n"
      "(docs/DIAGNOSIS.md, docs/SERVERS.md).",
      "Examples:\n"
      "  turnout doctor --env-file .env\n"
      "  turnout doctor turn:turn.example.net --username alice --credential-file secret.txt\n"
      "  turnout doctor --servers ice-servers.json --signaling wss://app.example.net\n"
      "\n"
      "Exit codes: 0 healthy, 99 when something is wrong, 104 when a server or file cannot be\n"
      "used, 106 when turnout cannot make calls on this machine.\n"};
  addProbingOptions(spec);
  spec.visible.add_options()("signaling", po::value<std::string>(),
                             "URL of the signaling server to call through [starts its own]")(
      "json", "as JSON");
  return spec;
}

// Whether scenarios with networks can run here, and if not, why; by the lab itself, which is up for a moment.
std::string labText(const std::string& program) {
  const auto lab = Subprocess::run({program, "lab", "shell", "public", "--", "true"});
  if (lab)
    return "network lab: can be had on this machine (docs/LAB.md)\n";
  const std::string& why = lab.error().what;
  const std::size_t start = why.find("turnout: ");
  return "network lab: " + (start == std::string::npos ? why : why.substr(start + 9)) + "\n";
}

}  // namespace

ExitCode doctorCommand(const Words& words) {
  const auto options = parseOptions(doctorOptions(), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;
  const auto signaling = signalingUrl(**options);
  if (!signaling)
    return fail(signaling.error());
  const auto servers = serversToAsk(**options, "nothing was examined");
  if (!servers)
    return fail(servers.error());
  const auto program = ownProgram();
  if (!program)
    return fail(program.error());
  auto probed = runProbe(allTransportsOf(*servers), {.limit = kProbeLimit, .with_burst = true});
  if (probed.was_interrupted)
    return ExitCode::kInterrupted;
  Examination seen{std::move(probed.report), {}};
  auto calls = makeShortCalls({.servers = *servers,
                               .signaling_url = *signaling,
                               .turnout_program = *program,
                               .host_program = helperProgram(*program, "turnout-bot-host")});
  if (!calls)
    return fail(calls.error());
  seen.calls = *std::move(calls);
  const Prescription prescription = prescribe(seen, unixTime());
  const std::string text = (*options)->count("json")
                               ? doctorJson(seen, prescription)
                               : doctorText(seen, prescription) + "\n" + labText(*program);
  std::fputs(printable(text, LineEnds::kKeep).c_str(), stdout);
  return prescription.diagnosis ? ExitCode::kThresholdsFailed : ExitCode::kPass;
}

}  // namespace turnout
