#include "pipelines/base/files.h"

#include "pipelines/base/clock.h"
#include "pipelines/base/fd.h"
#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/log.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <string_view>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace turnout {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kBeginning = "turnout-";
constexpr std::size_t kRandomLetters = 6;  // ".XXXXXX"
constexpr auto kOldEnough = 60s;

bool isOurKind(const std::string& name) {
  return name.starts_with(kBeginning) && name.size() > kBeginning.size() + kRandomLetters + 1 &&
         name[name.size() - kRandomLetters - 1] == '.';
}

Fd lockOf(const std::string& directory) {
  Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  return fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 ? std::move(fd) : Fd();
}

bool isOldAndOurs(const Fd& directory) {
  struct stat info {};
  return ::fstat(directory.get(), &info) == 0 && info.st_uid == ::geteuid() &&
         std::chrono::seconds(info.st_mtime) + kOldEnough < unixTime();
}

}  // namespace

void sweepTempDirs() {
  std::error_code error;
  for (auto entry = fs::directory_iterator(g_get_tmp_dir(), error);
       !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const std::string path = entry->path().string();
    if (!isOurKind(entry->path().filename().string()))
      continue;
    std::error_code ignored;
    if (const Fd lock = lockOf(path); lock && isOldAndOurs(lock))
      fs::remove_all(path, ignored);
  }
}

Result<TempDir> TempDir::create(const std::string& name) {
  sweepTempDirs();
  Owned<GError> error;
  const Owned<char> path(g_dir_make_tmp(("turnout-" + name + ".XXXXXX").c_str(), error.out()));
  if (!path)
    return Error{ErrorCode::kIo, std::string("no temporary directory: ") + error->message};
  return TempDir(path.get(), lockOf(path.get()));
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty())
    fs::remove_all(path_, ignored);
}

namespace {

Error cannotRead(const std::string& path, const std::string& why) {
  return {ErrorCode::kBadScenario, "cannot read " + path + ": " + why};
}

}  // namespace

// Not the size that stat() tells: a secret may come by a pipe (/dev/fd/3). A pipe has its time, and
// also for somebody to write to it; a device could go on for ever.
Result<std::string> readTextFile(const std::string& path, Duration longest, std::size_t most_mib) {
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
    if (text.size() > most_mib << 20)
      return cannotRead(path, "it is larger than " + std::to_string(most_mib) + " MiB");
  }
}

Result<Secret> readSecretFile(const std::string& path, std::string_view what) {
  auto text = readTextFile(path);
  if (!text)
    return text.error();
  text->resize(std::min(text->find_first_of("\r\n"), text->size()));
  if (text->empty())
    return cannotRead(path, "its first line is empty");
  if (!g_utf8_validate(text->data(), static_cast<gssize>(text->size()), nullptr))
    return cannotRead(path, "its first line is not text (UTF-8)");
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
      (status.st_mode & S_IROTH) != 0)
    log(LogLevel::kWarning, "files",
        "every user may read the " + std::string(what) + " file " + path + ": chmod 600");
  return Secret(*std::move(text));
}

}  // namespace turnout
