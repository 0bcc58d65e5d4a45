// HTTP as the fetching of credentials needs it. Whatever may hold a key is a Secret, the URL too.
#pragma once

#include "pipelines/base/secret.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

struct HttpHeader {
  std::string name;
  Secret value;
};

struct HttpRequest {
  std::string method = "GET";
  Secret url;
  std::vector<HttpHeader> headers{};
  std::string content_type{};  // of the body; empty: there is none
  Secret body{};
};

struct HttpResponse {
  unsigned status = 0;
  std::optional<std::chrono::seconds> retry_after{};
  std::string body{};
};

struct HttpFailure {  // no answer, or none that can be read
  enum class Kind { kTimeout, kUnreachable, kUntrusted, kTooLarge };
  Kind kind = Kind::kUnreachable;
  std::string what;  // for a person; without the URL
};

}  // namespace turnout
