#include "pipelines/peer/outgoing_media.h"

#include "pipelines/peer/rtp_caps.h"

#include <algorithm>
#include <string>
#include <utility>

namespace turnout {
namespace {

constexpr MediaKind kKinds[] = {MediaKind::kAudio, MediaKind::kVideo};

// webrtcbin leaves the pads of refused sections blocked for ever: nothing may be pushed there.
bool mayFlow(unsigned mline, const std::vector<MediaSection>& local,
             const std::vector<MediaSection>& remote) {
  return mline < local.size() && mline < remote.size() && local[mline].sends &&
         remote[mline].receives;
}

}  // namespace

const ClipTrack* OutgoingMedia::track(MediaKind kind) const {
  const auto& track = kind == MediaKind::kAudio ? clip_.audio : clip_.video;
  return track ? &*track : nullptr;
}

void OutgoingMedia::add(GstElement* webrtc, MediaKind kind, unsigned mline,
                        std::uint8_t payload_type) {
  const RtpIdentity identity{ssrc_base_ + (kind == MediaKind::kAudio ? 0 : 1), payload_type};
  const auto caps = rtpCaps(kind, identity);
  GstPadTemplate* pads =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(webrtc), "sink_%u");
  const std::string name = "sink_" + std::to_string(mline);
  auto pad = Ref<GstPad>::adopt(gst_element_request_pad(webrtc, pads, name.c_str(), caps.get()));
  if (!pad)
    return;
  auto sender = std::make_shared<RtpSender>(*track(kind), identity);
  sender->attach(std::move(pad), caps.get());
  streams_.push_back({mline, kind, std::move(sender)});
}

void OutgoingMedia::addOffered(GstElement* webrtc) {
  for (const MediaKind kind : kKinds)
    if (track(kind))
      add(webrtc, kind, static_cast<unsigned>(streams_.size()), offeredPayloadType(kind));
}

void OutgoingMedia::addAnswered(GstElement* webrtc, const std::vector<MediaSection>& offered) {
  for (const MediaKind kind : kKinds) {
    const auto section =
        std::find_if(offered.begin(), offered.end(), [kind](const MediaSection& each) {
          return each.kind == kind && each.receives && each.payload_type;
        });
    if (track(kind) && section != offered.end())
      add(webrtc, kind, section->mline, *section->payload_type);
  }
}

void OutgoingMedia::begin(const std::vector<MediaSection>& local,
                          const std::vector<MediaSection>& remote, GstClockTime base_time,
                          const std::function<Pacer&()>& next_pacer) {
  const Instant start = now();
  for (Stream& stream : streams_) {
    if (stream.is_begun || !mayFlow(stream.mline, local, remote))
      continue;
    stream.is_begun = true;
    stream.sender->begin(start, base_time);
    next_pacer().add(stream.sender, start);
  }
}

void OutgoingMedia::addTo(MediaTotals& totals) const {
  for (const Stream& stream : streams_) {
    const SentTotals sent = stream.sender->totals();
    (stream.kind == MediaKind::kAudio ? totals.sent_audio : totals.sent_video) = {
        sent.packets, sent.bytes, 0, sent.key_frames, sent.key_frame_requests};
  }
}

void OutgoingMedia::end() {
  for (const Stream& stream : streams_)
    stream.sender->detach();
  streams_.clear();
}

}  // namespace turnout
