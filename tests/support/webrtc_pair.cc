#include "tests/support/webrtc_pair.h"

#include <utility>

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

namespace turnout {
namespace {

constexpr char kRtp[] =
    "application/x-rtp,media=audio,encoding-name=OPUS,payload=97,clock-rate=48000";
constexpr char kAudio[] =
    "audiotestsrc is-live=true ! audio/x-raw,rate=48000,channels=1 ! opusenc ! rtpopuspay pt=97";

// Without preferences webrtcbin 1.22 asks the pad for its caps, and loops for ever in create-offer
// when the pad is being torn down and has none.
void fixCodec(GstElement* webrtc) {
  GstWebRTCRTPTransceiver* transceiver = nullptr;
  g_signal_emit_by_name(webrtc, "get-transceiver", 0, &transceiver);
  GstCaps* caps = gst_caps_from_string(kRtp);
  g_object_set(transceiver, "codec-preferences", caps, nullptr);
  gst_caps_unref(caps);
  gst_object_unref(transceiver);
}

std::string ufragOf(const std::string& sdp) {
  const auto begin = sdp.find("ice-ufrag:") + 10;
  return sdp.substr(begin, sdp.find_first_of("\r\n", begin) - begin);
}

// Calls `done` with the promise's reply, on a thread of webrtcbin's.
GstPromise* promise(std::function<void(const GstStructure*)> done) {
  using Done = std::function<void(const GstStructure*)>;
  return gst_promise_new_with_change_func(
      [](GstPromise* resolved, gpointer data) {
        (*static_cast<Done*>(data))(gst_promise_get_reply(resolved));
        gst_promise_unref(resolved);
      },
      new Done(std::move(done)), [](gpointer data) { delete static_cast<Done*>(data); });
}

}  // namespace

IceConfig loopbackIce(const char* profile) {
  IceConfig config;
  config.profile = *iceProfile(profile);
  config.local_addresses = {"127.0.0.1"};
  return config;
}

bool allAgentsAreGone(Loop& loop, unsigned left, Duration limit) {
  const Timer look = loop.every(2ms, [] {});
  return loop.runUntil([left] { return IceAgent::liveCount() <= left; }, limit);
}

WebrtcPeer::WebrtcPeer(Loop& loop, IceThreads& threads, IceConfig config, const std::string& name,
                       IceAgent::OnEvent on_late)
    : name_(name),
      mailbox_(loop, [this](Message message) { receive(std::move(message)); }),
      received_(std::make_shared<std::atomic<std::uint64_t>>(0)),
      agent_(IceAgent::create(
          threads, std::move(config),
          [to = mailbox_.sender()](IceEvent event) { to.send(std::move(event)); },
          std::move(on_late))),
      pipeline_(Ref<GstElement>::sink(gst_pipeline_new(nullptr))) {
  webrtc_ = gst_element_factory_make_full("webrtcbin", "name", name_.c_str(), "ice-agent",
                                          agent_->takeObject(), nullptr);
  g_object_set(webrtc_, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, "latency", 20u,
               nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), webrtc_);
  GstElement* audio = gst_parse_bin_from_description(kAudio, TRUE, nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), audio);
  gst_element_link_pads(audio, "src", webrtc_, "sink_0");
  fixCodec(webrtc_);
  connectSignals();
  gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING);
}

WebrtcPeer::~WebrtcPeer() {
  mailbox_.close();
  signals_.clear();
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  pipeline_.reset();
  agent_->close(leave_);
}

void WebrtcPeer::connectSignals() {
  const auto to = mailbox_.sender();
  signals_.push_back(turnout::connect<void(GstElement*, guint, const char*)>(
      webrtc_, "on-ice-candidate", [to](GstElement*, guint mline, const char* line) {
        to.send(Candidate{mline, line});
      }));
  signals_.push_back(turnout::connect<void(GstElement*, GParamSpec*)>(
      webrtc_, "notify::connection-state", [to](GstElement* webrtc, GParamSpec*) {
        GstWebRTCPeerConnectionState state{};
        g_object_get(webrtc, "connection-state", &state, nullptr);
        to.send(state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED);
      }));
  signals_.push_back(turnout::connect<void(GstElement*, GstPad*)>(
      webrtc_, "pad-added", [received = received_](GstElement* webrtc, GstPad* pad) {
        if (GST_PAD_DIRECTION(pad) != GST_PAD_SRC)
          return;
        GstElement* sink = gst_element_factory_make("fakesink", nullptr);
        g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
        const auto parent = Ref<GstObject>::adopt(gst_object_get_parent(GST_OBJECT(webrtc)));
        gst_bin_add(GST_BIN(parent.get()), sink);
        const auto sink_pad = Ref<GstPad>::adopt(gst_element_get_static_pad(sink, "sink"));
        using Counter = std::shared_ptr<std::atomic<std::uint64_t>>;
        gst_pad_add_probe(
            sink_pad.get(), GST_PAD_PROBE_TYPE_BUFFER,
            [](GstPad*, GstPadProbeInfo*, gpointer counter) {
              ++**static_cast<Counter*>(counter);
              return GST_PAD_PROBE_OK;
            },
            new Counter(received), [](gpointer counter) { delete static_cast<Counter*>(counter); });
        gst_element_sync_state_with_parent(sink);
        gst_pad_link(pad, sink_pad.get());
      }));
}

void WebrtcPeer::receive(Message message) {
  std::visit(Overloaded{[&](IceEvent& event) { events_.push_back(std::move(event)); },
                        [&](bool connected) { connected_ = connected; },
                        [&](Described& description) {
                          ufrag_ = ufragOf(description.sdp);
                          if (other_)
                            other_->setRemote(description);
                        },
                        [&](Candidate& candidate) {
                          if (other_)
                            g_signal_emit_by_name(other_->webrtc_, "add-ice-candidate",
                                                  candidate.mline, candidate.line.c_str());
                        }},
             message);
}

void WebrtcPeer::offer() {
  describe("offer");
}

// Creates, sets and ships a description; the promise's thread is webrtcbin's.
void WebrtcPeer::describe(const char* what) {
  const std::string key = what;
  auto* const created =
      promise([key, to = mailbox_.sender(), agent = agent_.get(),
               webrtc = Ref<GstElement>::share(webrtc_)](const GstStructure* reply) {
        GstWebRTCSessionDescription* description = nullptr;
        if (!reply || !gst_structure_get(reply, key.c_str(), GST_TYPE_WEBRTC_SESSION_DESCRIPTION,
                                         &description, nullptr))
          return;
        agent->applyCredentials(description);
        const Owned<char> text(gst_sdp_message_as_text(description->sdp));
        // With a promise: without one, webrtcbin 1.22 loses its answer when it is closed meanwhile.
        GstPromise* const set = gst_promise_new();
        g_signal_emit_by_name(webrtc.get(), "set-local-description", description, set);
        gst_promise_unref(set);
        gst_webrtc_session_description_free(description);
        to.send(Described{key == "offer", text.get()});
      });
  g_signal_emit_by_name(webrtc_, key == "offer" ? "create-offer" : "create-answer", nullptr,
                        created);
}

void WebrtcPeer::setRemote(const Described& description) {
  GstSDPMessage* sdp = nullptr;
  gst_sdp_message_new_from_text(description.sdp.c_str(), &sdp);
  GstWebRTCSessionDescription* remote = gst_webrtc_session_description_new(
      description.is_offer ? GST_WEBRTC_SDP_TYPE_OFFER : GST_WEBRTC_SDP_TYPE_ANSWER, sdp);
  g_signal_emit_by_name(webrtc_, "set-remote-description", remote, nullptr);
  gst_webrtc_session_description_free(remote);
  if (description.is_offer)
    describe("answer");  // webrtcbin runs its operations in order
}

std::optional<IcePairSelected> WebrtcPeer::pair() const {
  const auto pairs = events<IcePairSelected>();
  return pairs.empty() ? std::nullopt : std::optional(pairs.back());
}

unsigned WebrtcPeer::generation() const {
  return events_.empty() ? 0 : events_.back().generation;
}

WebrtcPair::WebrtcPair(Loop& loop, IceThreads& threads, IceConfig left, IceConfig right,
                       IceAgent::OnEvent on_late_left)
    : loop_(loop),
      left_(std::make_unique<WebrtcPeer>(loop, threads, std::move(left), "left",
                                         std::move(on_late_left))),
      right_(std::make_unique<WebrtcPeer>(loop, threads, std::move(right), "right")) {
  left_->signalTo(right_.get());
  right_->signalTo(left_.get());
}

WebrtcPair::~WebrtcPair() {
  dropLeft();
  dropRight();
}

bool WebrtcPair::connect(Duration limit) {
  left_->offer();
  return run(
      [this] {
        return left_->isConnected() && right_->isConnected() && left_->pair() && right_->pair();
      },
      limit);
}

bool WebrtcPair::mediaFlows(unsigned packets, Duration limit) {
  const auto left = left_->packetsReceived() + packets;
  const auto right = right_->packetsReceived() + packets;
  const Timer look = loop_.every(5ms, [] {});
  return run([&] { return left_->packetsReceived() >= left && right_->packetsReceived() >= right; },
             limit);
}

void WebrtcPair::dropLeft() {
  if (right_)
    right_->signalTo(nullptr);
  left_.reset();
}

void WebrtcPair::dropRight() {
  if (left_)
    left_->signalTo(nullptr);
  right_.reset();
}

}  // namespace turnout
