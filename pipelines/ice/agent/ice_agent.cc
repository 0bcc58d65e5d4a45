#include "pipelines/ice/agent/ice_agent.h"

#include "pipelines/ice/agent/ice_core.h"
#include "pipelines/ice/agent/live_agents.h"

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

IceAgent::IceAgent(IceThreads& threads, IceConfig config, OnEvent on_event, OnMedia on_media)
    : core_(IceCore::create(threads.control(), threads.nextMedia(), threads.live().add(),
                            std::move(config), std::move(on_event), std::move(on_media))) {}

IceAgent::~IceAgent() {
  core_->close(leave_);
}

GstWebRTCICE* IceAgent::takeObject() {
  return core_->takeObject();
}
void IceAgent::applyCredentials(GstWebRTCSessionDescription* local) {
  core_->applyCredentials(local->sdp);
}
void IceAgent::restart() {
  core_->restart();
}
void IceAgent::withdrawRestart() {
  core_->withdrawRestart();
}
unsigned IceAgent::generation() const {
  return core_->newestNumber();
}
void IceAgent::setNetwork(const NetworkCondition& condition) {
  core_->setNetwork(condition);
}
void IceAgent::moveTo(std::vector<std::string> local_addresses) {
  core_->moveTo(std::move(local_addresses));
}
void IceAgent::setServers(std::vector<IceServer> servers) {
  core_->setServers(std::move(servers));
}
unsigned IceAgent::liveCount() {
  return LiveAgents::count();
}

}  // namespace turnout
