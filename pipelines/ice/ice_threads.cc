#include "pipelines/ice/ice_agent.h"
#include "pipelines/ice/live_agents.h"

#include <string>

namespace turnout {

IceThreads::IceThreads(unsigned media_threads, Duration media_coalesce)
    : live_(std::make_shared<LiveAgents>()), control_("ice-control") {
  for (unsigned i = 0; i < media_threads; ++i)
    media_.push_back(
        std::make_unique<LoopThread>("ice-media-" + std::to_string(i), media_coalesce));
}

IceThreads::~IceThreads() {
  // Agents that were destroyed may still be releasing allocations; a server that does not answer
  // may not hold up the end of the process.
  live_->waitForNone(2s);
}

LoopThread& IceThreads::nextMedia() {
  return media_.empty() ? control_ : *media_[next_++ % media_.size()];
}

}  // namespace turnout
