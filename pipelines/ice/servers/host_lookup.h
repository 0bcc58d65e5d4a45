// One host name to addresses, asynchronously and within a limit. libnice looks names up itself, but
// tells nothing of one that it cannot find.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"

#include <functional>
#include <string>
#include <vector>

namespace turnout {

// Addresses as literals, in the resolver's order, at least one.
using HostAddresses = Result<std::vector<std::string>>;

// On the loop's thread; `on_done` is called there, once.
void lookUpHost(Loop& loop, const std::string& host, std::function<void(HostAddresses)> on_done,
                Duration limit = 5s);

}  // namespace turnout
