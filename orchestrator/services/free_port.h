// Ports of 127.0.0.1 for programs that cannot be told "any free one" and asked which it became.
#pragma once

#include "pipelines/base/result.h"

#include <cstdint>
#include <vector>

namespace turnout {

// Free for UDP and TCP a moment ago: another program may take one before it is used (retry then).
Result<std::vector<std::uint16_t>> freePorts(std::size_t count);

}  // namespace turnout
