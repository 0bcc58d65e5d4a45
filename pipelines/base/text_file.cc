#include "pipelines/base/text_file.h"

#include "pipelines/base/fd.h"
#include "pipelines/base/gobject_ref.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

namespace turnout {
namespace {

constexpr std::size_t kLargest = 1 << 20;  // bytes

Error cannotRead(const std::string& path, const std::string& why) {
  return {ErrorCode::kBadScenario, "cannot read " + path + ": " + why};
}

}  // namespace

// Not the size that stat() tells: a secret may come by a pipe (/dev/fd/3). A pipe has its time, and
// also for somebody to write to it; a device could go on for ever.
Result<std::string> readTextFile(const std::string& path, Duration longest) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0)
    return cannotRead(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
    return cannotRead(
        path, S_ISDIR(status.st_mode) ? "it is a directory" : "it is neither a file nor a pipe");
  const Instant end = now() + longest;
  std::string text;
  std::array<char, 4096> part{};
  for (;;) {
    pollfd ready{.fd = file.get(), .events = POLLIN, .revents = 0};
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - now());
    if (left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) == 0)
      return cannotRead(path, "it does not end");
    const ssize_t size = ::read(file.get(), part.data(), part.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN))
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
