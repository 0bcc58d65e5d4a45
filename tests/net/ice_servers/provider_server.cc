#include "tests/net/ice_servers/provider_server.h"

#include <gtest/gtest.h>

namespace turnout {

ProviderServer::ProviderServer(Loop& loop, Answer answer)
    : answer_(std::move(answer)), http_(loop) {
  http_.onRequest(nullptr, [this](SoupServerMessage* message) { onRequest(message); });
  EXPECT_TRUE(http_.listen("127.0.0.1", 0));
}

void ProviderServer::onRequest(SoupServerMessage* message) {
  GUri* uri = soup_server_message_get_uri(message);
  const char* query = g_uri_get_query(uri);
  asked_.push_back({soup_server_message_get_method(message),
                    g_uri_get_path(uri) + (query ? "?" + std::string(query) : ""),
                    requestHeader(message, "Authorization").value_or(""),
                    requestHeader(message, "Content-Type").value_or(""), bodyOf(message)});
  const auto reply = answer_(asked_.back());
  if (!reply)
    return soup_server_message_pause(message);
  for (const auto& [name, value] : reply->headers)
    setHeader(message, name.c_str(), value);
  answerRequest(message, reply->status, "application/json", reply->body);
}

}  // namespace turnout
