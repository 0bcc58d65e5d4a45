// Which software made a run, for its first event.
#pragma once

#include <string>

namespace turnout {

// "turnout 0.1.0 (commit 81c300d)" and the libraries it was built against, a line each.
std::string versionText();

// {"turnout": ..., "gstreamer": ..., ...}: libraries as built against, coturn as installed.
std::string versionsJson();

}  // namespace turnout
