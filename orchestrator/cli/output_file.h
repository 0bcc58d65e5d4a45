// Where a command puts what it was asked to write.
#pragma once

#include "pipelines/base/result.h"

#include <string>

namespace turnout {

// `file`: a path, or "-" for stdout. Error: kIo.
Result<Done> writeOutput(const std::string& file, const std::string& text);

}  // namespace turnout
