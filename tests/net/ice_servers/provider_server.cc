#include "tests/net/ice_servers/provider_server.h"

#include "pipelines/base/http/soup_call.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

std::string header(SoupServerMessage* message, const char* name) {
  const char* value =
      soup_message_headers_get_one(soup_server_message_get_request_headers(message), name);
  return value ? value : "";
}

}  // namespace

ProviderServer::ProviderServer(Loop& loop, Answer answer) : answer_(std::move(answer)) {
  const OnLoopContext on_loop(loop);
  server_ = Ref<SoupServer>::adopt(soup_server_new(nullptr, nullptr));
  soup_server_add_handler(
      server_.get(), nullptr,
      [](SoupServer*, SoupServerMessage* message, const char*, GHashTable*, gpointer self) {
        static_cast<ProviderServer*>(self)->onRequest(message);
      },
      this, nullptr);
  Owned<GError> error;
  soup_server_listen_local(server_.get(), 0, SOUP_SERVER_LISTEN_IPV4_ONLY, error.out());
  EXPECT_FALSE(error) << error->message;
}

ProviderServer::~ProviderServer() {
  soup_server_disconnect(server_.get());
}

std::string ProviderServer::url() const {
  GSList* uris = soup_server_get_uris(server_.get());
  const int port = g_uri_get_port(static_cast<GUri*>(uris->data));
  g_slist_free_full(uris, reinterpret_cast<GDestroyNotify>(g_uri_unref));
  return "http://127.0.0.1:" + std::to_string(port);
}

void ProviderServer::onRequest(SoupServerMessage* message) {
  GUri* uri = soup_server_message_get_uri(message);
  const char* query = g_uri_get_query(uri);
  const auto body =
      Ref<GBytes>::adopt(soup_message_body_flatten(soup_server_message_get_request_body(message)));
  gsize size = 0;
  const auto* data = static_cast<const char*>(g_bytes_get_data(body.get(), &size));
  asked_.push_back({soup_server_message_get_method(message),
                    g_uri_get_path(uri) + (query ? "?" + std::string(query) : ""),
                    header(message, "Authorization"), header(message, "Content-Type"),
                    std::string(data, size)});
  const auto reply = answer_(asked_.back());
  if (!reply)
    return soup_server_message_pause(message);
  for (const auto& [name, value] : reply->headers)
    soup_message_headers_replace(soup_server_message_get_response_headers(message), name.c_str(),
                                 value.c_str());
  soup_server_message_set_status(message, reply->status, nullptr);
  soup_server_message_set_response(message, "application/json", SOUP_MEMORY_COPY,
                                   reply->body.data(), reply->body.size());
}

}  // namespace turnout
