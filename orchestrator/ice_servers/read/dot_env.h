// Files of NAME=value lines, as apps have them (.env). The grammar is that of the npm package
// dotenv, which Vite and most apps use, so that we read what the app reads:
//
//   # a comment                     NAME=plain text # a comment, also right behind the text
//   export NAME=value               NAME='as it is'   NAME=`as it is`   NAME="with \n and \r"
//
// Text in quotes may have several lines; of two equal names the last counts. Stricter in one way:
// a line that is neither is an error, not skipped. "${NAME}" is not expanded.
#pragma once

#include "orchestrator/ice_servers/read/setting.h"
#include "pipelines/base/result.h"

#include <string>
#include <string_view>

namespace turnout {

// `file` names the text in Setting::where. Error (kBadScenario): every bad line, "FILE:LINE: why",
// a line each; it quotes no values.
Result<Settings> parseDotEnv(std::string_view text, const std::string& file);

Result<Settings> readDotEnv(const std::string& path);

}  // namespace turnout
