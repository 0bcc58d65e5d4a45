// Whom to trust for TLS, from a file of PEM certificates.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"

#include <string>

namespace turnout {

// Error: kIo, with the file's name. A relative path is of the working directory; GLib itself would
// take it for an authority that nobody has signed with.
Result<Ref<GTlsDatabase>> trustFrom(const std::string& ca_file);

}  // namespace turnout
