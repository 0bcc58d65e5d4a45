#include "orchestrator/run/run_directory.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <system_error>

namespace turnout {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRuns = "runs";

// "2026-11-21T09:24:18Z" -> "20261121-092418"
std::string timeInName(const std::string& wall_clock) {
  std::string text;
  for (const char c : wall_clock) {
    if (c == 'T')
      text += '-';
    else if (c >= '0' && c <= '9')
      text += c;
  }
  return text;
}

Error ioError(const std::string& path, const std::error_code& error) {
  return {ErrorCode::kIo, path + ": " + error.message()};
}

Result<fs::path> freeName(const std::string& base) {
  fs::path path = fs::path(kRuns) / base;
  std::error_code error;
  for (int i = 2; fs::exists(path, error); ++i)
    path = fs::path(kRuns) / (base + "-" + std::to_string(i));
  if (error)
    return ioError(path.string(), error);
  return path;
}

// Control characters would end up in the configuration of servers and on screens.
bool isPrintable(const std::string& path) {
  return std::ranges::none_of(path, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

// Best effort: a file system without links does without.
void linkLatest(const fs::path& path) {
  std::error_code ignored;
  const fs::path link = fs::path(kRuns) / "latest";
  if (fs::is_symlink(fs::symlink_status(link, ignored)))
    fs::remove(link, ignored);
  fs::create_directory_symlink(path.filename(), link, ignored);
}

}  // namespace

Result<RunDirectory> RunDirectory::create(const std::string& wanted, const std::string& name,
                                          const std::string& wall_clock) {
  if (!isPrintable(wanted))
    return Error{ErrorCode::kUsage,
                 "--out \"" + printable(wanted) + "\" has control characters in its name"};
  const auto path = wanted.empty() ? freeName(timeInName(wall_clock) + "-" + name)
                                   : Result<fs::path>(fs::path(wanted));
  if (!path)
    return path.error();
  std::error_code error;
  if (fs::exists(*path, error) && !(fs::is_directory(*path, error) && fs::is_empty(*path, error)))
    return Error{
        ErrorCode::kUsage,
        path->string() + " exists and is not an empty directory: runs are not overwritten"};
  error.clear();
  const bool was_there = fs::exists(*path, error);
  fs::create_directories(*path, error);
  if (error)
    return ioError(path->string(), error);
  const fs::path absolute = fs::absolute(*path, error).lexically_normal();
  if (error)
    return ioError(path->string(), error);
  return RunDirectory(
      path->string(),
      (absolute.has_filename() ? absolute : absolute.parent_path()).filename().string(),
      wanted.empty(), was_there);
}

void RunDirectory::becomeLatest() const {
  if (is_below_runs_)
    linkLatest(path_);
}

void RunDirectory::discard() const {
  std::error_code ignored;
  for (const char* name : {"scenario.json", "plan.json", "events.jsonl"})
    fs::remove(file(name), ignored);
  if (!was_there_)
    fs::remove(path_, ignored);  // only when it is empty
}

Result<Done> RunDirectory::write(const std::string& name, const std::string& text) const {
  Owned<GError> error;
  if (!g_file_set_contents(file(name).c_str(), text.data(), static_cast<gssize>(text.size()),
                           error.out()))
    return Error{ErrorCode::kIo, error->message};
  return Done{};
}

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
