// Asks an HTTP server once: libsoup, without redirects (a token goes nowhere but where it was
// sent), cookies or content over 256 KiB.
//
// Threads: the loop's. A request that is destroyed is abandoned; its handler is not called then.
#pragma once

#include "pipelines/base/http/http_message.h"
#include "pipelines/base/loop.h"

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

  // `timeout`: of the whole exchange.
  HttpClient(Loop& loop, Duration timeout);
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
