#include "bots/signaling/signaling_server.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/options.h"
#include "orchestrator/cli/signal_watch.h"
#include "pipelines/base/json.h"
#include "pipelines/base/line_channel.h"

#include <csignal>
#include <cstdio>
#include <optional>

namespace turnout {
namespace {

// "host:port", "[v6]:port".
Result<SignalingServerOptions> optionsFor(const std::string& listen) {
  const Error bad{ErrorCode::kUsage, "--listen wants ADDRESS:PORT, got \"" + listen + "\""};
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos || colon == 0)
    return bad;
  SignalingServerOptions options;
  std::string address = listen.substr(0, colon);
  if (address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  options.engine.address = address;
  guint64 port = 0;
  if (!g_ascii_string_to_unsigned(listen.c_str() + colon + 1, 10, 0, 65535, &port, nullptr))
    return bad;
  options.engine.port = static_cast<int>(port);
  return options;
}

}  // namespace

ExitCode serveCommand(const Words& words) {
  OptionSpec spec{
      "turnout serve [OPTIONS]\n\n"
      "Serves rooms over Socket.IO v4 until Ctrl-C (docs/PROTOCOL.md). `turnout run` starts one "
      "by\n"
      "itself; use this to keep one up for several runs, or for other clients.",
      "Examples:\n"
      "  turnout serve --listen 0.0.0.0:3000\n"
      "  turnout run scenarios/smoke.json --signaling http://127.0.0.1:3000\n"};
  spec.visible.add_options()("listen", po::value<std::string>()->default_value("127.0.0.1:3000"),
                             "ADDRESS:PORT to listen on; port 0: any free one");
  spec.hidden.add_options()("announce-fd", po::value<int>());
  const auto options = parseOptions(std::move(spec), words);
  if (!options)
    return fail(options.error());
  if (!*options)
    return ExitCode::kPass;

  const auto wanted = optionsFor((**options)["listen"].as<std::string>());
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
    std::printf("signaling at %s; stop with Ctrl-C\n", url.c_str());
    std::fflush(stdout);
  }
  const Timer interrupt = onSignal(loop, SIGINT, [&loop] { loop.quit(); });
  const Timer terminate = onSignal(loop, SIGTERM, [&loop] { loop.quit(); });
  loop.run();
  return ExitCode::kPass;
}

}  // namespace turnout
