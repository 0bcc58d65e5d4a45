// Small files of the user: scenarios, lists of servers, .env files, secrets.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <string>

namespace turnout {

// Error (kBadScenario): not there, not readable, over 1 MiB, a device, a pipe that does not
// end within `longest`. It names the path and quotes nothing of the text. Blocks while it reads.
Result<std::string> readTextFile(const std::string& path, Duration longest = 10s);

// The first line of a file. Error: as above, or the line is empty. The text is never quoted.
Result<Secret> readSecretFile(const std::string& path);

// The file's permissions let every user of the machine read it.
bool mayEverybodyRead(const std::string& path);

}  // namespace turnout
