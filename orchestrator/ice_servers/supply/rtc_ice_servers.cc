#include "orchestrator/ice_servers/supply/rtc_ice_servers.h"

namespace turnout {
namespace {

bool shareLogin(const IceServer& a, const IceServer& b) {
  return a.scheme == b.scheme && a.username == b.username && a.credential == b.credential;
}

}  // namespace

void writeIceServers(JsonWriter& json, const std::vector<IceServer>& servers) {
  json.beginArray();
  for (std::size_t i = 0; i < servers.size();) {
    const IceServer& first = servers[i];
    json.beginObject().key("urls").beginArray();
    for (; i < servers.size() && shareLogin(servers[i], first); ++i)
      json.string(servers[i].url);
    json.endArray();
    if (first.scheme == IceScheme::kTurn)
      json.field("username", first.username).field("credential", first.credential.reveal());
    json.endObject();
  }
  json.endArray();
}

}  // namespace turnout
