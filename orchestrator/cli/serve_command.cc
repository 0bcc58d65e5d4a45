#include "bots/signaling/app/planted_bug.h"
#include "bots/signaling/signaling_server.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/options.h"
#include "orchestrator/cli/serve_limits.h"
#include "orchestrator/cli/signal_watch.h"
#include "pipelines/base/file_limit.h"
#include "pipelines/base/json.h"
#include "pipelines/base/line_channel.h"
#include "pipelines/base/log.h"

#include <csignal>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace turnout {
namespace {

using Values = po::variables_map;
using Texts = std::vector<std::string>;

Error usage(const std::string& what) {
  return {ErrorCode::kUsage, what};
}

// "host:port", "[v6]:port".
Result<Done> readListen(const std::string& listen, SignalingServerOptions& options) {
  const Error bad = usage("--listen wants ADDRESS:PORT, got \"" + listen + "\"");
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return bad;
  std::string address = listen.substr(0, colon);
  if (address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
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
    if (seconds < time.least_s || seconds > time.most_s)
      return usage(std::string("--") + time.name + " wants " + std::to_string(time.least_s) +
                   " to " + std::to_string(time.most_s) + " seconds");
    options.app.*time.field =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
  }
  options.engine.door.origins = values["origin"].as<Texts>();
  if (const auto most = optionValue<unsigned>(values, "max-per-address"))
    options.engine.door.max_per_address = *most;
  options.engine.max_sessions = socketsWeCanHold(values["max-sockets"].as<unsigned>());
  if (values.count("announce-fd"))  // the server of a run, whose bots know no token
    return options;
  auto token = serveToken(optionValue<std::string>(values, "token-file"));
  if (!token)
    return token.error();
  options.token = *std::move(token);
  return options;
}

void addOptions(OptionSpec& spec) {
  const auto texts = [] { return po::value<Texts>()->composing()->default_value(Texts{}, ""); };
  spec.visible.add_options()("listen", po::value<std::string>()->default_value("127.0.0.1:3000"),
                             "ADDRESS:PORT to listen on; port 0: any free one")(
      "grace", po::value<double>()->default_value(5),
      "seconds in which who lost the connection can come back, 3 to 10")(
      "ring-timeout", po::value<double>()->default_value(30), "seconds a call rings")(
      "match-timeout", po::value<double>()->default_value(60),
      "seconds somebody looks for a partner")(
      "origin", texts(), "web pages that may connect, e.g. https://app.example; repeatable [all]")(
      "max-sockets", po::value<unsigned>()->default_value(10'000), "connections at one time")(
      "max-per-address", po::value<unsigned>(), "connections of one address [no limit]")(
      "token-file", po::value<std::string>(),
      "clients must send the first line of this file; or set TURNOUT_SERVE_TOKEN [no token]")(
      "bug", texts(), "make a mistake on purpose (docs/PROTOCOL.md); repeatable");
  spec.hidden.add_options()("announce-fd", po::value<int>());
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

  const auto wanted = serverOptions(**options);
  if (!wanted)
    return fail(wanted.error());
  Loop loop;
  const auto server = SignalingServer::start(loop, *wanted);
  if (!server)
    return fail(server.error());
  const std::string url = (*server)->url();
  std::optional<LineChannel> parent;  // its end is ours
  if (const auto fd = optionValue<int>(**options, "announce-fd")) {
    parent.emplace(
        loop, Fd(*fd), [](std::string_view) {}, [&loop] { loop.quit(); });
    parent->send(JsonWriter().beginObject().field("url", url).endObject().text());
  } else {
    std::printf("signaling at %s, page at %s/; stop with Ctrl-C\n", url.c_str(), url.c_str());
    std::fflush(stdout);
  }
  const Timer interrupt = onSignal(loop, SIGINT, [&loop] { loop.quit(); });
  const Timer terminate = onSignal(loop, SIGTERM, [&loop] { loop.quit(); });
  loop.run();
  return ExitCode::kPass;
}

}  // namespace turnout
