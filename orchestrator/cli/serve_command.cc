#include "bots/signaling/app/planted_bug.h"
#include "bots/signaling/server/signaling_server.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/ice_servers/supply/credential_endpoint.h"
#include "orchestrator/ice_servers/supply/server_sources.h"
#include "pipelines/base/fd.h"
#include "pipelines/base/json.h"
#include "pipelines/base/line_channel.h"
#include "pipelines/base/log.h"
#include "scenarios/load.h"

#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace turnout {
namespace {

constexpr const char* kTokenVariable = "TURNOUT_SERVE_TOKEN";

using Values = po::variables_map;
using Texts = std::vector<std::string>;

Error usage(const std::string& what) {
  return {ErrorCode::kUsage, what};
}

// "host:port", "[v6]:port".
Result<Done> readListen(const std::string& listen, SignalingServerOptions& options) {
  const Error bad =
      usage("--listen wants ADDRESS:PORT with an IPv4 or IPv6 address of this machine, got \"" +
            listen + "\"");
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return bad;
  std::string address = listen.substr(0, colon);
  if (address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  if (!g_hostname_is_ip_address(address.c_str()))
    return bad;
  options.engine.address = address;
  guint64 port = 0;
  if (!g_ascii_string_to_unsigned(listen.c_str() + colon + 1, 10, 0, 65535, &port, nullptr))
    return bad;
  options.engine.port = static_cast<int>(port);
  return Done{};
}

Result<Done> readBugs(const Texts& names, SignalingServerOptions& options) {
  for (const std::string& name : names) {
    const auto bug = plantedBugNamed(name);
    if (!bug) {
      std::string known;
      for (const PlantedBug each : kPlantedBugs)
        known += std::string(known.empty() ? "" : ", ") + toString(each);
      return usage("--bug \"" + name + "\" is unknown; known are " + known);
    }
    options.app.bugs.insert(*bug);
  }
  return Done{};
}

constexpr std::int64_t kMostSockets = 1'000'000;

struct TimeOption {
  const char* name;
  int least_s, most_s;
  Duration SignalingAppOptions::*field;
};
constexpr TimeOption kTimes[] = {{"grace", 3, 10, &SignalingAppOptions::grace},
                                 {"ring-timeout", 1, 300, &SignalingAppOptions::ring_timeout},
                                 {"match-timeout", 1, 600, &SignalingAppOptions::match_timeout}};

// A server without descriptors can refuse nobody politely: it refuses before they run out.
std::size_t socketsWeCanHold(std::size_t wanted) {
  const std::size_t files = raiseFileLimit();
  const std::size_t most = socketsWithin(files);
  if (wanted <= most)
    return wanted;
  log(LogLevel::kWarning, "serve",
      "may open " + std::to_string(files) + " files (ulimit -Hn), enough for " +
          std::to_string(most) + " of --max-sockets " + std::to_string(wanted) +
          "; more are refused");
  return most;
}

Result<SignalingServerOptions> serverOptions(const Values& values) {
  SignalingServerOptions options;
  if (const auto read = readListen(values["listen"].as<std::string>(), options); !read)
    return read.error();
  if (const auto read = readBugs(values["bug"].as<Texts>(), options); !read)
    return read.error();
  for (const TimeOption& time : kTimes) {
    const double seconds = values[time.name].as<double>();
    if (!(seconds >= time.least_s && seconds <= time.most_s))
      return usage(std::string("--") + time.name + " wants " + std::to_string(time.least_s) +
                   " to " + std::to_string(time.most_s) + " seconds");
    options.app.*time.field =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }
  const auto certificate = optionValue<std::string>(values, "tls-certificate"),
             key = optionValue<std::string>(values, "tls-key");
  if (certificate.has_value() != key.has_value())
    return usage("--tls-certificate and --tls-key go together");
  options.engine.tls_certificate_file = certificate.value_or("");
  options.engine.tls_key_file = key.value_or("");
  options.engine.admission.origins = values["origin"].as<Texts>();
  for (const char* name : {"max-sockets", "max-per-address"})
    if (const auto most = optionValue<std::int64_t>(values, name);
        most && (*most < 1 || *most > kMostSockets))
      return usage(std::string("--") + name + " wants 1 to " + std::to_string(kMostSockets));
  if (const auto most = optionValue<std::int64_t>(values, "max-per-address"))
    options.engine.admission.max_per_address = static_cast<unsigned>(*most);
  options.engine.max_sessions =
      socketsWeCanHold(static_cast<std::size_t>(values["max-sockets"].as<std::int64_t>()));
  if (values.count("announce-fd"))  // the server of a run, whose bots know no token
    return options;
  auto token = givenSecret("token", optionValue<std::string>(values, "token-file"), kTokenVariable);
  if (!token)
    return token.error();
  options.token = *std::move(token);
  return options;
}

void addOptions(OptionSpec& spec) {
  const auto texts = [] { return po::value<Texts>()->composing()->default_value(Texts{}, ""); };
  spec.visible.add_options()("listen", po::value<std::string>()->default_value("127.0.0.1:3000"),
                             "ADDRESS:PORT to listen on; port 0: any free one")(
      "tls-certificate", po::value<std::string>()->value_name("FILE"),
      "serve https and wss with this certificate, PEM")(
      "tls-key", po::value<std::string>()->value_name("FILE"), "its key, PEM")(
      "grace", po::value<double>()->default_value(5),
      "seconds in which who lost the connection can come back, 3 to 10")(
      "ring-timeout", po::value<double>()->default_value(30), "seconds a call rings")(
      "match-timeout", po::value<double>()->default_value(60),
      "seconds somebody looks for a partner")(
      "origin", texts(), "web pages that may connect, e.g. https://app.example; repeatable [all]")(
      "max-sockets", po::value<std::int64_t>()->default_value(10'000), "connections at one time")(
      "max-per-address", po::value<std::int64_t>(), "connections of one address [no limit]")(
      "token-file", po::value<std::string>(),
      "clients must send the first line of this file; or set TURNOUT_SERVE_TOKEN [no token]")(
      "ice-servers", po::value<std::string>(),
      "hand out TURN credentials on /api/turn-credentials: file with a list of servers as an arm "
      "of "
      "a scenario has it (docs/SERVERS.md)")("credentials-per-minute",
                                             po::value<int>()->default_value(30),
                                             "how often one address may ask for them")(
      "bug", texts(), "make a mistake on purpose (docs/PROTOCOL.md); repeatable");
  spec.hidden.add_options()("announce-fd", po::value<int>());
}

bool isLoopback(const std::string& address) {
  return address == "::1" || address.starts_with("127.");
}

// Null when none is asked for.
Result<std::unique_ptr<CredentialEndpoint>> credentialEndpoint(
    Loop& loop, const Values& values, const SignalingServerOptions& server) {
  const auto file = optionValue<std::string>(values, "ice-servers");
  if (!file)
    return std::unique_ptr<CredentialEndpoint>();
  const auto listed = loadServerList(*file);
  if (const auto* problems = std::get_if<ScenarioProblems>(&listed))
    return Error{ErrorCode::kBadScenario, problemsText(*file, *problems)};
  const int per_minute = values["credentials-per-minute"].as<int>();
  if (per_minute < 1 || per_minute > 60'000)
    return usage("--credentials-per-minute wants 1 to 60000");
  TurnArm arm{.name = *file, .ice_servers = std::get<std::vector<ScenarioServer>>(listed)};
  if (const auto known = takeSecretsFromEnvironment(arm); !known)
    return known.error();
  if (server.token.empty() && !isLoopback(server.engine.address))
    log(LogLevel::kWarning, "serve",
        std::string(
            "anybody who can reach this server gets TURN credentials: set --token-file or ") +
            kTokenVariable);
  auto started = CredentialEndpoint::start(loop, {.servers = std::move(arm.ice_servers),
                                                  .token = server.token,
                                                  .origins = server.engine.admission.origins,
                                                  .per_minute = per_minute});
  if (!started)
    return Error{started.error().code, *file + ": " + started.error().what};
  return started;
}

}  // namespace

ExitCode serveCommand(const Words& words) {
  OptionSpec spec{
      "turnout serve [OPTIONS]\n\n"
      "Serves rooms, calls and random matches over Socket.IO v4 until Ctrl-C (docs/PROTOCOL.md),\n"
      "and counters on /metrics. `turnout run` starts one by itself; use this to keep one up for\n"
      "several runs, or for other clients.",
      "Examples:\n"
      "  turnout serve --listen 0.0.0.0:3000\n"
      "  turnout run scenarios/smoke.json --signaling http://127.0.0.1:3000\n"};
  addOptions(spec);
  const auto options = parseOptions(std::move(spec), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;

  auto wanted = serverOptions(**options);
  if (!wanted)
    return fail(wanted.error());
  Loop loop;
  const auto credentials = credentialEndpoint(loop, **options, *wanted);
  if (!credentials)
    return fail(credentials.error());
  if (*credentials)
    wanted->endpoints.push_back((*credentials)->endpoint());
  const auto server = SignalingServer::start(loop, *wanted);
  if (!server)
    return fail(server.error());
  const std::string url = (*server)->url();
  std::optional<LineChannel> parent;  // its end is ours
  std::optional<LoopWatch> watch;
  Timer sign_of_life;
  if (const auto fd = optionValue<int>(**options, "announce-fd")) {
    parent.emplace(
        loop, Fd(*fd), [](std::string_view) {}, [&loop] { loop.quit(); });
    parent->send(JsonWriter().beginObject().field("url", url).endObject().text());
    watch.emplace(loop, "loop", [&parent](const Stall& stall) {
      parent->send(JsonWriter()
                       .beginObject()
                       .field("stall_began_ns", toNs(stall.began))
                       .field("stall_ns", std::int64_t{stall.length.count()})
                       .endObject()
                       .text());
    });
    sign_of_life = loop.every(500ms, [&parent] { parent->send("{}"); });
  } else {
    std::printf("signaling at %s, page at %s/; stop with Ctrl-C\n", url.c_str(), url.c_str());
    std::fflush(stdout);
  }
  const auto end = onEndSignals(loop, [&loop] { loop.quit(); });
  loop.run();
  return ExitCode::kPass;
}

}  // namespace turnout
