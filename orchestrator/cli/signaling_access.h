// What the scenario says of the app's signaling, made ready for bot hosts: the dialect's text, read and
// checked; values out of the environment and files; whose certificates are believed.
#pragma once

#include "bots/protocol/control_message.h"
#include "pipelines/base/result.h"
#include "scenarios/scenario.h"

#include <string>

namespace turnout {

// The text of a shipped dialect, or of a file, checked. `folder`: what the name of a file is relative
// to. Error (kBadScenario): neither, or everything that is wrong with it.
Result<std::string> dialectText(const std::string& name, const std::string& folder);

// `folder`: of the scenario's file. Errors: as above; a value that is nowhere, or that the dialect does
// not ask for; authorities that cannot be read.
Result<SignalingAccess> signalingAccess(const SignalingSource& source, const std::string& folder);

}  // namespace turnout
