#include "pipelines/ice/agent/ice_object.h"

#include "pipelines/ice/agent/gobject_type.h"
#include "pipelines/ice/agent/ice_core.h"
#include "pipelines/ice/agent/ice_elements.h"

#include <utility>

#include <gst/gst.h>

#if GST_CHECK_VERSION(1, 24, 0)
#error "GstWebRTCICEClass changed in 1.24 (add_candidate takes a GstPromise) and in 1.28 (close)"
#endif

namespace turnout {
namespace {

using Ice = GstWebRTCICE;
using Stream = GstWebRTCICEStream;

struct IceState {
  std::shared_ptr<IceCore> core;
};
struct StreamState {
  std::weak_ptr<IceCore> core;  // the core owns the stream
};
struct TransportState {};

IceCore& coreOf(Ice* ice) {
  return *stateOf<Ice, IceState>(ice).core;
}
std::shared_ptr<IceCore> coreOf(Stream* stream) {
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

}  // namespace

Ref<GstWebRTCICE> newIceObject(std::shared_ptr<IceCore> core) {
  auto object = Ref<Ice>::sink(static_cast<Ice*>(g_object_new(iceType(), nullptr)));
  stateOf<Ice, IceState>(object.get()).core = std::move(core);
  return object;
}

Ref<GstWebRTCICEStream> newIceStream(const std::shared_ptr<IceCore>& core) {
  auto stream =
      Ref<Stream>::sink(static_cast<Stream*>(g_object_new(streamType(), "stream-id", 1u, nullptr)));
  stateOf<Stream, StreamState>(stream.get()).core = core;
  return stream;
}

Ref<GstWebRTCICETransport> newIceTransport(const std::shared_ptr<IceCore>& core) {
  auto transport = Ref<GstWebRTCICETransport>::sink(static_cast<GstWebRTCICETransport*>(
      g_object_new(transportType(), "component", GST_WEBRTC_ICE_COMPONENT_RTP, nullptr)));
  transport.get()->src = newIceSource(core);
  transport.get()->sink = newIceSink(core);
  return transport;
}

}  // namespace turnout
