#include "bots/signaling/server/engine_request.h"

#include <string_view>

namespace turnout {

EngineQuery readEngineQuery(SoupServerMessage* message) {
  return readEngineQuery(g_uri_get_query(soup_server_message_get_uri(message)));
}

EngineQuery readEngineQuery(const char* query) {
  if (!query)
    return {};
  GHashTable* table = soup_form_decode(query);
  const auto get = [table](const char* key) -> std::string {
    const auto* value = static_cast<const char*>(g_hash_table_lookup(table, key));
    return value ? value : "";
  };
  EngineQuery asked{get("EIO"), get("transport"), get("sid")};
  g_hash_table_unref(table);
  return asked;
}

std::optional<std::string> originOf(SoupServerMessage* message) {
  const char* origin =
      soup_message_headers_get_one(soup_server_message_get_request_headers(message), "Origin");
  return origin ? std::optional<std::string>(origin) : std::nullopt;
}

std::string bearerOf(SoupServerMessage* message) {
  constexpr std::string_view kScheme = "Bearer ";
  const char* text = soup_message_headers_get_one(soup_server_message_get_request_headers(message),
                                                  "Authorization");
  const std::string_view header = text ? text : "";
  return std::string(header.starts_with(kScheme) ? header.substr(kScheme.size()) : "");
}

void answerRequest(SoupServerMessage* message, guint status, const char* type,
                   const std::string& body) {
  soup_server_message_set_status(message, status, nullptr);
  soup_server_message_set_response(message, type, SOUP_MEMORY_COPY, body.data(), body.size());
}

bool bodyFits(SoupServerMessage* message, std::size_t limit) {
  SoupMessageHeaders* headers = soup_server_message_get_request_headers(message);
  const auto encoding = soup_message_headers_get_encoding(headers);
  const auto length = soup_message_headers_get_content_length(headers);
  return encoding == SOUP_ENCODING_NONE ||
         (encoding == SOUP_ENCODING_CONTENT_LENGTH && length >= 0 &&
          static_cast<std::size_t>(length) <= limit);
}

}  // namespace turnout
