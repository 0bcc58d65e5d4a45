// Something of the program's own that answers HTTP on the port of the signaling server, with JSON
// and at once.
//
// Threads: the server's loop.
#pragma once

#include "pipelines/base/secret.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

struct HttpEndpoint {
  struct Request {
    std::string method;
    std::string address;                // of who asks; of the reverse proxy if there is one
    std::optional<std::string> origin;  // of the page that asks; nullopt when no browser does
    Secret bearer;                      // of "Authorization: Bearer ..."; empty when there is none
  };
  struct Answer {
    unsigned status = 200;
    std::string body;  // JSON
    std::vector<std::pair<std::string, std::string>> headers{};
  };

  std::string path;  // compared whole
  std::function<Answer(const Request&)> answer;
};

}  // namespace turnout
