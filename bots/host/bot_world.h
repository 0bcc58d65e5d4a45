// What all bots of a host share: the scenario they play, the ways out to the world. Outlives them.
#pragma once

#include "bots/timeline/event.h"
#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_config.h"
#include "pipelines/peer/peer_factory.h"
#include "scenarios/scenario.h"

#include <functional>
#include <string>
#include <vector>

namespace turnout {

struct BotWorld {
  Loop& loop;
  PeerFactory* peers;  // null: calls of messages only
  Scenario scenario;   // without credentials: these come with each order
  std::string signaling_url;
  std::vector<std::string> local_addresses;  // literals to bind to; empty: all interfaces
  IceProfile profile;
  std::function<void(const Event&)> record;
  std::function<void()> crash;  // the process dies, once what was recorded is on its way
};

}  // namespace turnout
