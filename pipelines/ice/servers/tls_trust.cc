#include "pipelines/ice/servers/tls_trust.h"

namespace turnout {

Result<Ref<GTlsDatabase>> trustFrom(const std::string& ca_file) {
  const Owned<char> path(g_canonicalize_filename(ca_file.c_str(), nullptr));
  Owned<GError> error;
  auto trust = Ref<GTlsDatabase>::adopt(g_tls_file_database_new(path.get(), error.out()));
  if (!trust)
    return Error{ErrorCode::kIo, "CA file " + ca_file + ": " + error->message};
  return trust;
}

}  // namespace turnout
