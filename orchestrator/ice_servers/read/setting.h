// A value that somebody set, and where: what environment variables, .env files and the command line
// have in common.
#pragma once

#include "pipelines/base/secret.h"

#include <map>
#include <string>

namespace turnout {

struct Setting {
  Secret value;       // any of them may be a password
  std::string where;  // "environment TURN_SERVERS", ".env:3 TURN_SERVERS", "--username"
};
using Settings = std::map<std::string, Setting>;  // by name

}  // namespace turnout
