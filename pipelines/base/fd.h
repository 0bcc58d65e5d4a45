// A file descriptor and the duty to close it; and how many of them this process may have.
#pragma once

#include <cstddef>
#include <utility>

#include <unistd.h>

namespace turnout {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(other.release()) {}
  Fd& operator=(Fd&& other) noexcept {
    reset(other.release());
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void reset(int fd = -1) {
    if (const int old = std::exchange(fd_, fd); old >= 0)
      ::close(old);
  }

 private:
  int fd_ = -1;
};

// Raises the soft limit of open files to the hard one, which needs no right; the limit as it is then.
// Children inherit it.
std::size_t raiseFileLimit();

// First of all in main(): standard input, output and error that are closed become /dev/null, so that no
// file or socket gets their numbers, and what is printed does not end up in it.
void openStandardFiles();

}  // namespace turnout
