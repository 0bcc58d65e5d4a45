// The agent behind webrtcbin's "ice-agent": generations, what webrtcbin asked for, and what it and
// the owner are told. Shared by the IceAgent, the GObject and the two elements.
//
// Threads: any. `mutex_` guards the fields below it and is never held across a call into libnice
// (which may run other threads' signals on ours) nor across a callback.
#pragma once

#include "pipelines/ice/agent/early_candidates.h"
#include "pipelines/ice/agent/ice_agent.h"
#include "pipelines/ice/agent/ice_credentials.h"
#include "pipelines/ice/agent/ice_generation.h"
#include "pipelines/ice/agent/live_agents.h"
#include "pipelines/ice/agent/receive_path.h"
#include "pipelines/ice/agent/webrtc_side.h"
#include "pipelines/ice/servers/server_outcomes.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gst/sdp/gstsdpmessage.h>

namespace turnout {

class IceCore : public std::enable_shared_from_this<IceCore> {
 public:
  static std::shared_ptr<IceCore> create(LoopThread& control, LoopThread& media,
                                         std::shared_ptr<LiveAgents::Token> live, IceConfig config,
                                         IceAgent::OnEvent on_event, IceAgent::OnMedia on_media);
  IceCore(const IceCore&) = delete;
  IceCore& operator=(const IceCore&) = delete;

  // For webrtcbin (ice_object.cc).
  GstWebRTCICEStream* addStream(guint session);  // transfer none
  GstWebRTCICETransport* findTransport();        // transfer full
  bool gather();
  void addRemoteCandidate(const char* line);
  void setLocalCredentials(const IceCredentials& credentials);
  void setRemoteCredentials(const IceCredentials& credentials);
  void setControlling(bool on);
  bool isControlling() const { return controlling_; }
  void setTypeOfService(int tos);
  WebrtcSide& webrtc() { return webrtc_; }

  // For the elements (ice_elements.cc).
  void send(const void* data, std::size_t size);
  void startSource(GstElement* source, GstPad* pad);
  void stopSource();

  // For the owner (ice_agent.cc).
  GstWebRTCICE* takeObject();
  void restart();
  void withdrawRestart();
  unsigned newestNumber();
  void applyCredentials(GstSDPMessage* sdp);
  void setNetwork(const NetworkCondition& condition);
  void moveTo(std::vector<std::string> local_addresses);
  void setServers(std::vector<IceServer> servers);
  void close(Leave leave);

 private:
  IceCore(LoopThread& control, LoopThread& media, std::shared_ptr<LiveAgents::Token> live,
          IceConfig config, IceAgent::OnEvent on_event);

  struct Generation {
    std::shared_ptr<IceGeneration> ice;
    IceCredentials local, remote;
    bool gathering = false;  // webrtcbin asked for it
    bool gathered = false;   // and was told that it is done
    bool connected = false;
    bool is_up = false;  // connected or ready now; control thread
  };
  using Engine = std::shared_ptr<IceGeneration>;

  Engine addGeneration();  // with mutex_ held
  Generation& newest() { return generations_.rbegin()->second; }
  std::vector<Engine> engines();
  Engine engineFor(const std::string& ufrag);  // with mutex_ held
  IceGeneration::Handlers handlersOf(unsigned number);
  ServerOutcomes::OnOutcome outcomeHandler(unsigned number);
  PacketGate::OnRefusal refusalHandler(unsigned number);
  void onCandidate(unsigned number, const NiceCandidate& candidate, const std::string& line);
  void onGatheringDone(unsigned number);
  void onOutcome(unsigned number, Instant at, const IceServerOutcome& outcome);
  void onState(unsigned number, NiceComponentState state);
  void takeState(unsigned number, NiceComponentState state);
  void onPair(unsigned number, const NiceCandidate& local, const NiceCandidate& remote);
  void startGathering(const Engine& engine);
  void moveToMedia();
  void retireBefore(unsigned number);
  void callLater(Duration delay, Loop::Task task);
  template <class Body>
  void emit(unsigned generation, Body body);
  static IceCandidateInfo describe(IceGeneration& generation, const NiceCandidate& local);
  Engine engineOf(unsigned number);
  std::string localUfrag(unsigned number);

  LoopThread& control_;
  LoopThread& media_;
  const IceAgent::OnEvent on_event_;
  std::shared_ptr<ReceivePath> receive_path_;  // set once, by create()
  std::atomic<bool> controlling_{false};
  std::atomic<bool> closed_{false};  // the owner left: no more events
  WebrtcSide webrtc_;

  std::mutex mutex_;
  // Given up by close(): webrtcbin 1.22 sometimes leaks a bin that is torn down while it is being
  // built, and with it this object, but then without sockets or allocations.
  std::shared_ptr<LiveAgents::Token> live_;
  IceConfig config_;
  std::map<unsigned, Generation> generations_;
  unsigned next_number_ = 0;
  Engine sender_;  // the generation that sends: the newest that connected
  NetworkCondition network_;
  EarlyCandidates early_candidates_;
  int type_of_service_ = -1;
};

}  // namespace turnout
