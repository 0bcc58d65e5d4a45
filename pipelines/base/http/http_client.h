// The HTTP client of the program, on libsoup: without redirects (a token goes nowhere but where it
// was sent), cookies, or content over a limit.
//
// Threads: the loop's. A request that is destroyed is abandoned; its handler is not called then.
#pragma once

#include "pipelines/base/http/http_message.h"
#include "pipelines/base/loop.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <variant>

namespace turnout {

class HttpClient {
 public:
  using Answer = std::variant<HttpResponse, HttpFailure>;

  class Pending {
   public:
    virtual ~Pending() = default;
  };

  struct Options {
    Duration timeout = 5s;                    // of the whole exchange; Duration::max(): none
    std::size_t largest_body = 256 * 1024;    // bytes of an answer
    const char* accept = "application/json";  // nullptr: no such header
    bool goes_direct = false;                 // without a proxy
    TlsTrust tls{};
  };
  HttpClient(Loop& loop, const Options& options);
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // `on_answer` once, from the loop, and never from within send(). It may destroy the Pending.
  std::unique_ptr<Pending> send(const HttpRequest& request,
                                std::function<void(const Answer&)> on_answer);

 private:
  class Session;
  std::unique_ptr<Session> session_;
};

}  // namespace turnout
