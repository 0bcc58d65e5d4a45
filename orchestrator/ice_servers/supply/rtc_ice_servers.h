// Servers as clients take them: RTCIceServer dictionaries, with their credentials in clear. For the
// wire only.
#pragma once

#include "pipelines/base/json.h"
#include "pipelines/ice/ice_server.h"

#include <vector>

namespace turnout {

// A list; neighbours with the same user name and credential share a dictionary.
void writeIceServers(JsonWriter& json, const std::vector<IceServer>& servers);

}  // namespace turnout
