// One host name to addresses, asynchronously and within a limit. libnice looks names up itself, but
// tells nothing of one that it cannot find.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <functional>
#include <string>
#include <vector>

namespace turnout {

struct HostAddresses {
  std::vector<std::string> literals;       // in the resolver's order; none: `fault` says why
  ServerFault fault = ServerFault::kNone;  // kUnknownName, kTimeout
  std::string error_text{};                // the resolver's
};

// On the loop's thread; `on_done` is called there, once.
void lookUpHost(Loop& loop, const std::string& host, std::function<void(HostAddresses)> on_done,
                Duration limit = 5s);

}  // namespace turnout
