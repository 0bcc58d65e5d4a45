// URLs of servers that speak HTTP or WebSocket, as people write them. Pure.
#pragma once

#include "pipelines/base/result.h"

#include <array>
#include <string>
#include <utility>

namespace turnout {

// A URL as people write it for a signaling server: http, https, ws or wss, host and port, perhaps a
// path and a query. The schemes ws and wss mean the same as http and https.
struct ServerUrl {
  std::string origin;  // "http://host:port" or "https://host:port"
  std::string path;    // as written, percent-encoded: "/ws"; empty or "/": none named
  std::string query;   // without its "?"; empty: none
  bool is_tls = false;

  bool namesServerAlone() const { return (path.empty() || path == "/") && query.empty(); }
};
// Error (kUsage): what is wrong with it, in words that go behind the URL's name.
Result<ServerUrl> serverUrl(const std::string& url);

// How a connection of Engine.IO begins: with a WebSocket, with long polling alone, or with long polling
// and then a WebSocket, as the official client does, staying on polling where that is refused.
enum class EngineStart { kWebSocket, kPolling, kPollingThenUpgrade };
inline constexpr std::array kEngineStartWords{
    std::pair{"websocket", EngineStart::kWebSocket}, std::pair{"polling", EngineStart::kPolling},
    std::pair{"polling-upgrade", EngineStart::kPollingThenUpgrade}};

}  // namespace turnout
