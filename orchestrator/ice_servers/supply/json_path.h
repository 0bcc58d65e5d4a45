// A place in a JSON document: names with dots between them, [0] for places in a list.
#pragma once

#include "pipelines/base/json.h"

#include <string_view>

namespace turnout {

// Absent when there is nothing; the document itself when the path is empty.
JsonValue valueAt(JsonValue document, std::string_view path);

}  // namespace turnout
