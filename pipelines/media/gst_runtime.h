// GStreamer as a process needs it: initialised once, and with the elements it will use installed.
// Any thread.
#pragma once

#include "pipelines/base/result.h"

#include <vector>

namespace turnout {

struct RequiredElement {
  const char* name;            // the element's factory
  const char* debian_package;  // where it comes from
};

// Idempotent. An error when GStreamer itself cannot start.
Result<Done> startGst();

// An error of kind kEnvironment that names every missing element, its package and the command that
// installs them all. startGst() first.
Result<Done> requireElements(const std::vector<RequiredElement>& elements);

}  // namespace turnout
