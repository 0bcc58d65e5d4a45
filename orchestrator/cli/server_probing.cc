#include "orchestrator/cli/server_probing.h"

#include "orchestrator/cli/server_options.h"
#include "orchestrator/cli/signal_watch.h"
#include "pipelines/base/gobject_ref.h"

#include <gio/gio.h>

namespace turnout {

Result<Done> checkCaFile(const std::string& file, const std::string& where) {
  Owned<GError> error;
  GList* certificates = g_tls_certificate_list_new_from_file(file.c_str(), error.out());
  const bool is_empty = !certificates;
  for (const GList* item = certificates; item; item = item->next)
    Ref<GTlsCertificate>::adopt(static_cast<GTlsCertificate*>(item->data)).reset();
  g_list_free(certificates);
  if (!is_empty)
    return Done{};
  return Error{ErrorCode::kBadScenario,
               where + ": " + file + ": " + (error ? error->message : "no certificate in it")};
}

void addProbingOptions(OptionSpec& spec) {
  addServerOptions(spec.visible);
  addServerSourceOptions(spec.visible);
  spec.visible.add_options()("ca", po::value<std::string>(),
                             "file with the authorities to trust for TLS [the system's]");
  spec.hidden.add_options()("server", po::value<Words>());
  spec.files = "server";
}

Result<std::vector<IceServer>> serversToAsk(const po::variables_map& values,
                                            const std::string& was_not_done) {
  auto resolved = serversFromOptions(values, optionValue<Words>(values, "server").value_or(Words{}),
                                     Credentials::kOptional);
  if (!resolved)
    return resolved.error();
  printFindings(resolved->findings);
  if (hasError(resolved->findings))
    return Error{ErrorCode::kBadScenario, was_not_done};
  if (resolved->servers.empty())
    return Error{ErrorCode::kBadScenario,
                 "no STUN or TURN server is named, so " + was_not_done +
                     ": name some, or a file with --servers or --env-file (docs/SERVERS.md)"};
  const auto ca = optionValue<std::string>(values, "ca");
  if (!ca)
    return std::move(resolved->servers);
  if (const auto good = checkCaFile(*ca, "--ca"); !good)
    return good.error();
  for (IceServer& server : resolved->servers)
    server.tls_ca_file = *ca;
  return std::move(resolved->servers);
}

ProbeEnd runProbe(std::vector<ProbeTarget> targets, const ProbeOptions& options) {
  Loop loop;
  ProbeEnd end;
  Probe probe(loop, std::move(targets), options, [&](const ProbeReport& report) {
    end.report = report;
    loop.quit();
  });
  const auto interrupts = onEndSignals(loop, [&] {
    end.was_interrupted = true;
    probe.stop();
  });
  loop.run();
  return end;
}

}  // namespace turnout
