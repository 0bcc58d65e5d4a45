// What a far end's offer or answer must be before webrtcbin may see it. webrtcbin 1.22 aborts the
// process on some malformed descriptions (no a=mid, session-level credentials repeated) and refuses
// some valid ones (session-level ICE and DTLS attributes, no direction attribute): the first are
// errors here, the second are put into the form it reads. Pure but for GStreamer's SDP parser.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"
#include "pipelines/media/media_profile.h"
#include "pipelines/peer/peer_event.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include <gst/sdp/sdp.h>

namespace turnout {

template <>
struct OwnedOps<GstSDPMessage> {
  static void free(GstSDPMessage* p) { gst_sdp_message_free(p); }
};

// One m= section as far as sending into it is concerned.
struct MediaSection {
  unsigned mline = 0;
  std::optional<MediaKind> kind;         // absent: a data channel, or what this tool does not know
  bool rejected = false;                 // port 0 and not a=bundle-only (RFC 8843 6)
  bool sends = false, receives = false;  // as seen by whoever wrote the description
  // Of the codec this tool has for the kind (VP8, Opus): the first payload type that means it.
  std::optional<std::uint8_t> payload_type;
};

std::vector<MediaSection> mediaSections(const GstSDPMessage& description);

// The first section that is not rejected: webrtcbin runs the transport of a bundle there.
std::optional<unsigned> transportMline(const std::vector<MediaSection>& sections);

struct CheckedDescription {
  Owned<GstSDPMessage> message;
  std::vector<MediaSection> sections;
  unsigned transport_mline = 0;  // whose transport carries all: the first that is not rejected
};

inline constexpr std::size_t kMaxDescriptionBytes = 128 * 1024;
inline constexpr unsigned kMaxMediaSections = 64;

// The error, of kind kIo, says what is wrong and in which m-line.
Result<CheckedDescription> checkRemoteDescription(std::string_view text, SdpType type);

}  // namespace turnout
