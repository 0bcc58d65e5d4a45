// Why calls fail, in words that a person can act on.
#pragma once

#include "bots/timeline/event.h"

namespace turnout {

const char* meaningOf(FailureCause cause);  // what was seen: one sentence
const char* remedyFor(FailureCause cause);  // where to look: a sentence or two
const char* remedyFor(AppFault fault);

}  // namespace turnout
