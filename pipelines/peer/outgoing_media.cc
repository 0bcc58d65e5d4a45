#include "pipelines/peer/outgoing_media.h"

#include <algorithm>
#include <string>
#include <utility>

namespace turnout {
namespace {

// webrtcbin leaves the pads of refused sections blocked for ever: nothing may be pushed there.
bool mayFlow(unsigned mline, const std::vector<MediaSection>& local,
             const std::vector<MediaSection>& remote) {
  return mline < local.size() && mline < remote.size() && local[mline].sends &&
         remote[mline].receives;
}

}  // namespace

Ref<GstCaps> rtpCaps(MediaKind kind, const RtpIdentity& identity) {
  const bool is_audio = kind == MediaKind::kAudio;
  GstCaps* caps = gst_caps_new_simple(
      "application/x-rtp", "media", G_TYPE_STRING, toString(kind), "encoding-name", G_TYPE_STRING,
      is_audio ? "OPUS" : "VP8", "clock-rate", G_TYPE_INT, is_audio ? 48'000 : 90'000, "payload",
      G_TYPE_INT, static_cast<int>(identity.payload_type), "ssrc", G_TYPE_UINT, identity.ssrc,
      nullptr);
  if (is_audio)  // always 2, whatever is sent (RFC 7587 7)
    gst_caps_set_simple(caps, "encoding-params", G_TYPE_STRING, "2", nullptr);
  return Ref<GstCaps>::adopt(caps);
}

void OutgoingMedia::add(GstElement* webrtc, const ClipTrack& track, unsigned mline,
                        std::uint8_t payload_type) {
  const auto index = static_cast<std::uint32_t>(&track - clip_.tracks.data());
  const RtpIdentity identity{ssrc_base_ + index, payload_type};
  const auto caps = rtpCaps(track.kind, identity);
  GstPadTemplate* pads =
      gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(webrtc), "sink_%u");
  const std::string name = "sink_" + std::to_string(mline);
  auto pad = Ref<GstPad>::adopt(gst_element_request_pad(webrtc, pads, name.c_str(), caps.get()));
  if (!pad)
    return;
  auto sender = std::make_shared<RtpSender>(track, identity);
  sender->attach(std::move(pad), caps.get());
  streams_.push_back({mline, track.kind, std::move(sender)});
}

void OutgoingMedia::addOffered(GstElement* webrtc) {
  for (const ClipTrack& track : clip_.tracks)
    add(webrtc, track, static_cast<unsigned>(streams_.size()), offeredPayloadType(track.kind));
}

void OutgoingMedia::addAnswered(GstElement* webrtc, const std::vector<MediaSection>& offered) {
  for (const ClipTrack& track : clip_.tracks) {
    const auto section =
        std::find_if(offered.begin(), offered.end(), [&](const MediaSection& each) {
          const auto is_there = [&each](const Stream& stream) {
            return stream.mline == each.mline;
          };
          return each.kind == track.kind && !each.rejected && each.payload_type &&
                 std::none_of(streams_.begin(), streams_.end(), is_there);
        });
    if (section != offered.end())
      add(webrtc, track, section->mline, *section->payload_type);
  }
}

void OutgoingMedia::follow(const std::vector<MediaSection>& local,
                           const std::vector<MediaSection>& remote, GstClockTime base_time,
                           const std::function<Pacer&()>& next_pacer) {
  const Instant start = now();
  for (Stream& stream : streams_) {
    const bool flows = mayFlow(stream.mline, local, remote);
    if (std::exchange(stream.flows, flows) == flows)
      continue;
    if (!flows)
      stream.sender->pause();
    else if (stream.sender->begin(start, base_time))
      next_pacer().add(stream.sender, start);
  }
}

SentTotals OutgoingMedia::totals(MediaKind kind) const {
  const auto stream = std::find_if(streams_.begin(), streams_.end(),
                                   [kind](const Stream& each) { return each.kind == kind; });
  return stream == streams_.end() ? SentTotals{} : stream->sender->totals();
}

void OutgoingMedia::end() {
  for (const Stream& stream : streams_)
    stream.sender->detach();
}

}  // namespace turnout
