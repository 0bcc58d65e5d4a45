#include "tests/bench/peer/stock_peer.h"

#include "pipelines/base/mailbox.h"
#include "pipelines/base/signal.h"
#include "pipelines/media/gst.h"
#include "pipelines/media/playhead.h"
#include "pipelines/peer/outgoing_media.h"
#include "pipelines/peer/peer_factory.h"

#include <atomic>
#include <mutex>
#include <optional>

#include <gst/app/gstappsrc.h>
#include <gst/webrtc/webrtc.h>

namespace turnout::bench {
namespace {

using Out = Mailbox<PeerEvent>::Sender;

class AppSource final : public PacedStream {
 public:
  AppSource(const ClipTrack& track, RtpIdentity identity, Ref<GstElement> element)
      : playhead_(track, identity, now()), element_(std::move(element)) {}

  std::optional<Instant> advance(Instant at) override {
    const std::lock_guard lock(mutex_);
    if (!element_)
      return std::nullopt;
    for (; playhead_.due() <= at; packets_++) {
      GstBuffer* buffer = gst_buffer_new_allocate(nullptr, playhead_.nextSize(), nullptr);
      GstMapInfo map;
      gst_buffer_map(buffer, &map, GST_MAP_WRITE);
      playhead_.write(map.data);
      gst_buffer_unmap(buffer, &map);
      gst_app_src_push_buffer(GST_APP_SRC(element_.get()), buffer);
    }
    return playhead_.due();
  }
  void stop() {
    const std::lock_guard lock(mutex_);
    element_.reset();
  }
  std::uint64_t packets() const { return packets_; }

 private:
  std::mutex mutex_;
  Playhead playhead_;
  Ref<GstElement> element_;
  std::atomic<std::uint64_t> packets_{0};
};

struct Received {
  struct Count {
    std::atomic<std::uint64_t> packets{0}, bytes{0};
  };
  Count audio, video;
};

class StockPeer final : public PeerConnection {
 public:
  StockPeer(Loop& loop, const Clip& clip, Pacer& pacer, const PeerConfig& config, OnEvent on_event)
      : pacer_(pacer),
        on_event_(std::move(on_event)),
        events_(loop, [this](PeerEvent event) { onEvent(std::move(event)); }),
        received_(std::make_shared<Received>()) {
    pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
    webrtc_ = Ref<GstElement>::sink(gst_element_factory_make("webrtcbin", config.name.c_str()));
    g_object_set(webrtc_.get(), "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), webrtc_.get());
    stayLocal();
    listen();
    addSource(*clip.of(MediaKind::kAudio), config.ssrc_base, 0);
    addSource(*clip.of(MediaKind::kVideo), config.ssrc_base + 1, 1);
    gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
  }
  ~StockPeer() override { close(Leave::kAbrupt); }

  void createOffer() override { create(SdpType::kOffer); }

  Result<Done> setRemoteDescription(SdpType type, const std::string& sdp) override {
    GstSDPMessage* message = nullptr;
    gst_sdp_message_new_from_text(sdp.c_str(), &message);
    GstWebRTCSessionDescription* description = gst_webrtc_session_description_new(
        type == SdpType::kOffer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER, message);
    auto set = promise([out = events_.sender(), type](const GstStructure*) {
      out.send({now(), RemoteDescriptionSet{type}});
    });
    g_signal_emit_by_name(webrtc_.get(), "set-remote-description", description, set.get());
    gst_webrtc_session_description_free(description);
    return Done{};
  }
  void addRemoteCandidate(unsigned mline, const std::string& candidate) override {
    g_signal_emit_by_name(webrtc_.get(), "add-ice-candidate", mline, candidate.c_str());
  }
  void endOfRemoteCandidates() override {}
  void restartIce() override { TURNOUT_CHECK(false, "stock webrtcbin has no ICE restart"); }
  bool isOffering() const override { return false; }
  void setNetwork(const NetworkCondition&) override {
    TURNOUT_CHECK(false, "the network of a stock peer is left alone");
  }
  void changeAddress(const std::string&) override {
    TURNOUT_CHECK(false, "a stock peer stays where it is");
  }
  void setIceServers(std::vector<IceServer>) override {
    TURNOUT_CHECK(false, "a stock peer keeps its servers");
  }
  void requestKeyFrame() override {}
  MediaTotals totals() const override {
    MediaTotals totals;
    totals.tracks.push_back(track(MediaKind::kAudio, received_->audio, *sources_[0]));
    totals.tracks.push_back(track(MediaKind::kVideo, received_->video, *sources_[1]));
    return totals;
  }
  void close(Leave) override {
    if (!pipeline_)
      return;
    events_.close();
    connections_.clear();
    for (const auto& source : sources_)
      source->stop();
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    webrtc_.reset();
    pipeline_.reset();
  }

 private:
  void stayLocal() {
    GObject* ice = nullptr;
    g_object_get(webrtc_.get(), "ice-agent", &ice, nullptr);
    const auto owned_ice = Ref<GObject>::adopt(ice);
    GObject* agent = nullptr;
    g_object_get(ice, "agent", &agent, nullptr);
    const auto owned_agent = Ref<GObject>::adopt(agent);
    g_object_set(agent, "upnp", FALSE, nullptr);
    gboolean added = FALSE;
    g_signal_emit_by_name(ice, "add-local-ip-address", "127.0.0.1", &added);
    TURNOUT_CHECK(added, "the run must stay on the loop-back interface");
  }

  void listen() {
    const Out out = events_.sender();
    connections_.push_back(connect<void(GstElement*, guint, const char*)>(
        webrtc_.get(), "on-ice-candidate", [out](GstElement*, guint mline, const char* text) {
          out.send({now(), LocalCandidate{mline, text, {}}});
        }));
    connections_.push_back(connect<void(GObject*, GParamSpec*)>(
        webrtc_.get(), "notify::connection-state", [out](GObject* webrtc, GParamSpec*) {
          GstWebRTCPeerConnectionState state{};
          g_object_get(webrtc, "connection-state", &state, nullptr);
          if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED)
            out.send({now(), ConnectionStateChanged{"connected"}});
        }));
    connections_.push_back(connect<void(GstElement*, GstPad*)>(
        webrtc_.get(), "pad-added", [out, received = received_](GstElement* webrtc, GstPad* pad) {
          if (gst_pad_get_direction(pad) == GST_PAD_SRC)
            addSink(GST_BIN(GST_OBJECT_PARENT(webrtc)), pad, received, out);
        }));
  }

  static TrackTotals track(MediaKind kind, const Received::Count& received,
                           const AppSource& source) {
    TrackTotals track{.kind = kind, .sends = true, .receives = true, .sent = {}, .received = {}};
    track.sent.packets = source.packets();
    track.received.packets = received.packets;
    track.received.bytes = received.bytes;
    return track;
  }

  // Runs on a streaming thread.
  static void addSink(GstBin* pipeline, GstPad* pad, const std::shared_ptr<Received>& received,
                      const Out& out) {
    GstElement* fake = gst_element_factory_make("fakesink", nullptr);
    g_object_set(fake, "sync", FALSE, "async", FALSE, nullptr);
    gst_bin_add(pipeline, fake);
    const auto sink = Ref<GstPad>::adopt(gst_element_get_static_pad(fake, "sink"));
    const auto caps = Ref<GstCaps>::adopt(gst_pad_get_current_caps(pad));
    const bool is_video =
        g_strcmp0(gst_structure_get_string(gst_caps_get_structure(caps.get(), 0), "media"),
                  "video") == 0;
    using OnBuffer = std::function<void(GstBuffer*)>;
    auto* on_buffer = new OnBuffer([received, out, is_video](GstBuffer* buffer) {
      Received::Count& count = is_video ? received->video : received->audio;
      count.bytes += gst_buffer_get_size(buffer);
      if (count.packets++ == 0)
        out.send({now(), FirstMedia{is_video ? MediaKind::kVideo : MediaKind::kAudio}});
    });
    gst_pad_add_probe(
        sink.get(), GST_PAD_PROBE_TYPE_BUFFER,
        [](GstPad*, GstPadProbeInfo* info, gpointer data) {
          (*static_cast<OnBuffer*>(data))(GST_PAD_PROBE_INFO_BUFFER(info));
          return GST_PAD_PROBE_OK;
        },
        on_buffer, [](gpointer data) { delete static_cast<OnBuffer*>(data); });
    gst_element_sync_state_with_parent(fake);
    gst_pad_link(pad, sink.get());
  }

  void addSource(const ClipTrack& track, std::uint32_t ssrc, unsigned mline) {
    const RtpIdentity identity{ssrc, offeredPayloadType(track.kind)};
    const auto caps = rtpCaps(track.kind, identity);
    GstElement* element = gst_element_factory_make("appsrc", nullptr);
    g_object_set(element, "is-live", TRUE, "format", GST_FORMAT_TIME, "do-timestamp", TRUE, "caps",
                 caps.get(), nullptr);
    gst_bin_add(GST_BIN(pipeline_.get()), element);
    const std::string name = "sink_" + std::to_string(mline);
    const auto sink = Ref<GstPad>::adopt(gst_element_request_pad(
        webrtc_.get(),
        gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(webrtc_.get()), "sink_%u"),
        name.c_str(), caps.get()));
    GstWebRTCRTPTransceiver* transceiver = nullptr;
    g_object_get(sink.get(), "transceiver", &transceiver, nullptr);
    g_object_set(transceiver, "codec-preferences", caps.get(), nullptr);
    g_object_unref(transceiver);
    const auto source = Ref<GstPad>::adopt(gst_element_get_static_pad(element, "src"));
    gst_pad_link(source.get(), sink.get());
    sources_.push_back(
        std::make_shared<AppSource>(track, identity, Ref<GstElement>::share(element)));
  }

  void create(SdpType type) {
    // The signal keeps the element alive; the description is set before it is told.
    auto created =
        promise([webrtc = webrtc_, out = events_.sender(), type](const GstStructure* reply) {
          GstWebRTCSessionDescription* description = nullptr;
          gst_structure_get(reply, toString(type), GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                            &description, nullptr);
          Owned<char> text(gst_sdp_message_as_text(description->sdp));
          g_signal_emit_by_name(webrtc.get(), "set-local-description", description, nullptr);
          out.send({now(), LocalDescription{type, text.get()}});
          gst_webrtc_session_description_free(description);
        });
    g_signal_emit_by_name(webrtc_.get(), type == SdpType::kOffer ? "create-offer" : "create-answer",
                          nullptr, created.get());
  }

  void onEvent(PeerEvent event) {
    if (const auto* set = std::get_if<RemoteDescriptionSet>(&event.body);
        set && set->type == SdpType::kOffer)
      create(SdpType::kAnswer);
    if (std::holds_alternative<ConnectionStateChanged>(event.body))
      for (const auto& source : sources_)
        pacer_.add(source, now());
    on_event_(std::move(event));
  }

  Pacer& pacer_;
  const OnEvent on_event_;
  Mailbox<PeerEvent> events_;
  std::shared_ptr<Received> received_;
  Ref<GstElement> pipeline_, webrtc_;
  std::vector<std::shared_ptr<AppSource>> sources_;
  std::vector<SignalConnection> connections_;
};

}  // namespace

Result<std::unique_ptr<PeerFactory>> StockFactory::create(Loop& loop, const MediaProfile& media) {
  if (auto started = startGst(); !started)
    return started.error();
  auto clip = encodeClip(media);
  if (!clip)
    return clip.error();
  std::unique_ptr<PeerFactory> factory(new StockFactory(loop, *std::move(clip)));
  if (auto warm = warmUp(loop, *factory); !warm)
    return warm.error();
  return factory;
}

Result<std::unique_ptr<PeerConnection>> StockFactory::makePeer(const PeerConfig& config,
                                                               PeerConnection::OnEvent on_event) {
  return std::unique_ptr<PeerConnection>(
      std::make_unique<StockPeer>(loop_, clip_, pacer_, config, std::move(on_event)));
}

PeerFactory::Health StockFactory::takeHealth() {
  const Lateness late = pacer_.takeLateness();
  return {.pacer_late_max_ms = late.max_ms(),
          .pacer_late_p99_ms = late.percentile_ms(0.99),
          .stalls = {},
          .requests = {}};
}

}  // namespace turnout::bench
