// A private directory (mode 0700) under TMPDIR that goes away, with what is in it, at the end. What a
// process that was killed leaves behind is swept by the next one that makes such a directory.
#pragma once

#include "pipelines/base/fd.h"
#include "pipelines/base/result.h"

#include <string>

namespace turnout {

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

}  // namespace turnout
