// Which software made a run, for its first event.
#pragma once

#include <string>

namespace turnout {

const char* turnoutVersion();

// {"turnout": ..., "gstreamer": ..., ...}: libraries as built against, coturn as installed.
std::string versionsJson();

}  // namespace turnout
