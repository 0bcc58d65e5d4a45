#include "pipelines/base/temp_dir.h"

#include "pipelines/base/gobject_ref.h"

#include <filesystem>

#include <system_error>

namespace turnout {

Result<TempDir> TempDir::create(const std::string& prefix) {
  Owned<GError> error;
  const Owned<char> path(g_dir_make_tmp((prefix + "-XXXXXX").c_str(), error.out()));
  if (!path)
    return Error{ErrorCode::kIo, std::string("no temporary directory: ") + error->message};
  return TempDir(path.get());
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty())
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace turnout
