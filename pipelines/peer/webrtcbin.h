// The element webrtcbin in a pipeline of its own: commands go in, what it answers and tells comes out
// as stamped values on its mailbox. The .cc beside this is the only file of the product that names
// webrtcbin; it knows nothing of what a description means.
//
// Threads: every method on the loop of the mailbox.
#pragma once

#include "pipelines/base/mailbox.h"
#include "pipelines/base/signal.h"
#include "pipelines/media/gst.h"
#include "pipelines/media/rtp_receiver.h"
#include "pipelines/peer/peer_event.h"
#include "pipelines/peer/session_description.h"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

typedef struct _GstWebRTCDataChannel GstWebRTCDataChannel;  // as in gst/webrtc/webrtc_fwd.h
typedef struct _GstWebRTCICE GstWebRTCICE;
typedef struct _GstWebRTCSessionDescription GstWebRTCSessionDescription;

namespace turnout {

template <>
struct OwnedOps<GstWebRTCSessionDescription> {
  static void free(GstWebRTCSessionDescription* p);
};

class Webrtcbin {
 public:
  struct Created {  // the answer to create()
    SdpType type;
    std::shared_ptr<Owned<GstWebRTCSessionDescription>> description;
    GstSDPMessage& sdp() const;
  };
  struct LocalSet {
    SdpType type;
  };
  using Body =
      std::variant<Created, LocalSet, RemoteDescriptionSet, SignalingStateChanged,
                   ConnectionStateChanged, DtlsStateChanged, FirstMedia, TrackBack, PeerFailed>;
  struct Notice {
    Instant at;
    Body body;
  };
  using Out = Mailbox<Notice>::Sender;

  struct Options {
    std::string name;         // shows in thread names and pipeline dumps
    GstWebRTCICE* ice_agent;  // a reference, which is taken
    milliseconds jitter_buffer{0};
    std::string certificate_pem;
  };

  explicit Webrtcbin(Out out) : out_(std::move(out)) {}
  ~Webrtcbin();  // stops, if that was not done
  Webrtcbin(const Webrtcbin&) = delete;
  Webrtcbin& operator=(const Webrtcbin&) = delete;

  Result<Done> start(const Options& options, std::shared_ptr<RtpReceiver> receiver);
  // To NULL: pushes into its pads return, and what is linked to them may go. Blocks for the few ms
  // that its threads take. Close the mailbox before.
  void stop();

  GstElement* element() const { return webrtc_.get(); }
  GstClockTime baseTime() const { return gst_element_get_base_time(pipeline_.get()); }

  // Commands. What goes wrong is told as PeerFailed.
  void openDataChannel();  // or an offer without media would have no m= section
  void create(SdpType type);
  void setLocal(const Created& created);
  void setRemote(SdpType type, Owned<GstSDPMessage> message);
  // Answers our pending offer with what the far end said last, which changes nothing: webrtcbin 1.22
  // refuses a rollback. The far end need not know.
  void rollBack(Owned<GstSDPMessage> unchanged);
  void addRemoteCandidate(unsigned mline, const char* candidate);  // null: the end of them

  void watchDtls();  // once a description was created
  // Nothing here holds packets back. rtpsession must be told so, or it writes no time into its sender
  // reports (RFC 3550 6.4.1); nobody else tells it, as no bus is watched. Once connected.
  void tellNoLatency(unsigned session);

  static std::vector<RequiredElement> elements();

 private:
  void listen(std::shared_ptr<RtpReceiver> receiver);
  template <class Argument>
  void command(const char* signal, Argument* argument, Ref<GstPromise> answer);
  void commandRemote(SdpType type, Owned<GstSDPMessage> message, Ref<GstPromise> answer);

  const Out out_;
  Ref<GstElement> pipeline_, webrtc_;
  Ref<GstWebRTCDataChannel> data_channel_;
  std::vector<SignalConnection> connections_;
  std::vector<Ref<GstPromise>> answers_;  // of all commands so far
  bool is_dtls_watched_ = false;
};

}  // namespace turnout
