// What webrtcbin holds of an agent and hears from it: the GstWebRTCICE object, the one stream, the
// one transport, whose methods only call the agent, the two elements at the ends of its transport
// bins, which carry the agent's packets, and their notifications.
//
// webrtcbin's send bin connects to the transport with a bare pointer and never disconnects, so
// nothing may be told once its bins are going: detach() before that.
//
// Threads: any.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_event.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include <gst/webrtc/ice.h>
#include <gst/webrtc/icestream.h>
#include <gst/webrtc/icetransport.h>

namespace turnout {

class IceAgent;

class WebrtcSide {
 public:
  struct OnCandidate {  // webrtcbin's wish to hear of local candidates
    GstWebRTCICEOnCandidateFunc call = nullptr;
    gpointer data = nullptr;
    GDestroyNotify free = nullptr;
  };

  explicit WebrtcSide(LoopThread& control) : control_(control) {}
  ~WebrtcSide();
  WebrtcSide(const WebrtcSide&) = delete;
  WebrtcSide& operator=(const WebrtcSide&) = delete;

  GstWebRTCICE* makeObject(const std::shared_ptr<IceAgent>& core);  // transfer full
  // The stream of the first session; the same one for all, as sessions are bundled (RFC 9143).
  GstWebRTCICEStream* stream(const std::shared_ptr<IceAgent>& core,
                             guint session);                                // transfer none
  GstWebRTCICETransport* transport(const std::shared_ptr<IceAgent>& core);  // transfer full
  void setOnCandidate(OnCandidate on_candidate);

  void attach();  // waits for the control thread
  void detach();  // likewise; after it nothing is being told, nor will be
  void tellCandidate(const std::string& line);
  void tellGathering(GstWebRTCICEGatheringState state);
  void tellState(IceConnectionState state);
  void tellPair();

 private:
  Ref<GstWebRTCICETransport> listening();  // null when nothing may be told

  LoopThread& control_;
  std::atomic<bool> is_detached_{false};  // changes on the control thread
  std::mutex mutex_;
  GstWebRTCICE* object_ = nullptr;  // not owned: it owns the core
  guint session_ = 0;
  Ref<GstWebRTCICEStream> stream_;
  Ref<GstWebRTCICETransport> transport_;
  OnCandidate on_candidate_;
};

}  // namespace turnout
