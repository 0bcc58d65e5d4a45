// What every state machine does when it enters a phase. Its enter(phase, at, why) is the only
// writer of the phase: it notes the step in the debug log (G_MESSAGES_DEBUG=turnout shows it) and
// checks that the machine is consistent in builds that check (debug and sanitizer builds).
#pragma once

#include "pipelines/base/result.h"

#include <glib.h>

namespace turnout {

// One line of the debug log: "membership: entering -> in (joined a room)".
inline void logPhase(const char* machine, const char* from, const char* to, const char* why) {
  g_log("turnout", G_LOG_LEVEL_DEBUG, "%s: %s -> %s (%s)", machine, from, to, why);
}

}  // namespace turnout
