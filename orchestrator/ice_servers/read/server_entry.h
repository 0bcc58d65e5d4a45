// One server as somebody wrote it, before it is checked: nothing here has been read yet.
#pragma once

#include "pipelines/base/secret.h"

#include <string>
#include <vector>

namespace turnout {

struct ServerEntry {
  std::string where;     // of the URL, for findings: "servers.json: iceServers[0].urls[1]"
  std::string url;       // one; a list of URLs has become as many entries
  std::string username;  // empty: none given
  Secret credential;     // empty: none given
};
using ServerEntries = std::vector<ServerEntry>;

}  // namespace turnout
