// What one peer sends: a stream of the clip per kind, each in an m= section of its webrtcbin.
// Owner's loop.
#pragma once

#include "pipelines/media/clip.h"
#include "pipelines/media/gst_ref.h"
#include "pipelines/media/pacer.h"
#include "pipelines/media/rtp_sender.h"
#include "pipelines/peer/peer_connection.h"
#include "pipelines/peer/session_description.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace turnout {

class OutgoingMedia {
 public:
  // The clip must outlive it. Audio takes `ssrc_base`, video the next number.
  OutgoingMedia(const Clip& clip, std::uint32_t ssrc_base) : clip_(clip), ssrc_base_(ssrc_base) {}

  bool isEmpty() const { return streams_.empty(); }
  // One section per kind of the clip, from m-line 0 on.
  void addOffered(GstElement* webrtc);
  // In the first section of each kind of the clip that the offerer receives and has our codec for,
  // with the offerer's payload type.
  void addAnswered(GstElement* webrtc, const std::vector<MediaSection>& offered);
  // Gives those streams to a pacer that both descriptions let flow and that are not sent yet.
  void begin(const std::vector<MediaSection>& local, const std::vector<MediaSection>& remote,
             GstClockTime base_time, const std::function<Pacer&()>& next_pacer);
  void addTo(MediaTotals& totals) const;
  void end();  // when webrtcbin is in NULL

 private:
  struct Stream {
    unsigned mline;
    MediaKind kind;
    std::shared_ptr<RtpSender> sender;
    bool is_begun = false;
  };

  const ClipTrack* track(MediaKind kind) const;
  void add(GstElement* webrtc, MediaKind kind, unsigned mline, std::uint8_t payload_type);

  const Clip& clip_;
  const std::uint32_t ssrc_base_;
  std::vector<Stream> streams_;
};

}  // namespace turnout
