// Any bytes as a server list, of a file or a variable: usable servers and findings, never a crash,
// and nothing that is configured vanishes without a word.
#include "orchestrator/ice_servers/read/ice_server_json.h"
#include "orchestrator/ice_servers/read/resolved_servers.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;  // NOLINT(google-build-using-namespace)
  const std::string text(reinterpret_cast<const char*>(data), size);
  const ServerList list = parseIceServers(text, "f");
  for (const ServerFinding& finding : list.findings)
    TURNOUT_CHECK(finding.where.starts_with("f") && !finding.what.empty(), "no place or reason");
  const Settings settings{{"TURN_SERVERS", {Secret(text), "f"}},
                          {"TURN_USERNAME", {Secret("u"), "f"}},
                          {"TURN_CREDENTIAL", {Secret("p"), "f"}}};
  const ResolvedServers resolved = resolveServers({settings}, {});
  TURNOUT_CHECK(!resolved.servers.empty() || !resolved.findings.empty(), "vanished");
  for (const IceServer& server : resolved.servers)
    TURNOUT_CHECK(parseIceServerUrl(server.url), "unusable");
  serverListText(resolved);
  serverListJson(resolved);
  return 0;
}
