#include "pipelines/base/temp_dir.h"

#include "pipelines/base/clock.h"
#include "pipelines/base/gobject_ref.h"

#include <filesystem>
#include <string_view>

#include <fcntl.h>
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

}  // namespace turnout
