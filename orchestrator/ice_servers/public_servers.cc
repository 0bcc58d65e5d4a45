#include "orchestrator/ice_servers/public_servers.h"

#include "orchestrator/ice_servers/ice_server_json.h"
#include "pipelines/base/embedded_file.h"

namespace turnout {

std::span<const EmbeddedFile> publicServerFiles();  // turnout_embed()

ServerEntries publicServers() {
  const EmbeddedFile& file = publicServerFiles().front();
  return parseIceServers(file.bytes, std::string(file.name)).entries;
}

}  // namespace turnout
