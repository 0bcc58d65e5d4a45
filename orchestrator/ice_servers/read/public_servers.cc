#include "orchestrator/ice_servers/read/public_servers.h"

#include "orchestrator/ice_servers/read/ice_server_json.h"
#include "pipelines/base/embedded_file.h"

namespace turnout {

std::span<const EmbeddedFile> publicServerFiles();  // turnout_embed()

ServerEntries publicServers() {
  const EmbeddedFile& file = publicServerFiles().front();
  return parseIceServers(file.bytes, std::string(file.name)).entries;
}

}  // namespace turnout
