// One HTTP request to the Engine.IO path: its query, and answers to it.
#pragma once

#include <optional>
#include <string>

#include <libsoup/soup.h>

namespace turnout {

struct EngineQuery {
  std::string version, transport, sid;  // EIO, transport, sid; empty when not given

  bool operator==(const EngineQuery&) const = default;
};
EngineQuery readEngineQuery(const char* query);  // as in the URL, or null
EngineQuery readEngineQuery(SoupServerMessage* message);

// Of the page that asks; nullopt when no browser does.
std::optional<std::string> originOf(SoupServerMessage* message);

// Engine.IO's own refusals: the code and text a client may show.
struct EngineRefusal {
  guint status;
  const char* body;
};
constexpr EngineRefusal kTransportUnknown{400, R"({"code":0,"message":"Transport unknown"})"};
constexpr EngineRefusal kSidUnknown{400, R"({"code":1,"message":"Session ID unknown"})"};
constexpr EngineRefusal kBadMethod{400, R"({"code":2,"message":"Bad handshake method"})"};
constexpr EngineRefusal kBadRequest{400, R"({"code":3,"message":"Bad request"})"};
constexpr EngineRefusal kBadVersion{400, R"({"code":5,"message":"Unsupported protocol version"})"};
constexpr EngineRefusal kForbidden{403, R"({"code":4,"message":"Forbidden"})"};
constexpr EngineRefusal kTooLarge{413, R"({"code":3,"message":"Payload too large"})"};
constexpr EngineRefusal kFull{503, R"({"code":4,"message":"Too many sessions"})"};

// Of "Authorization: Bearer ..."; empty when there is none.
std::string bearerOf(SoupServerMessage* message);

void answerRequest(SoupServerMessage* message, guint status, const char* type,
                   const std::string& body);

// False for a body that is too large or does not say how large it is.
bool bodyFits(SoupServerMessage* message, std::size_t limit);

}  // namespace turnout
