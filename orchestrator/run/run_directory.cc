#include "orchestrator/run/run_directory.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/printable.h"

#include <algorithm>
#include <filesystem>

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
  fs::create_directories(*path, error);
  if (error)
    return ioError(path->string(), error);
  const fs::path absolute = fs::absolute(*path, error).lexically_normal();
  if (error)
    return ioError(path->string(), error);
  if (wanted.empty())
    linkLatest(*path);
  return RunDirectory(
      path->string(),
      (absolute.has_filename() ? absolute : absolute.parent_path()).filename().string());
}

Result<Done> RunDirectory::write(const std::string& name, const std::string& text) const {
  Owned<GError> error;
  if (!g_file_set_contents(file(name).c_str(), text.data(), static_cast<gssize>(text.size()),
                           error.out()))
    return Error{ErrorCode::kIo, error->message};
  return Done{};
}

}  // namespace turnout
