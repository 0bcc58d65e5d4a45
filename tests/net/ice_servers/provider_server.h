// An HTTP server on a free port of 127.0.0.1 that answers as a provider of credentials would, or
// does not answer at all.
//
// Threads: the loop's.
#pragma once

#include "pipelines/base/http/http_server.h"
#include "pipelines/base/loop.h"

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace turnout {

class ProviderServer {
 public:
  struct Asked {
    std::string method, target;  // path and query
    std::string authorization, content_type, body;
  };
  struct Reply {
    unsigned status = 200;
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
  };
  // nullopt: it stays silent.
  using Answer = std::function<std::optional<Reply>(const Asked&)>;

  ProviderServer(Loop& loop, Answer answer);
  ProviderServer(const ProviderServer&) = delete;
  ProviderServer& operator=(const ProviderServer&) = delete;

  std::string url() const { return http_.url(); }  // without a slash at the end
  const std::vector<Asked>& asked() const { return asked_; }
  void setAnswer(Answer answer) { answer_ = std::move(answer); }

 private:
  void onRequest(SoupServerMessage* message);

  Answer answer_;
  std::vector<Asked> asked_;
  HttpServer http_;
};

}  // namespace turnout
