// What the machine and the environment set for `turnout serve`: descriptors and the token.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <cstddef>
#include <optional>
#include <string>

namespace turnout {

// Sockets that fit into so many descriptors, with what the server opens for itself. Pure.
std::size_t socketsWithin(std::size_t files);

// The environment variable of the token; never an option, as every user can read a command line.
constexpr const char* kTokenVariable = "TURNOUT_SERVE_TOKEN";

// The token clients must send: the first line of `file`, or the variable; empty when neither is
// given. A file that others may read is used, with a warning.
Result<Secret> serveToken(const std::optional<std::string>& file);

}  // namespace turnout
