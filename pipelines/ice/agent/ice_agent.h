// The ICE layer: one agent per peer connection, all agents of a host on one shared thread. libnice
// is the engine and is named in no header; webrtcbin sees the agent as its "ice-agent" object.
// Source of the design: docs/decisions/001-own-ice-agent.md.
//
// Threads: the owner creates, uses and closes an IceAgent on its loop; what is for webrtcbin may
// come on any thread. `mutex_` guards the fields below it and is never held across a call into
// libnice (which may run other threads' signals on ours) nor across a callback. Events are stamped
// where they happen and called on ICE or webrtcbin threads: receivers must only copy and post
// (mailbox.h).
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/ice/agent/ice_credentials.h"
#include "pipelines/ice/agent/ice_threads.h"
#include "pipelines/ice/ice_config.h"
#include "pipelines/ice/ice_event.h"

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

// As in gst/gstpad.h, gst/webrtc/webrtc_fwd.h and nice/candidate.h.
typedef struct _GstElement GstElement;
typedef struct _GstPad GstPad;
typedef struct _GstWebRTCICE GstWebRTCICE;
typedef struct _GstWebRTCICEStream GstWebRTCICEStream;
typedef struct _GstWebRTCICETransport GstWebRTCICETransport;
typedef struct _NiceCandidate NiceCandidate;

namespace turnout {

class IceGeneration;
class ReceivePath;
class WebrtcSide;
struct TurnAnswer;

// Shared by its owner, the GObject that webrtcbin holds and the two elements.
class IceAgent : public std::enable_shared_from_this<IceAgent> {
 public:
  using OnEvent = std::function<void(IceEvent)>;

  // `on_late`: IceServerOutcomes that come after close(), for up to 2 s after gathering began, so
  // that a silent server is seen however short the call was. May be empty.
  static std::shared_ptr<IceAgent> create(IceThreads& threads, IceConfig config, OnEvent on_event,
                                          OnEvent on_late = nullptr);
  ~IceAgent();
  IceAgent(const IceAgent&) = delete;
  IceAgent& operator=(const IceAgent&) = delete;

  // --- for the owner ---

  // A reference for webrtcbin's construct-only "ice-agent" property, whose setter takes none.
  GstWebRTCICE* takeObject();

  // Rewrites ufrag and password of a created offer or answer to this agent's current ones:
  // webrtcbin repeats its first ones for ever. Call on every local description before it is set.
  void applyCredentials(GstWebRTCSessionDescription* local);

  // ICE restart: the next offer gets fresh sockets, allocations and credentials. Media stays on the
  // old ones until the new are connected.
  void restart();
  // Drops a restart whose offer will not be answered: the generation before it holds again.
  void withdrawRestart();
  unsigned generation();  // the newest: +1 per restart of either side
  // The one over whose sockets the last RTP packet came. Any thread.
  unsigned rtpGeneration() const;

  // From the next packet on, for all generations, those to come included.
  void setNetwork(const NetworkCondition& condition);

  // As from Wi-Fi to mobile: nothing passes the sockets and splices there are any more, whatever
  // setNetwork() says, and generations to come bind to these addresses. Follow with restart().
  void moveTo(std::vector<std::string> local_addresses);

  // Asked by the gatherings that begin from now on, as by RTCPeerConnection.setConfiguration().
  void setServers(std::vector<IceServer> servers);

  // No events after it, but for what comes late. After the webrtcbin that used it reached NULL.
  void close(Leave leave);

  // Agents that exist or whose sockets and allocations are still being released: for leak tests.
  static unsigned liveCount();

  // --- for webrtcbin (webrtc_side.cc), any thread ---

  GstWebRTCICEStream* addStream(unsigned session);  // transfer none
  GstWebRTCICETransport* findTransport();           // transfer full
  bool gather();
  void addRemoteCandidate(const char* line);  // null: there are no more
  void setLocalCredentials(const IceCredentials& credentials);
  void setRemoteCredentials(const IceCredentials& credentials);
  void setControlling(bool on);
  bool isControlling() const { return controlling_; }
  void setTypeOfService(int tos);
  WebrtcSide& webrtc() { return *webrtc_; }
  void send(const void* data, std::size_t size);
  void startSource(GstElement* source, GstPad* pad);
  void stopSource();

 private:
  // Outlives the agent while servers are still asked.
  struct Owner {
    Owner(OnEvent events, OnEvent late) : on_event(std::move(events)), on_late(std::move(late)) {}
    const OnEvent on_event, on_late;
    std::atomic<bool> has_left{false};  // no more events, but what comes late
  };
  struct Generation {
    std::shared_ptr<IceGeneration> ice;
    IceCredentials local, remote;
    bool gathering = false;  // webrtcbin asked for it
    bool gathered = false;   // and was told that it is done
    bool connected = false;
    bool is_up = false;  // connected or completed now; control thread
  };
  using Engine = std::shared_ptr<IceGeneration>;

  IceAgent(IceThreads& threads, IceConfig config, std::shared_ptr<Owner> owner);

  Engine addGeneration();  // with mutex_ held
  Generation& newest() { return generations_.rbegin()->second; }
  std::vector<Engine> engines();
  Engine engineOf(unsigned number);
  Engine engineFor(const std::string& ufrag);  // with mutex_ held
  std::string localUfrag(unsigned number);
  // A handler that calls this method of the agent, if it is there, with the generation's number.
  template <class Method>
  auto handler(unsigned number, Method method);
  std::function<void(Instant, const IceServerOutcome&)> outcomeHandler(unsigned number);

  // What a generation's libnice tells.
  void onCandidate(unsigned number, const NiceCandidate& candidate, const std::string& line);
  void onGatheringDone(unsigned number);
  void onOutcome(unsigned number);
  void onRefusal(unsigned number, const TurnAnswer& answer);
  void onState(unsigned number, IceConnectionState state);
  void takeState(unsigned number, IceConnectionState state);
  void onPair(unsigned number, const NiceCandidate& local, const NiceCandidate& remote);
  static IceCandidateInfo describe(IceGeneration& generation, const NiceCandidate& local);

  void startGathering(const Engine& engine);
  void moveToMedia();
  void retireBefore(unsigned number);
  void callLater(Duration delay, Loop::Task task);
  template <class Body>
  void emit(unsigned generation, Body body);

  LoopThread& control_;
  LoopThread& media_;
  const std::shared_ptr<RequestBudget> budget_;
  const std::shared_ptr<Owner> owner_;
  std::shared_ptr<ReceivePath> receive_path_;  // set once, by create()
  std::atomic<bool> controlling_{false};
  const std::unique_ptr<WebrtcSide> webrtc_;

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
