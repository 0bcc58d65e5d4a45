// What every bot of a host shares. Outlives them all.
#pragma once

#include "bots/protocol/control_message.h"
#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_profile.h"
#include "pipelines/peer/peer_connection.h"

#include <functional>

namespace turnout {

struct BotWorld {
  Loop& loop;
  PeerFactory* peers;  // null: calls of messages only
  HostSetup setup;
  IceProfile profile;
  std::function<void(const Event&)> record;
  std::function<void()> crash;  // the process dies, once what was recorded is on its way
};

}  // namespace turnout
