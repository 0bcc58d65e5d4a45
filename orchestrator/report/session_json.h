// The part of a cell in summary.json that is of the app and its server (docs/MEASURES.md).
#pragma once

#include "orchestrator/results/fold/summary.h"
#include "pipelines/base/json.h"

namespace turnout {

void writeSession(JsonWriter& json, const Cell& cell);  // as fields of the open object

}  // namespace turnout
