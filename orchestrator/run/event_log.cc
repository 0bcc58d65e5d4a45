#include "orchestrator/run/event_log.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>

namespace turnout {
namespace {

constexpr auto kGatherFor = 50ms;

Error ioError(const std::string& path) {
  return {ErrorCode::kIo, "cannot write " + path + ": " + std::strerror(errno)};
}

}  // namespace

Result<std::unique_ptr<EventLog>> EventLog::open(Loop& loop, const std::string& path) {
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
  if (!fd)
    return ioError(path);
  return std::unique_ptr<EventLog>(new EventLog(loop, path, std::move(fd)));
}

EventLog::EventLog(Loop& loop, std::string path, Fd fd)
    : loop_(loop), path_(std::move(path)), fd_(std::move(fd)) {}

EventLog::~EventLog() {
  flush();
}

void EventLog::append(std::string_view line) {
  if (failure_)
    return;
  if (unwritten_.empty())
    flush_ = loop_.after(kGatherFor, [this] { flush(); });
  unwritten_ += line;
  unwritten_ += '\n';
}

void EventLog::flush() {
  flush_.cancel();
  while (!unwritten_.empty()) {
    const ssize_t written = ::write(fd_.get(), unwritten_.data(), unwritten_.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0) {
      failure_ = ioError(path_);
      unwritten_.clear();
      return;
    }
    unwritten_.erase(0, static_cast<std::size_t>(written));
  }
}

}  // namespace turnout
