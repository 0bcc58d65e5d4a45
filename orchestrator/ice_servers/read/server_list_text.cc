#include "orchestrator/ice_servers/read/server_list_text.h"

#include "pipelines/base/json.h"

#include <algorithm>

namespace turnout {
namespace {

constexpr const char* kMask = "***";

void writeServer(JsonWriter& json, const IceServer& server) {
  json.beginObject().field("urls", server.url);
  if (server.scheme == IceScheme::kTurn)
    json.field("username", server.username).field("credential", kMask);
  json.field("host", server.host)
      .field("port", int{server.port})
      .field("transport", toString(server.transport))
      .endObject();
}

}  // namespace

std::string serverListText(const ResolvedServers& resolved) {
  std::size_t width = 0;
  for (const IceServer& server : resolved.servers)
    width = std::max(width, server.url.size());
  std::string text = "From " + resolved.source + "\n";
  for (const IceServer& server : resolved.servers) {
    text += "  " + server.url;
    if (server.scheme == IceScheme::kTurn)
      text += std::string(width - server.url.size() + 2, ' ') + server.username + " / " + kMask;
    text += '\n';
  }
  return text;
}

std::string serverListJson(const ResolvedServers& resolved) {
  JsonWriter json(JsonWriter::Style::kIndented);
  json.beginObject().field("source", resolved.source).key("ice_servers").beginArray();
  for (const IceServer& server : resolved.servers)
    writeServer(json, server);
  json.endArray().key("findings").beginArray();
  for (const auto& [severity, where, what] : resolved.findings)
    json.beginObject()
        .field("severity", toString(severity))
        .field("where", where)
        .field("what", what)
        .endObject();
  return json.endArray().endObject().take();
}

}  // namespace turnout
