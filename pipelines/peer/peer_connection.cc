#include "pipelines/peer/peer_connection.h"

#include "pipelines/base/mailbox.h"
#include "pipelines/base/signal.h"
#include "pipelines/media/media_watch.h"
#include "pipelines/media/rtp_receiver.h"
#include "pipelines/peer/gst_promise.h"
#include "pipelines/peer/local_candidates.h"
#include "pipelines/peer/outgoing_media.h"
#include "pipelines/peer/rtp_tuning.h"
#include "pipelines/peer/sdp_fingerprint.h"
#include "pipelines/peer/sdp_setup.h"
#include "pipelines/peer/session_description.h"
#include "pipelines/peer/webrtc_peer.h"

#include <optional>
#include <utility>

#include <gst/webrtc/webrtc.h>

namespace turnout {

template <>
struct OwnedOps<GstWebRTCSessionDescription> {
  static void free(GstWebRTCSessionDescription* p) { gst_webrtc_session_description_free(p); }
};

namespace {

constexpr std::size_t kMaxCandidateBytes = 1024;

using Description = std::shared_ptr<Owned<GstWebRTCSessionDescription>>;

// What webrtcbin's threads post to the loop besides events.
struct DescriptionCreated {
  SdpType type;
  Description description;
};
struct CandidateTold {
  unsigned mline;
  std::string text;
};
struct Notice {
  Instant at;
  std::variant<DescriptionCreated, CandidateTold, LocalDescription, RemoteDescriptionSet,
               SignalingStateChanged, ConnectionStateChanged, DtlsStateChanged, FirstMedia,
               MediaBack, PeerFailed>
      body;
};
using Out = Mailbox<Notice>::Sender;

// The W3C name of an enumeration property: GStreamer's nicknames are the same words.
std::string stateName(gpointer object, const char* property) {
  GParamSpec* spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), property);
  int value = 0;
  g_object_get(object, property, &value, nullptr);
  const GEnumValue* known = g_enum_get_value(G_PARAM_SPEC_ENUM(spec)->enum_class, value);
  return known ? known->value_nick : "";
}

template <class State>
SignalConnection tellState(gpointer object, const char* property, Out out) {
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

Owned<GstSDPMessage> copyOf(const GstSDPMessage& message) {
  Owned<GstSDPMessage> copy;
  gst_sdp_message_copy(&message, copy.out());
  return copy;
}

GstBusSyncReply onBusMessage(GstBus*, GstMessage* message, gpointer data) {
  if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR) {
    Owned<GError> error;
    gst_message_parse_error(message, error.out(), nullptr);
    static_cast<Out*>(data)->send(
        {now(), PeerFailed{std::string(GST_MESSAGE_SRC_NAME(message)) + ": " + error->message}});
  }
  gst_message_unref(message);  // what GST_BUS_DROP leaves to the handler
  return GST_BUS_DROP;         // nobody polls this bus
}

// Where the exchange of descriptions is.
enum class Negotiation {
  kStable,
  kCreatingOffer,   // webrtcbin was asked for it
  kSettingOffer,    // as the local description
  kAwaitingAnswer,  // it was told
  kSettingAnswer,   // the far end's: for whoever asks, this is stable already
  kAnswering,
};

class WebrtcPeer final : public PeerConnection {
 public:
  WebrtcPeer(SharedByPeers& shared, const PeerConfig& config, OnEvent on_event);
  ~WebrtcPeer() override { close(Leave::kAbrupt); }
  Result<Done> start();

  void createOffer() override;
  Result<Done> setRemoteDescription(SdpType type, const std::string& sdp) override;
  void addRemoteCandidate(unsigned mline, const std::string& candidate) override;
  void endOfRemoteCandidates() override;
  void restartIce() override;
  bool isOffering() const override;
  void setNetwork(const NetworkCondition& condition) override;
  void changeAddress(const std::string& literal) override;
  void setIceServers(std::vector<IceServer> servers) override;
  void requestKeyFrame() override;
  MediaTotals totals() const override;
  void close(Leave leave) override;

 private:
  void listen();
  void offerSomething();
  void create(SdpType type);
  template <class Argument>
  void command(const char* signal, Argument* argument, Ref<GstPromise> answer);
  void watchDtls();
  void beginSending();
  void giveCandidate(const char* candidate);

  void onNotice(Notice notice);
  void onIce(IceEvent event);
  void setLocal(SdpType type, const Description& description);
  void localIsSet(Instant at, LocalDescription set);
  void setRemote(SdpType type, CheckedDescription checked);
  void commandRemote(SdpType type, Owned<GstSDPMessage> message, Ref<GstPromise> answer);
  void remoteIsSet(SdpType type);
  void becomeStable();
  void giveUpOffer();
  void watchMedia();
  void tellCandidate(Instant at, const CandidateTold& told);
  void tellGatheringDone(Instant at);
  template <class Body>
  void tell(Instant at, Body body) {
    if (!is_closed_)
      on_event_(PeerEvent{at, std::move(body)});
  }

  SharedByPeers& shared_;
  const PeerConfig config_;
  const OnEvent on_event_;
  Mailbox<Notice> notices_;
  Mailbox<IceEvent> ice_events_;
  const std::shared_ptr<MediaWatch> media_watch_;
  std::unique_ptr<IceAgent> agent_;
  Ref<GstElement> pipeline_, webrtc_;
  Ref<GstWebRTCDataChannel> data_channel_;
  std::shared_ptr<RtpReceiver> receiver_;
  OutgoingMedia outgoing_;
  std::vector<SignalConnection> connections_;
  std::vector<Ref<GstPromise>> answers_;  // of all commands so far
  LocalCandidates local_candidates_;
  std::vector<MediaSection> local_sections_, remote_sections_;  // as last set
  std::optional<unsigned> transport_mline_;                     // once a remote description is set
  std::vector<std::string> early_candidates_;  // before that; an empty one ends them
  Negotiation negotiation_ = Negotiation::kStable;
  std::optional<unsigned> restart_wanted_;  // the ICE generation that is to be replaced
  // A remote offer, while ours is one that webrtcbin is working on and cannot be given up yet.
  std::optional<CheckedDescription> waiting_offer_;
  Owned<GstSDPMessage> remote_;         // the description last given to webrtcbin
  Owned<GstSDPMessage> pending_offer_;  // ours, until it is answered or given up
  Timer media_timer_;
  bool is_dtls_watched_ = false;
  bool is_closed_ = false;
  MediaTotals last_totals_;  // of a closed peer
};

WebrtcPeer::WebrtcPeer(SharedByPeers& shared, const PeerConfig& config, OnEvent on_event)
    : shared_(shared),
      config_(config),
      on_event_(std::move(on_event)),
      notices_(shared.loop, [this](Notice notice) { onNotice(std::move(notice)); }),
      ice_events_(shared.loop, [this](IceEvent event) { onIce(std::move(event)); }),
      media_watch_(std::make_shared<MediaWatch>(config.media_silence)),
      agent_(std::make_unique<IceAgent>(
          shared.ice, config.ice,
          [out = ice_events_.sender()](IceEvent event) { out.send(std::move(event)); },
          [out = notices_.sender(), watch = media_watch_](Instant at) {
            if (const auto gap = watch->packet(at))
              out.send({at, MediaBack{*gap}});
          })),
      receiver_(std::make_shared<RtpReceiver>(
          [out = notices_.sender()](MediaKind kind, Instant at) {
            out.send({at, FirstMedia{kind}});
          },
          config.rtp_tap)),
      outgoing_(shared.clip, config.ssrc_base) {}

Result<Done> WebrtcPeer::start() {
  // The property's setter takes no reference, so the agent's is handed over.
  webrtc_ = Ref<GstElement>::sink(gst_element_factory_make_full(
      "webrtcbin", "name", config_.name.c_str(), "ice-agent", agent_->takeObject(), "bundle-policy",
      GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency",
      static_cast<guint>(config_.ice.profile.jitter_buffer.count()), nullptr));
  if (!webrtc_)
    return Error{ErrorCode::kEnvironment, "webrtcbin cannot be made"};
  pipeline_ = Ref<GstElement>::sink(gst_pipeline_new(nullptr));
  listen();
  connections_.push_back(tuneElementsOf(pipeline_.get(), shared_.certificate.pem));
  if (config_.ice.profile.jitter_buffer == Duration::zero())
    connections_.push_back(skipJitterBuffers(webrtc_.get()));
  if (config_.media_silence > Duration::zero())
    watchMedia();
  gst_bin_add(GST_BIN(pipeline_.get()), webrtc_.get());
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    return Error{ErrorCode::kEnvironment, "webrtcbin does not start"};
  return Done{};
}

void WebrtcPeer::listen() {
  const Out out = notices_.sender();
  gpointer webrtc = webrtc_.get();
  auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), onBusMessage, new Out(out),
                           [](gpointer data) { delete static_cast<Out*>(data); });
  connections_.push_back(connect<void(GstElement*, guint, const char*)>(
      webrtc, "on-ice-candidate", [out](GstElement*, guint mline, const char* candidate) {
        out.send({now(), CandidateTold{mline, candidate}});
      }));
  connections_.push_back(tellState<SignalingStateChanged>(webrtc, "signaling-state", out));
  connections_.push_back(tellState<ConnectionStateChanged>(webrtc, "connection-state", out));
  connections_.push_back(connect<void(GstElement*, GstPad*)>(
      webrtc, "pad-added", [receiver = receiver_](GstElement*, GstPad* pad) {
        if (gst_pad_get_direction(pad) == GST_PAD_SRC)
          receiver->accept(pad);
      }));
}

void WebrtcPeer::offerSomething() {
  outgoing_.addOffered(webrtc_.get());
  if (!outgoing_.isEmpty() || data_channel_)
    return;
  GstWebRTCDataChannel* channel = nullptr;  // or the offer would have no m= section
  g_signal_emit_by_name(webrtc_.get(), "create-data-channel", "turnout", nullptr, &channel);
  data_channel_ = Ref<GstWebRTCDataChannel>::adopt(channel);
}

void WebrtcPeer::createOffer() {
  if (is_closed_)
    return;
  if (outgoing_.isEmpty())
    offerSomething();
  negotiation_ = Negotiation::kCreatingOffer;
  create(SdpType::kOffer);
}

void WebrtcPeer::restartIce() {
  if (is_closed_)
    return;
  restart_wanted_ = agent_->generation();
  if (negotiation_ == Negotiation::kStable)
    becomeStable();
}

// The restart that is wanted was made by the far end if there is a newer generation by now.
void WebrtcPeer::becomeStable() {
  negotiation_ = Negotiation::kStable;
  if (restart_wanted_ != agent_->generation())
    restart_wanted_.reset();
  if (!restart_wanted_)
    return;
  agent_->restart();
  createOffer();
}

bool WebrtcPeer::isOffering() const {
  return negotiation_ == Negotiation::kCreatingOffer ||
         negotiation_ == Negotiation::kSettingOffer || negotiation_ == Negotiation::kAwaitingAnswer;
}

void WebrtcPeer::setNetwork(const NetworkCondition& condition) {
  if (!is_closed_)
    agent_->setNetwork(condition);
}

void WebrtcPeer::changeAddress(const std::string& literal) {
  if (!is_closed_)
    agent_->moveTo({literal});
}

void WebrtcPeer::setIceServers(std::vector<IceServer> servers) {
  if (!is_closed_)
    agent_->setServers(std::move(servers));
}

void WebrtcPeer::create(SdpType type) {
  auto answered = promise([out = notices_.sender(), type](const GstStructure* reply) {
    auto description = std::make_shared<Owned<GstWebRTCSessionDescription>>();
    if (reply)
      gst_structure_get(reply, toString(type), GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                        description->out(), nullptr);
    if (*description)
      out.send({now(), DescriptionCreated{type, std::move(description)}});
    else
      out.send({now(), PeerFailed{std::string("no ") + toString(type) + ": " + errorOf(reply)}});
  });
  command<GstStructure>(type == SdpType::kOffer ? "create-offer" : "create-answer", nullptr,
                        std::move(answered));
}

template <class Argument>
void WebrtcPeer::command(const char* signal, Argument* argument, Ref<GstPromise> answer) {
  g_signal_emit_by_name(webrtc_.get(), signal, argument, answer.get());
  answers_.push_back(std::move(answer));
}

void WebrtcPeer::setLocal(SdpType type, const Description& description) {
  agent_->applyCredentials(description->get());
  setSdpFingerprint(description->get()->sdp, shared_.certificate.fingerprint);
  watchDtls();
  local_sections_ = mediaSections(*description->get()->sdp);
  // An answer that refuses that section would move the transport, and webrtcbin makes a second one.
  if (type == SdpType::kAnswer && transportMline(local_sections_) != transport_mline_) {
    tell(now(), PeerFailed{"webrtcbin refuses m-line " + std::to_string(*transport_mline_) +
                           " of the offer, which has the transport"});
    return;
  }
  Owned<char> text(gst_sdp_message_as_text(description->get()->sdp));
  auto set = promise(
      [out = notices_.sender(), type, sdp = std::string(text.get())](const GstStructure* reply) {
        if (const std::string error = errorOf(reply); !error.empty())
          out.send({now(), PeerFailed{"local description: " + error}});
        else
          out.send({now(), LocalDescription{type, sdp}});
      });
  if (type == SdpType::kOffer) {
    negotiation_ = Negotiation::kSettingOffer;
    pending_offer_ = copyOf(*description->get()->sdp);
  }
  command("set-local-description", description->get(), std::move(set));
}

void WebrtcPeer::localIsSet(Instant at, LocalDescription set) {
  if (set.type == SdpType::kOffer) {
    negotiation_ = Negotiation::kAwaitingAnswer;
    if (waiting_offer_)
      return giveUpOffer();  // nobody has heard of it
  }
  const SdpType type = set.type;
  tell(at, std::move(set));
  if (type == SdpType::kAnswer)
    becomeStable();
}

// webrtcbin 1.22 refuses a rollback. It takes an answer, though: the description that the far end
// gave last, which changes nothing. The far end need not know.
void WebrtcPeer::giveUpOffer() {
  agent_->withdrawRestart();
  if (negotiation_ == Negotiation::kAwaitingAnswer) {
    auto unchanged = copyOf(*remote_.get());
    setAnsweringSetup(unchanged.get(), *pending_offer_.get());
    commandRemote(SdpType::kAnswer, std::move(unchanged),
                  promise([out = notices_.sender()](const GstStructure* reply) {
                    if (const std::string error = errorOf(reply); !error.empty())
                      out.send({now(), PeerFailed{"giving up an offer: " + error}});
                  }));
  }
  pending_offer_.reset();
  setRemote(SdpType::kOffer, *std::exchange(waiting_offer_, std::nullopt));
}

Result<Done> WebrtcPeer::setRemoteDescription(SdpType type, const std::string& sdp) {
  auto checked = checkRemoteDescription(sdp, type);
  if (!checked)
    return checked.error();
  if (is_closed_)
    return Done{};
  const auto transport = type == SdpType::kAnswer
                             ? transportMline(local_sections_)
                             : transport_mline_.value_or(checked->transport_mline);
  if (transport && transport != checked->transport_mline)
    return Error{ErrorCode::kIo, std::string("remote ") + toString(type) + ": m-line " +
                                     std::to_string(*transport) +
                                     ", which has the transport, is rejected"};
  if (type == SdpType::kOffer && isOffering()) {
    if (!remote_)
      return Error{ErrorCode::kIo, "remote offer: ours is the first, which cannot be given up"};
    waiting_offer_.emplace(*std::move(checked));
    if (negotiation_ == Negotiation::kAwaitingAnswer)
      giveUpOffer();
    return Done{};
  }
  setRemote(type, *std::move(checked));
  return Done{};
}

void WebrtcPeer::commandRemote(SdpType type, Owned<GstSDPMessage> message, Ref<GstPromise> answer) {
  Owned<GstWebRTCSessionDescription> description(gst_webrtc_session_description_new(
      type == SdpType::kOffer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER,
      message.release()));
  command("set-remote-description", description.get(), std::move(answer));
}

void WebrtcPeer::setRemote(SdpType type, CheckedDescription checked) {
  remote_sections_ = std::move(checked.sections);
  transport_mline_ = checked.transport_mline;
  if (type == SdpType::kOffer && outgoing_.isEmpty())
    outgoing_.addAnswered(webrtc_.get(), remote_sections_);
  negotiation_ = type == SdpType::kOffer ? Negotiation::kAnswering : Negotiation::kSettingAnswer;
  remote_ = copyOf(*checked.message.get());
  auto set = promise([out = notices_.sender(), type](const GstStructure* reply) {
    if (const std::string error = errorOf(reply); !error.empty())
      out.send({now(), PeerFailed{std::string("remote ") + toString(type) + ": " + error}});
    else
      out.send({now(), RemoteDescriptionSet{type}});
  });
  commandRemote(type, std::move(checked.message), std::move(set));
  for (const std::string& candidate : std::exchange(early_candidates_, {}))
    giveCandidate(candidate.empty() ? nullptr : candidate.c_str());
}

void WebrtcPeer::remoteIsSet(SdpType type) {
  if (type == SdpType::kOffer)
    return create(SdpType::kAnswer);
  pending_offer_.reset();
  if (negotiation_ == Negotiation::kSettingAnswer)  // and no offer came right behind it
    becomeStable();
}

// All candidates are of the one transport, whatever m-line a far end names.
void WebrtcPeer::addRemoteCandidate(unsigned, const std::string& candidate) {
  const bool is_text =
      candidate.size() <= kMaxCandidateBytes &&
      g_utf8_validate(candidate.data(), static_cast<gssize>(candidate.size()), nullptr) &&
      candidate.find_first_of("\r\n") == std::string::npos;
  if (is_closed_ || !is_text)
    return;
  if (!transport_mline_)
    early_candidates_.push_back(candidate);
  else
    giveCandidate(candidate.empty() ? nullptr : candidate.c_str());
}

void WebrtcPeer::endOfRemoteCandidates() {
  addRemoteCandidate(0, "");
}

void WebrtcPeer::giveCandidate(const char* candidate) {
  g_signal_emit_by_name(webrtc_.get(), "add-ice-candidate", *transport_mline_, candidate);
}

void WebrtcPeer::watchDtls() {
  if (std::exchange(is_dtls_watched_, true))
    return;
  if (const auto transport = dtlsTransportOf(webrtc_.get()))
    connections_.push_back(
        tellState<DtlsStateChanged>(transport.get(), "state", notices_.sender()));
}

void WebrtcPeer::beginSending() {
  tellNoLatency(webrtc_.get(), *transport_mline_);
  outgoing_.begin(local_sections_, remote_sections_, gst_element_get_base_time(pipeline_.get()),
                  [this]() -> Pacer& { return shared_.nextPacer(); });
}

void WebrtcPeer::onNotice(Notice notice) {
  const Instant at = notice.at;
  std::visit(Overloaded{[&](DescriptionCreated& created) {
                          if (created.type == SdpType::kOffer && waiting_offer_)
                            giveUpOffer();
                          else
                            setLocal(created.type, created.description);
                        },
                        [&](LocalDescription& set) { localIsSet(at, std::move(set)); },
                        [&](CandidateTold& told) { tellCandidate(at, told); },
                        [&](RemoteDescriptionSet& set) {
                          remoteIsSet(set.type);
                          tell(at, set);
                        },
                        [&](ConnectionStateChanged& changed) {
                          if (changed.state == "connected")
                            beginSending();
                          tell(at, std::move(changed));
                        },
                        [&](auto& other) { tell(at, std::move(other)); }},
             notice.body);
}

void WebrtcPeer::onIce(IceEvent event) {
  const Instant at = event.at;
  std::visit(Overloaded{[&](IceLocalCandidate& candidate) {
                          local_candidates_.described(std::move(candidate.info));
                        },
                        [&](IceGatheringDone&) {
                          local_candidates_.gathered();
                          tellGatheringDone(at);
                        },
                        [&](auto& other) { tell(at, std::move(other)); }},
             event.body);
}

void WebrtcPeer::tellCandidate(Instant at, const CandidateTold& told) {
  tell(at, LocalCandidate{told.mline, told.text, local_candidates_.told(told.text)});
  tellGatheringDone(at);
}

void WebrtcPeer::tellGatheringDone(Instant at) {
  if (local_candidates_.takeDone())
    tell(at, GatheringDone{});
}

// One timer, which sleeps until the silence could be long enough.
void WebrtcPeer::watchMedia() {
  const MediaWatch::Verdict verdict = media_watch_->check(now());
  media_timer_ = shared_.loop.at(verdict.next, [this] { watchMedia(); });
  if (verdict.silent_since)
    tell(now(), MediaSilent{*verdict.silent_since});
}

void WebrtcPeer::requestKeyFrame() {
  if (!is_closed_)
    receiver_->requestKeyFrame();
}

MediaTotals WebrtcPeer::totals() const {
  if (is_closed_)
    return last_totals_;
  MediaTotals totals;
  outgoing_.addTo(totals);
  for (const MediaKind kind : {MediaKind::kAudio, MediaKind::kVideo}) {
    const ReceivedTotals received = receiver_->totals(kind);
    (kind == MediaKind::kAudio ? totals.received_audio : totals.received_video) = {
        .packets = received.packets,
        .bytes = received.bytes,
        .lost = received.lost,
        .jitter_ms = receiver_->steadiness(kind).jitterMs(),
        .bitrate_variation = receiver_->steadiness(kind).bitrateVariation(now())};
  }
  totals.longest_gap_ms = toMs(receiver_->longestSilence());
  totals.last_received = receiver_->lastReceived();
  return totals;
}

// The order matters: first nothing may reach this object any more, then webrtcbin stops (which also
// frees a pacer that is blocked in one of its pads), then what it used goes.
void WebrtcPeer::close(Leave leave) {
  if (is_closed_)
    return;
  last_totals_ = totals();
  is_closed_ = true;
  media_timer_.cancel();
  notices_.close();
  ice_events_.close();
  connections_.clear();
  if (pipeline_) {
    auto bus = Ref<GstBus>::adopt(gst_element_get_bus(pipeline_.get()));
    gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
    gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
  }
  for (const auto& answer : answers_)  // webrtcbin drops those of commands it did not come to
    gst_promise_expire(answer.get());
  outgoing_.end();
  receiver_.reset();
  data_channel_.reset();
  webrtc_.reset();
  pipeline_.reset();
  agent_->setLeave(leave);
  agent_.reset();
}

}  // namespace

std::vector<RequiredElement> peerElements() {
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

Result<std::unique_ptr<PeerConnection>> makeWebrtcPeer(SharedByPeers& shared,
                                                       const PeerConfig& config,
                                                       PeerConnection::OnEvent on_event) {
  auto peer = std::make_unique<WebrtcPeer>(shared, config, std::move(on_event));
  if (auto started = peer->start(); !started)
    return started.error();
  return std::unique_ptr<PeerConnection>(std::move(peer));
}

}  // namespace turnout
