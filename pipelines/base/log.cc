#include "pipelines/base/log.h"

#include "pipelines/base/printable.h"

#include <atomic>
#include <cstdio>
#include <string>

namespace turnout {
namespace {

std::atomic<LogLevel> least_level{LogLevel::kWarning};

constexpr const char* kNames[] = {"debug", "info", "warning", "error"};

}  // namespace

void setLogLevel(LogLevel least) {
  least_level = least;
}

void log(LogLevel level, std::string_view area, std::string_view text) {
  if (level < least_level)
    return;
  std::string line = kNames[static_cast<int>(level)];
  line += ' ';
  line += area;
  line += ": ";
  line += printable(text);
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace turnout
