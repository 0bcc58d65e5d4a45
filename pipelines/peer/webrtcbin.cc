#include "pipelines/peer/webrtcbin.h"

#include "pipelines/base/clock.h"

#include <string_view>
#include <utility>

#include <gst/webrtc/webrtc.h>

namespace turnout {
namespace {

// The W3C name of an enumeration property: GStreamer's nicknames are the same words.
std::string stateName(gpointer object, const char* property) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), property);
  int value = 0;
  g_object_get(object, property, &value, nullptr);
  const GEnumValue* known = g_enum_get_value(G_PARAM_SPEC_ENUM(spec)->enum_class, value);
  return known ? known->value_nick : "";
}

template <class State>
SignalConnection tellState(gpointer object, const char* property, Webrtcbin::Out out) {
  return connect<void(GObject*, GParamSpec*)>(
      object, (std::string("notify::") + property).c_str(),
      [out = std::move(out), property](GObject* source, GParamSpec*) {
        out.send({now(), State{stateName(source, property)}});
      });
}

template <class T>
Ref<T> objectProperty(gpointer object, const char* property) {
  T* value = nullptr;
  g_object_get(object, property, &value, nullptr);
  return Ref<T>::adopt(value);
}

// Of the first transceiver, or of the data channels when there is none. It exists once a
// description was created.
Ref<GstWebRTCDTLSTransport> dtlsTransportOf(GstElement* webrtc) {
  Ref<GObject> user;
  GArray* transceivers = nullptr;
  g_signal_emit_by_name(webrtc, "get-transceivers", &transceivers);
  if (transceivers && transceivers->len > 0)
    user = objectProperty<GObject>(g_array_index(transceivers, GObject*, 0), "sender");
  else
    user = objectProperty<GObject>(webrtc, "sctp-transport");
  if (transceivers)
    g_array_unref(transceivers);
  return user ? objectProperty<GstWebRTCDTLSTransport>(user.get(), "transport")
              : Ref<GstWebRTCDTLSTransport>();
}

GstBusSyncReply onBusMessage(GstBus*, GstMessage* message, gpointer data) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    Owned<GError> error;
    gst_message_parse_error(message, error.out(), nullptr);
    static_cast<Webrtcbin::Out*>(data)->send(
        {now(), PeerFailed{std::string(GST_MESSAGE_SRC_NAME(message)) + ": " + error->message}});
  }
  gst_message_unref(message);  // what GST_BUS_DROP leaves to the handler
  return GST_BUS_DROP;         // nobody polls this bus
}

Ref<GstElement> rtpbinOf(GstElement* webrtc) {
  return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin"));
}

// Every dtlsdec that is added presents this certificate and key; every rtpsession believes a source
// from its first packet on, as SRTP has vouched for it already. Measured effects: tests/bench/peer.
// dtlsdec takes the certificate while in NULL; later it would lose its signal handlers. webrtcbin
// makes it on its own thread when a description is created: create none before it was started.
SignalConnection tuneElementsOf(GstElement* pipeline, const std::string& certificate_pem) {
  return connect<void(GstBin*, GstBin*, GstElement*)>(
      pipeline, "deep-element-added",
      [pem = certificate_pem](GstBin*, GstBin*, GstElement* element) {
        GstElementFactory* factory = gst_element_get_factory(element);
        const std::string_view name = factory ? GST_OBJECT_NAME(factory) : "";
        if (name == "dtlsdec")
          g_object_set(element, "pem", pem.c_str(), nullptr);
        else if (name == "rtpsession")
          g_object_set(element, "probation", 0u, nullptr);
      });
}

// Received packets are passed on at once instead of through jitter buffers.
SignalConnection skipJitterBuffers(GstElement* webrtc) {
  return connect<GstElement*(GstElement*, guint)>(
      rtpbinOf(webrtc).get(), "request-jitterbuffer",
      [](GstElement*, guint) { return makeNoJitterBuffer().release(); });
}

// Tells an error in the reply, or what `done` makes of success.
template <class Done>
Ref<GstPromise> answered(const Webrtcbin::Out& out, std::string what, Done done) {
  return promise([out, what = std::move(what), done](const GstStructure* reply) {
    if (const std::string error = errorOf(reply); !error.empty())
      out.send({now(), PeerFailed{what + ": " + error}});
    else
      done(out);
  });
}

}  // namespace

void OwnedOps<GstWebRTCSessionDescription>::free(GstWebRTCSessionDescription* p) {
  gst_webrtc_session_description_free(p);
}

GstSDPMessage& Webrtcbin::Created::sdp() const {
  return *description->get()->sdp;
}

Result<Done> Webrtcbin::start(const Options& options, std::shared_ptr<RtpReceiver> receiver) {
  // The property's setter takes no reference, so the caller's is handed over.
  webrtc_ = Ref<GstElement>::sink(gst_element_factory_make_full(
      "webrtcbin", "name", options.name.c_str(), "ice-agent", options.ice_agent, "bundle-policy",
      GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency",
      static_cast<guint>(options.jitter_buffer.count()), nullptr));
  if (!webrtc_)
    return Error{ErrorCode::kEnvironment, "webrtcbin cannot be made"};
  pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
  listen(std::move(receiver));
  connections_.push_back(tuneElementsOf(pipeline_.get(), options.certificate_pem));
  if (options.jitter_buffer == milliseconds::zero())
    connections_.push_back(skipJitterBuffers(webrtc_.get()));
  gst_bin_add(GST_BIN(pipeline_.get()), webrtc_.get());
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    return Error{ErrorCode::kEnvironment, "webrtcbin does not start"};
  return Done{};
}

void Webrtcbin::listen(std::shared_ptr<RtpReceiver> receiver) {
  gpointer webrtc = webrtc_.get();
  auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), onBusMessage, new Out(out_),
                           [](gpointer data) { delete static_cast<Out*>(data); });
  connections_.push_back(tellState<SignalingStateChanged>(webrtc, "signaling-state", out_));
  connections_.push_back(tellState<ConnectionStateChanged>(webrtc, "connection-state", out_));
  connections_.push_back(connect<void(GstElement*, GstPad*)>(
      webrtc, "pad-added", [receiver = std::move(receiver)](GstElement*, GstPad* pad) {
        if (gst_pad_get_direction(pad) == GST_PAD_SRC)
          receiver->accept(pad);
      }));
}

void Webrtcbin::stop() {
  connections_.clear();
  if (pipeline_) {
    auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
  }
  for (const auto& answer : answers_)  // those of commands it did not come to
    gst_promise_expire(answer.get());
  answers_.clear();
}

Webrtcbin::~Webrtcbin() {
  stop();
  data_channel_.reset();
  webrtc_.reset();
}

void Webrtcbin::openDataChannel() {
  if (data_channel_)
    return;
  GstWebRTCDataChannel* channel = nullptr;
  g_signal_emit_by_name(webrtc_.get(), "create-data-channel", "turnout", nullptr, &channel);
  data_channel_ = Ref<GstWebRTCDataChannel>::adopt(channel);
}

template <class Argument>
void Webrtcbin::command(const char* signal, Argument* argument, Ref<GstPromise> answer) {
  g_signal_emit_by_name(webrtc_.get(), signal, argument, answer.get());
  answers_.push_back(std::move(answer));
}

void Webrtcbin::create(SdpType type) {
  auto created = promise([out = out_, type](const GstStructure* reply) {
    auto description = std::make_shared<Owned<GstWebRTCSessionDescription>>();
    if (reply)
      gst_structure_get(reply, toString(type), GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                        description->out(), nullptr);
    if (*description)
      out.send({now(), Created{type, std::move(description)}});
    else
      out.send({now(), PeerFailed{std::string("no ") + toString(type) + ": " + errorOf(reply)}});
  });
  command<GstStructure>(type == SdpType::kOffer ? "create-offer" : "create-answer", nullptr,
                        std::move(created));
}

void Webrtcbin::setLocal(const Created& created) {
  command("set-local-description", created.description->get(),
          answered(out_, "local description", [type = created.type](const Out& out) {
            out.send({now(), LocalSet{type}});
          }));
}

void Webrtcbin::setRemote(SdpType type, Owned<GstSDPMessage> message) {
  commandRemote(type, std::move(message),
                answered(out_, std::string("remote ") + toString(type), [type](const Out& out) {
                  out.send({now(), RemoteDescriptionSet{type}});
                }));
}

void Webrtcbin::rollBack(Owned<GstSDPMessage> unchanged) {
  commandRemote(SdpType::kAnswer, std::move(unchanged),
                answered(out_, "giving up an offer", [](const Out&) {}));
}

void Webrtcbin::commandRemote(SdpType type, Owned<GstSDPMessage> message, Ref<GstPromise> answer) {
  Owned<GstWebRTCSessionDescription> description(gst_webrtc_session_description_new(
      type == SdpType::kOffer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER,
      message.release()));
  command("set-remote-description", description.get(), std::move(answer));
}

void Webrtcbin::addRemoteCandidate(unsigned mline, const char* candidate) {
  g_signal_emit_by_name(webrtc_.get(), "add-ice-candidate", mline, candidate);
}

void Webrtcbin::watchDtls() {
  if (std::exchange(is_dtls_watched_, true))
    return;
  if (const auto transport = dtlsTransportOf(webrtc_.get()))
    connections_.push_back(tellState<DtlsStateChanged>(transport.get(), "state", out_));
}

void Webrtcbin::tellNoLatency(unsigned session) {
  GstElement* found = nullptr;
  g_signal_emit_by_name(rtpbinOf(webrtc_.get()).get(), "get-session", session, &found);
  const auto rtpsession = Ref<GstElement>::adopt(found);
  if (!rtpsession)  // no media was negotiated
    return;
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(found, "send_rtp_src"));
  if (pad)
    gst_pad_send_event(pad.get(), gst_event_new_latency(0));
}

std::vector<RequiredElement> Webrtcbin::elements() {
  const char* const good = "gstreamer1.0-plugins-good";
  const char* const bad = "gstreamer1.0-plugins-bad";
  return {{"webrtcbin", bad},
          {"dtlsdec", bad},
          {"dtlsenc", bad},
          {"srtpdec", bad},
          {"srtpenc", bad},
          {"sctpdec", bad},
          {"sctpenc", bad},
          {"rtpbin", good},
          {"rtpfunnel", good},
          {"nicesrc", "gstreamer1.0-nice"},
          {"clocksync", "libgstreamer1.0-0"}};
}

}  // namespace turnout
