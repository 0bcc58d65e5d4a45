#include "pipelines/ice/agent/webrtc_side.h"

#include "pipelines/ice/agent/webrtc_objects.h"

namespace turnout {
namespace {

GstWebRTCICEConnectionState toGst(IceConnectionState state) {
  switch (state) {
    case IceConnectionState::kNew:
      return GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
    case IceConnectionState::kChecking:
      return GST_WEBRTC_ICE_CONNECTION_STATE_CHECKING;
    case IceConnectionState::kConnected:
      return GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED;
    case IceConnectionState::kCompleted:
      return GST_WEBRTC_ICE_CONNECTION_STATE_COMPLETED;
    case IceConnectionState::kDisconnected:
      return GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED;
    case IceConnectionState::kFailed:
      return GST_WEBRTC_ICE_CONNECTION_STATE_FAILED;
    case IceConnectionState::kClosed:
      return GST_WEBRTC_ICE_CONNECTION_STATE_CLOSED;
  }
  return GST_WEBRTC_ICE_CONNECTION_STATE_NEW;
}

}  // namespace

WebrtcSide::~WebrtcSide() {
  setOnCandidate({});
}

GstWebRTCICE* WebrtcSide::makeObject(const std::shared_ptr<IceAgent>& core) {
  auto object = newIceObject(core);
  const std::lock_guard lock(mutex_);
  object_ = object.get();
  return object.release();
}

GstWebRTCICEStream* WebrtcSide::stream(const std::shared_ptr<IceAgent>& core, guint session) {
  const std::lock_guard lock(mutex_);
  if (!stream_) {
    session_ = session;
    stream_ = newIceStream(core);
  }
  return stream_.get();
}

GstWebRTCICETransport* WebrtcSide::transport(const std::shared_ptr<IceAgent>& core) {
  const std::lock_guard lock(mutex_);
  if (!transport_)
    transport_ = newIceTransport(core);
  return Ref<GstWebRTCICETransport>(transport_).release();
}

void WebrtcSide::setOnCandidate(OnCandidate on_candidate) {
  const std::lock_guard lock(mutex_);
  if (on_candidate_.free)
    on_candidate_.free(on_candidate_.data);
  on_candidate_ = on_candidate;
}

void WebrtcSide::attach() {
  control_.sync([this] { is_detached_ = false; });
}

void WebrtcSide::detach() {
  control_.sync([this] { is_detached_ = true; });
}

void WebrtcSide::tellCandidate(const std::string& line) {
  if (is_detached_)
    return;
  OnCandidate tell;
  {
    const std::lock_guard lock(mutex_);
    tell = on_candidate_;
  }
  if (tell.call)
    tell.call(object_, session_, line.c_str(), tell.data);
}

Ref<GstWebRTCICETransport> WebrtcSide::listening() {
  const std::lock_guard lock(mutex_);
  return is_detached_ ? Ref<GstWebRTCICETransport>() : transport_;
}

void WebrtcSide::tellGathering(GstWebRTCICEGatheringState state) {
  if (const auto transport = listening())
    gst_webrtc_ice_transport_gathering_state_change(transport.get(), state);
}

void WebrtcSide::tellState(IceConnectionState state) {
  if (const auto transport = listening())
    gst_webrtc_ice_transport_connection_state_change(transport.get(), toGst(state));
}

void WebrtcSide::tellPair() {
  if (const auto transport = listening())
    gst_webrtc_ice_transport_selected_pair_change(transport.get());
}

}  // namespace turnout
