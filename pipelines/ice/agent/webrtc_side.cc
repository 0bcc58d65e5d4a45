#include "pipelines/ice/agent/webrtc_side.h"

#include "pipelines/base/gobject_type.h"
#include "pipelines/ice/agent/ice_agent.h"

#include <utility>

#include <gst/gst.h>

#if GST_CHECK_VERSION(1, 24, 0)
#error "GstWebRTCICEClass changed in 1.24 (add_candidate takes a GstPromise) and in 1.28 (close)"
#endif

namespace turnout {
namespace {

// --- the two elements ---

struct SourceState {
  std::shared_ptr<IceAgent> core;
  GstPad* pad = nullptr;  // the element's
};
struct SinkState {
  std::shared_ptr<IceAgent> core;
};

GstElementClass* source_parent = nullptr;  // written once, by the class initialiser

GstStateChangeReturn changeSourceState(GstElement* element, GstStateChange change) {
  const auto& state = stateOf<GstElement, SourceState>(element);
  if (change == GST_STATE_CHANGE_PAUSED_TO_READY)
    state.core->stopSource();
  auto result = source_parent->change_state(element, change);
  if (change == GST_STATE_CHANGE_READY_TO_PAUSED && result == GST_STATE_CHANGE_SUCCESS) {
    state.core->startSource(element, state.pad);
    result = GST_STATE_CHANGE_NO_PREROLL;  // live
  }
  return result;
}

void initSourceClass(GstElementClass* klass) {
  source_parent = static_cast<GstElementClass*>(g_type_class_peek_parent(klass));
  klass->change_state = changeSourceState;
  gst_element_class_add_pad_template(
      klass, gst_pad_template_new("src", GST_PAD_SRC, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_set_static_metadata(klass, "ICE source", "Source/Network",
                                        "Packets received by an ICE agent", "turnout");
}

void initSinkClass(GstElementClass* klass) {
  gst_element_class_add_pad_template(
      klass, gst_pad_template_new("sink", GST_PAD_SINK, GST_PAD_ALWAYS, GST_CAPS_ANY));
  gst_element_class_set_static_metadata(klass, "ICE sink", "Sink/Network",
                                        "Packets to be sent by an ICE agent", "turnout");
}

GType sourceType() {
  static const GType type = defineType<GstElement, GstElementClass, SourceState>(
      "TurnoutIceSource", GST_TYPE_ELEMENT, initSourceClass);
  return type;
}
GType sinkType() {
  static const GType type = defineType<GstElement, GstElementClass, SinkState>(
      "TurnoutIceSink", GST_TYPE_ELEMENT, initSinkClass);
  return type;
}

GstPad* addPad(GstElement* element, const char* name) {
  GstPad* pad = gst_pad_new_from_template(
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(element), name), name);
  gst_element_add_pad(element, pad);
  return pad;
}

gboolean answerQuery(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY)
    return gst_pad_query_default(pad, parent, query);
  gst_query_set_latency(query, TRUE, 0, GST_CLOCK_TIME_NONE);
  return TRUE;
}

GstFlowReturn sendBuffer(GstPad*, GstObject* parent, GstBuffer* buffer) {
  GstMapInfo map;
  if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
    stateOf<GstElement, SinkState>(parent).core->send(map.data, map.size);
    gst_buffer_unmap(buffer, &map);
  }
  gst_buffer_unref(buffer);
  return GST_FLOW_OK;  // a lost path is ICE's to tell, never a pipeline error
}

gboolean dropEvent(GstPad*, GstObject*, GstEvent* event) {
  gst_event_unref(event);
  return TRUE;
}

// Floating, as webrtcbin's bins expect.
GstElement* newIceSource(std::shared_ptr<IceAgent> core) {
  auto* element = static_cast<GstElement*>(g_object_new(sourceType(), nullptr));
  auto& state = stateOf<GstElement, SourceState>(element);
  state.core = std::move(core);
  state.pad = addPad(element, "src");
  gst_pad_set_query_function(state.pad, answerQuery);
  GST_OBJECT_FLAG_SET(element, GST_ELEMENT_FLAG_SOURCE);
  return element;
}

GstElement* newIceSink(std::shared_ptr<IceAgent> core) {
  auto* element = static_cast<GstElement*>(g_object_new(sinkType(), nullptr));
  stateOf<GstElement, SinkState>(element).core = std::move(core);
  GstPad* pad = addPad(element, "sink");
  gst_pad_set_chain_function(pad, sendBuffer);
  gst_pad_set_event_function(pad, dropEvent);
  GST_OBJECT_FLAG_SET(element, GST_ELEMENT_FLAG_SINK);
  return element;
}

// --- agent, stream, transport ---

using Ice = GstWebRTCICE;
using Stream = GstWebRTCICEStream;

struct IceState {
  std::shared_ptr<IceAgent> core;
};
struct StreamState {
  std::weak_ptr<IceAgent> core;  // the core owns the stream
};
struct TransportState {};

IceAgent& coreOf(Ice* ice) {
  return *stateOf<Ice, IceState>(ice).core;
}
std::shared_ptr<IceAgent> coreOf(Stream* stream) {
  return stateOf<Stream, StreamState>(stream).core.lock();
}

// ice.c asserts every method, so all are here. Servers and policy come with IceConfig, so their
// setters are empty, and statistics come as events, so those getters are too.
void initIceClass(GstWebRTCICEClass* k) {
  k->add_stream = [](Ice* ice, guint session) { return coreOf(ice).addStream(session); };
  k->find_transport = [](Ice* ice, Stream*, GstWebRTCICEComponent) {
    return coreOf(ice).findTransport();
  };
  k->gather_candidates = [](Ice* ice, Stream*) -> gboolean { return coreOf(ice).gather(); };
  k->add_candidate = [](Ice* ice, Stream*, const gchar* line) {
    coreOf(ice).addRemoteCandidate(line);
  };
  k->set_local_credentials = [](Ice* ice, Stream*, const gchar* ufrag,
                                const gchar* pwd) -> gboolean {
    coreOf(ice).setLocalCredentials({ufrag, pwd});
    return TRUE;
  };
  k->set_remote_credentials = [](Ice* ice, Stream*, const gchar* ufrag,
                                 const gchar* pwd) -> gboolean {
    coreOf(ice).setRemoteCredentials({ufrag, pwd});
    return TRUE;
  };
  k->set_is_controller = [](Ice* ice, gboolean on) { coreOf(ice).setControlling(on != FALSE); };
  k->get_is_controller = [](Ice* ice) -> gboolean { return coreOf(ice).isControlling(); };
  k->set_tos = [](Ice* ice, Stream*, guint tos) {
    coreOf(ice).setTypeOfService(static_cast<int>(tos));
  };
  k->set_on_ice_candidate = [](Ice* ice, GstWebRTCICEOnCandidateFunc call, gpointer data,
                               GDestroyNotify free) {
    coreOf(ice).webrtc().setOnCandidate({call, data, free});
  };
  k->set_force_relay = [](Ice*, gboolean) {};
  k->add_turn_server = [](Ice*, const gchar*) -> gboolean { return FALSE; };
  k->set_turn_server = [](Ice*, const gchar*) {};
  k->get_turn_server = [](Ice*) -> gchar* { return nullptr; };
  k->set_stun_server = [](Ice*, const gchar*) {};
  k->get_stun_server = [](Ice*) -> gchar* { return nullptr; };
  k->set_http_proxy = [](Ice*, const gchar*) {};
  k->get_http_proxy = [](Ice*) -> gchar* { return nullptr; };
  k->get_local_candidates = [](Ice*, Stream*) -> GstWebRTCICECandidateStats** { return nullptr; };
  k->get_remote_candidates = [](Ice*, Stream*) -> GstWebRTCICECandidateStats** { return nullptr; };
  k->get_selected_pair = [](Ice*, Stream*, GstWebRTCICECandidateStats**,
                            GstWebRTCICECandidateStats**) -> gboolean { return FALSE; };
}

void initStreamClass(GstWebRTCICEStreamClass* k) {
  k->find_transport = [](Stream* stream, GstWebRTCICEComponent) -> GstWebRTCICETransport* {
    const auto core = coreOf(stream);
    return core ? core->findTransport() : nullptr;
  };
  k->gather_candidates = [](Stream* stream) -> gboolean {
    const auto core = coreOf(stream);
    return core && core->gather();
  };
}

GType iceType() {
  static const GType type =
      defineType<Ice, GstWebRTCICEClass, IceState>("TurnoutIce", GST_TYPE_WEBRTC_ICE, initIceClass);
  return type;
}
GType streamType() {
  static const GType type = defineType<Stream, GstWebRTCICEStreamClass, StreamState>(
      "TurnoutIceStream", GST_TYPE_WEBRTC_ICE_STREAM, initStreamClass);
  return type;
}
GType transportType() {
  static const GType type =
      defineType<GstWebRTCICETransport, GstWebRTCICETransportClass, TransportState>(
          "TurnoutIceTransport", GST_TYPE_WEBRTC_ICE_TRANSPORT, [](GstWebRTCICETransportClass*) {});
  return type;
}

Ref<GstWebRTCICE> newIceObject(std::shared_ptr<IceAgent> core) {
  auto object = Ref<Ice>::sink(static_cast<Ice*>(g_object_new(iceType(), nullptr)));
  stateOf<Ice, IceState>(object.get()).core = std::move(core);
  return object;
}

Ref<GstWebRTCICEStream> newIceStream(const std::shared_ptr<IceAgent>& core) {
  auto stream =
      Ref<Stream>::sink(static_cast<Stream*>(g_object_new(streamType(), "stream-id", 1u, nullptr)));
  stateOf<Stream, StreamState>(stream.get()).core = core;
  return stream;
}

Ref<GstWebRTCICETransport> newIceTransport(const std::shared_ptr<IceAgent>& core) {
  auto transport = Ref<GstWebRTCICETransport>::sink(static_cast<GstWebRTCICETransport*>(
      g_object_new(transportType(), "component", GST_WEBRTC_ICE_COMPONENT_RTP, nullptr)));
  transport.get()->src = newIceSource(core);
  transport.get()->sink = newIceSink(core);
  return transport;
}

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
