// Files: those of the user that are read, private ones that go away, and those that are compiled into
// the program.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/fd.h"
#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace turnout {

// A small file of the user: a scenario, a list of servers, .env. Error (kBadScenario): not there, not
// readable, over `most_mib` MiB, a device, a pipe that does not end within `longest`. It names the path
// and quotes nothing of the text. Blocks while it reads.
Result<std::string> readTextFile(const std::string& path, Duration longest = 10s,
                                 std::size_t most_mib = 1);

// The first line of a file. Error: as above, or the line is empty. The text is never quoted. A file
// that every user of the machine may read is warned of, as what it is: "the credential file".
Result<Secret> readSecretFile(const std::string& path, std::string_view what);

// A private directory (mode 0700) under TMPDIR that goes away, with what is in it, at the end. What a
// process that was killed leaves behind is swept by the next one that makes such a directory.
class TempDir {
 public:
  // "turnout-NAME.XXXXXX". Sweeps first: see sweepTempDirs.
  static Result<TempDir> create(const std::string& name);
  TempDir(TempDir&& other) noexcept
      : path_(std::exchange(other.path_, {})), lock_(std::move(other.lock_)) {}
  TempDir& operator=(TempDir&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    return *this;
  }
  ~TempDir();

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  TempDir(std::string path, Fd lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::string path_;
  Fd lock_;  // flock(2) on the directory: whoever holds it lives
};

// Removes the directories of this kind, of this user, whose owner is dead: nobody holds their lock, and
// they are older than a minute (a new one is not locked yet).
void sweepTempDirs();

// A file that was compiled into the program by turnout_embed() (turnout_embed.cmake). Lives as long
// as the program.
struct EmbeddedFile {
  std::string_view name;  // without folder: "index.html"
  std::string_view bytes;
};

}  // namespace turnout
