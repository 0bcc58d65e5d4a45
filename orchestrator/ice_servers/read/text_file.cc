#include "orchestrator/ice_servers/read/text_file.h"

#include "pipelines/base/fd.h"
#include "pipelines/base/gobject_ref.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace turnout {
namespace {

constexpr std::size_t kLargest = 1 << 20;  // bytes

Error cannotRead(const std::string& path, const std::string& why) {
  return {ErrorCode::kBadScenario, "cannot read " + path + ": " + why};
}

}  // namespace

// Not the size that stat() tells: a secret may come by a pipe (/dev/fd/3).
Result<std::string> readTextFile(const std::string& path) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0)
    return cannotRead(path, std::strerror(errno));
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    const ssize_t size = ::read(file.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR)
      continue;
    if (size < 0)
      return cannotRead(path, std::strerror(errno));
    if (size == 0)
      return text;
    text.append(part.data(), static_cast<std::size_t>(size));
    if (text.size() > kLargest)
      return cannotRead(path, "it is larger than 1 MiB");
  }
}

Result<Secret> readSecretFile(const std::string& path) {
  auto text = readTextFile(path);
  if (!text)
    return text.error();
  text->resize(std::min(text->find_first_of("\r\n"), text->size()));
  if (text->empty())
    return cannotRead(path, "its first line is empty");
  if (!g_utf8_validate(text->data(), static_cast<gssize>(text->size()), nullptr))
    return cannotRead(path, "its first line is not text (UTF-8)");
  return Secret(*std::move(text));
}

bool mayEverybodyRead(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         (status.st_mode & S_IROTH) != 0;
}

}  // namespace turnout
