#include "pipelines/base/server_url.h"

#include "pipelines/base/gobject_ref.h"

namespace turnout {

Result<ServerUrl> serverUrl(const std::string& url) {
  const auto bad = [](const std::string& why) {
    return Error{ErrorCode::kUsage, why + "; write http://host:port"};
  };
  const auto flags = static_cast<GUriFlags>(G_URI_FLAGS_ENCODED_PATH | G_URI_FLAGS_ENCODED_QUERY);
  Owned<GError> error;
  const Owned<GUri> uri(g_uri_parse(url.c_str(), flags, error.out()));
  if (!uri || !g_uri_get_host(uri.get()) || !*g_uri_get_host(uri.get()))
    return bad("not a URL with a host");
  const std::string scheme = g_uri_get_scheme(uri.get());
  ServerUrl server;
  server.is_tls = scheme == "https" || scheme == "wss";
  if (!server.is_tls && scheme != "http" && scheme != "ws")
    return bad("scheme " + scheme + ", not http, https, ws or wss");
  if (g_uri_get_fragment(uri.get()))
    return bad("has a fragment (\"#\"), which no server ever sees");
  if (g_uri_get_userinfo(uri.get()))
    return bad("has a user name in it");
  const std::string host = g_uri_get_host(uri.get());
  if (host.find_first_of(" \t\r\n/?#@\\") != std::string::npos || g_uri_get_port(uri.get()) == 0)
    return bad("its host or port cannot be one");
  server.origin =
      Owned<char>(g_uri_join(G_URI_FLAGS_NONE, server.is_tls ? "https" : "http", nullptr,
                             host.c_str(), g_uri_get_port(uri.get()), "", nullptr, nullptr))
          .get();
  server.path = g_uri_get_path(uri.get());
  if (g_uri_get_query(uri.get()))
    server.query = g_uri_get_query(uri.get());
  return server;
}

}  // namespace turnout
