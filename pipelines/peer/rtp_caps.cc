#include "pipelines/peer/rtp_caps.h"

namespace turnout {

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

}  // namespace turnout
