// What somebody set, and where: variables of the environment, options of the command line, and the
// NAME=value lines of .env files, as apps have them.
//
// The grammar of .env files is that of the npm package
// dotenv, which Vite and most apps use, so that we read what the app reads:
//
//   # a comment                     NAME=plain text # a comment, also right behind the text
//   export NAME=value               NAME='as it is'   NAME=`as it is`   NAME="with \n and \r"
//
// Text in quotes may have several lines; of two equal names the last counts. Stricter in one way:
// a line that is neither is an error, not skipped. Then "$NAME", "${NAME}" and "${NAME:-other}" are
// expanded, also in quotes, as Vite does it (npm dotenv-expand): to a variable of the environment,
// else of a line further up, else to nothing; "\$" is a dollar sign.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

struct Setting {
  Secret value;       // any of them may be a password
  std::string where;  // "environment TURN_SERVERS", ".env:3 TURN_SERVERS", "--username"
  std::vector<std::string> unset{};  // names in it that nobody has set, expanded to nothing
};
using Settings = std::map<std::string, Setting>;  // by name

// What the tested app is deployed as. It decides how bad it is to have no servers of one's own.
enum class Deployment { kDevelopment, kProduction };
const char* toString(Deployment deployment);  // "development", "production"

// A variable of the environment; nullopt when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
Environment processEnvironment();
std::vector<std::string> processVariables();  // the names of all that are set

// `wanted` (of the command line) before TURNOUT_ENV before NODE_ENV; else development. The first
// two must be a known word (error kUsage); of NODE_ENV only "production" has a meaning.
Result<Deployment> detectDeployment(const std::optional<std::string>& wanted,
                                    const Environment& environment);

// `file` names the text in Setting::where. Error (kBadScenario): every bad line, "FILE:LINE: why",
// a line each; it quotes no values.
Result<Settings> parseDotEnv(std::string_view text, const std::string& file,
                             const Environment& environment = {});

Result<Settings> readDotEnv(const std::string& path);

}  // namespace turnout
