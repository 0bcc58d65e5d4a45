// HTTP as the fetching of credentials needs it. Whatever may hold a key is a Secret, the URL too.
#pragma once

#include "pipelines/base/secret.h"

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

// Whom a client believes over TLS.
struct TlsTrust {
  std::string ca_file{};  // PEM, in place of the system's authorities; empty: those
  bool verifies = true;   // false: anybody, on the user's own word

  bool operator==(const TlsTrust&) const = default;
};

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
  std::string
      location{};  // of a redirect, which is not followed; without query, which may hold keys
  std::vector<Secret> cookies{};  // "name=value" of each Set-Cookie, without its attributes
};

struct HttpFailure {  // no answer, or none that can be read
  enum class Kind {
    kTimeout,
    kUnreachable,
    kUntrusted,  // no TLS, or not by a certificate that is believed
    kNotHttp,    // something answers, and not in HTTP, or hangs up
    kTooLarge
  };
  Kind kind = Kind::kUnreachable;
  std::string what;  // for a person; without the URL
};

// Something of the program's own that answers HTTP on the port of the signaling server, with JSON
// and at once.
//
// Threads: the server's loop.

struct HttpEndpoint {
  struct Request {
    std::string method;
    std::string address;                // of the asker; of the reverse proxy if there is one
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
