#include "orchestrator/cli/serve_limits.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/log.h"
#include "pipelines/base/loop_group.h"

#include <cstdlib>

#include <sys/stat.h>

namespace turnout {
namespace {

Error unusable(const std::string& where, const std::string& why) {
  return {ErrorCode::kUsage, "the token in " + where + " " + why};
}

Result<Secret> tokenOf(std::string text, const std::string& where) {
  constexpr std::size_t kLongest = 1024;  // bytes
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty())
    return unusable(where, "is empty");
  if (text.size() > kLongest || !g_utf8_validate(text.data(), gssize(text.size()), nullptr))
    return unusable(where, "is not up to 1024 bytes of UTF-8");
  return Secret(std::move(text));
}

}  // namespace

std::size_t socketsWithin(std::size_t files) {
  constexpr std::size_t kOther = 32;  // standard streams, listener, clocks
  // One descriptor a socket; a loop, which has two, for each of the first.
  constexpr std::size_t kLoops = LoopGroup::kUsualSize;
  const std::size_t left = files > kOther ? files - kOther : 0;
  return left > 3 * kLoops ? left - 2 * kLoops : left / 3;
}

Result<Secret> serveToken(const std::optional<std::string>& file) {
  const char* variable = std::getenv(kTokenVariable);
  if (file && variable)
    return Error{ErrorCode::kUsage,
                 std::string("--token-file and ") + kTokenVariable + " are both given"};
  if (variable)
    return tokenOf(variable, kTokenVariable);
  if (!file)
    return Secret();
  Owned<char> text;
  Owned<GError> error;
  gsize size = 0;
  if (!g_file_get_contents(file->c_str(), text.out(), &size, error.out()))
    return Error{ErrorCode::kUsage, error->message};
  struct stat status {};
  if (::stat(file->c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0)
    log(LogLevel::kWarning, "serve", "every user may read the token file " + *file + ": chmod 600");
  return tokenOf({text.get(), size}, *file);
}

}  // namespace turnout
