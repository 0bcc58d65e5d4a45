// What a bot does when the media of a link stops: the ladder of the apps, and its parts, so that a
// team can see what each rung buys.
#pragma once

#include "pipelines/base/clock.h"

namespace turnout {

struct RecoveryPolicy {
  enum class Kind {
    kNone,        // waits
    kIceRestart,  // restarts ICE, as often as attempts allow
    kRecreate,    // makes a new peer connection, as often
    kLadder,      // restarts ICE first, then makes new peer connections
  };
  Kind kind = Kind::kLadder;
  milliseconds silence{5000};  // without any packet until a link counts as lost, as browsers do
  milliseconds attempt{5000};  // for each attempt to bring media back
  milliseconds recreate_after{2000};  // pause before a new peer connection
  int attempts = 3;                   // then the link is given up
};

}  // namespace turnout
