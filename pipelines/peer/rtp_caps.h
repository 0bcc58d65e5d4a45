// The caps of an outgoing RTP stream, from which webrtcbin writes its m= section.
#pragma once

#include "pipelines/media/gst_ref.h"
#include "pipelines/media/media_profile.h"
#include "pipelines/media/playhead.h"

namespace turnout {

// Used in our own offers; in answers the offerer's numbers hold (RFC 3264 5.1). Chrome's choice.
constexpr std::uint8_t offeredPayloadType(MediaKind kind) {
  return kind == MediaKind::kAudio ? 111 : 96;
}

Ref<GstCaps> rtpCaps(MediaKind kind, const RtpIdentity& identity);

}  // namespace turnout
