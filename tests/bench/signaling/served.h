// `turnout serve` as a child on a core of its own, and what it uses of the machine.
#pragma once

#include "pipelines/base/subprocess.h"

#include <cstddef>
#include <memory>
#include <string>

namespace turnout::bench {

struct ServerUsage {
  double cpu_s = 0;  // user and system, since its start
  double rss_kb = 0;
  std::size_t files = 0;
};

class Served {
 public:
  // `program`: the path of turnout. The server takes the first core this process may use and leaves
  // the others to it; with only one both share it. `max_sockets`: what it lets in.
  static Result<std::unique_ptr<Served>> start(Loop& loop, const std::string& program,
                                               int max_sockets);

  const std::string& url() const { return url_; }
  bool isUp() const { return is_up_; }
  ServerUsage usage() const;

 private:
  std::string url_;
  bool is_up_ = false;
  std::unique_ptr<Subprocess> process_;
};

double ownCpuSeconds();

}  // namespace turnout::bench
