// What one peer sends: a stream per track of the clip, each in an m= section of its webrtcbin, for as
// long as both descriptions let it flow. Owner's loop.
#pragma once

#include "pipelines/media/clip.h"
#include "pipelines/media/gst.h"
#include "pipelines/media/media_totals.h"
#include "pipelines/media/pacer.h"
#include "pipelines/media/rtp_sender.h"
#include "pipelines/peer/session_description.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace turnout {

// Used in our own offers; in answers the offerer's numbers hold (RFC 3264 5.1). Chrome's choice.
constexpr std::uint8_t offeredPayloadType(MediaKind kind) {
  return kind == MediaKind::kAudio ? 111 : 96;
}

// The caps of an outgoing RTP stream, from which webrtcbin writes its m= section.
Ref<GstCaps> rtpCaps(MediaKind kind, const RtpIdentity& identity);

class OutgoingMedia {
 public:
  // The clip must outlive it. Tracks take `ssrc_base` and the numbers after it.
  OutgoingMedia(const Clip& clip, std::uint32_t ssrc_base) : clip_(clip), ssrc_base_(ssrc_base) {}

  bool isEmpty() const { return streams_.empty(); }
  // One section per track of the clip, from m-line 0 on.
  void addOffered(GstElement* webrtc);
  // Each track in the first section of its kind that the offerer has our codec for, with the offerer's
  // payload type; also where the offerer receives nothing yet.
  void addAnswered(GstElement* webrtc, const std::vector<MediaSection>& offered);
  // Gives those streams to a pacer that both descriptions let flow, and pauses those that they do not
  // any more (hold).
  void follow(const std::vector<MediaSection>& local, const std::vector<MediaSection>& remote,
              GstClockTime base_time, const std::function<Pacer&()>& next_pacer);
  SentTotals totals(MediaKind kind) const;
  void end();  // when webrtcbin is in NULL

 private:
  struct Stream {
    unsigned mline;
    MediaKind kind;
    std::shared_ptr<RtpSender> sender;
    bool flows = false;
  };

  void add(GstElement* webrtc, const ClipTrack& track, unsigned mline, std::uint8_t payload_type);

  const Clip& clip_;
  const std::uint32_t ssrc_base_;
  std::vector<Stream> streams_;
};

}  // namespace turnout
