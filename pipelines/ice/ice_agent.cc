#include "pipelines/ice/ice_agent.h"

#include "pipelines/ice/ice_core.h"
#include "pipelines/ice/live_agents.h"

#include <utility>

#include <gst/webrtc/rtcsessiondescription.h>

namespace turnout {

const char* toString(CandidateType type) {
  switch (type) {
    case CandidateType::kHost:
      return "host";
    case CandidateType::kServerReflexive:
      return "srflx";
    case CandidateType::kPeerReflexive:
      return "prflx";
    case CandidateType::kRelay:
      return "relay";
  }
  return "";
}

const char* toString(IceConnectionState state) {
  switch (state) {
    case IceConnectionState::kNew:
      return "new";
    case IceConnectionState::kChecking:
      return "checking";
    case IceConnectionState::kConnected:
      return "connected";
    case IceConnectionState::kCompleted:
      return "completed";
    case IceConnectionState::kDisconnected:
      return "disconnected";
    case IceConnectionState::kFailed:
      return "failed";
    case IceConnectionState::kClosed:
      return "closed";
  }
  return "";
}

IceAgent::IceAgent(IceThreads& threads, IceConfig config, OnEvent on_event)
    : core_(IceCore::create(threads.control(), threads.nextMedia(), threads.live().add(),
                            std::move(config), std::move(on_event))) {}

IceAgent::~IceAgent() {
  core_->close(leave_);
}

GstWebRTCICE* IceAgent::takeObject() {
  return core_->takeObject();
}
void IceAgent::applyCredentials(GstWebRTCSessionDescription* local) {
  core_->applyCredentials(local->sdp);
}
void IceAgent::restart(std::vector<std::string> new_local_addresses) {
  core_->restart(std::move(new_local_addresses));
}
void IceAgent::blackHole(bool on) {
  core_->blackHole(on);
}
unsigned IceAgent::liveCount() {
  return LiveAgents::count();
}

}  // namespace turnout
