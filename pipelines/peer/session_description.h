// Session descriptions (SDP, RFC 8866) as they come from a far end and as they leave. What comes is
// judged first and rewritten then: webrtcbin 1.22 aborts the process on some malformed descriptions
// (no a=mid, session-level credentials repeated), which are errors here, and refuses valid ones
// (session-level ICE and DTLS attributes, no direction, a bundle whose sections have transports of
// their own), which are brought into the form it reads. Pure but for GStreamer's SDP parser.
//
// BUNDLE (RFC 9143, before RFC 8843): this end has one transport for all sections. The section that
// the group names first has it (the tagged section); what others say of theirs does not count, as
// they say it for ends that do not bundle.
#pragma once

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"
#include "pipelines/media/media_profile.h"
#include "pipelines/peer/peer_event.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gst/sdp/sdp.h>

namespace turnout {

template <>
struct OwnedOps<GstSDPMessage> {
  static void free(GstSDPMessage* p) { gst_sdp_message_free(p); }
};

// Who opens the DTLS association: the active end is its client (RFC 5763 5).
enum class DtlsRole { kActive, kPassive };
inline DtlsRole opposite(DtlsRole role) {
  return role == DtlsRole::kActive ? DtlsRole::kPassive : DtlsRole::kActive;
}

// One m= section as far as sending into it is concerned.
struct MediaSection {
  unsigned mline = 0;
  std::string mid;
  std::optional<MediaKind> kind;         // absent: a data channel, or what this tool does not know
  bool rejected = false;                 // port 0 and not a=bundle-only (RFC 9143 6)
  bool sends = false, receives = false;  // as seen by whoever wrote the description
  // Of the codec this tool has for the kind (VP8, Opus): the first payload type that means it.
  std::optional<std::uint8_t> payload_type;
};

std::vector<MediaSection> mediaSections(const GstSDPMessage& description);

// The first section that is not rejected: webrtcbin runs the transport of a bundle there.
std::optional<unsigned> transportMline(const std::vector<MediaSection>& sections);

// A far end's description that webrtcbin can take.
struct RemoteDescription {
  // Rewritten. Each live section of media is sendrecv in it: webrtcbin 1.22 can go over to another
  // direction, but not back (hold, resume). What flows is for the holder of `sections` to see to.
  Owned<GstSDPMessage> message;
  std::vector<MediaSection> sections;  // with the far end's directions
  unsigned transport_mline = 0;        // whose transport carries all: the first not rejected
  std::vector<std::string> bundle;     // mids as the far end's group has them, the tagged one first
  std::optional<DtlsRole> role;        // of the far end; absent: the answerer chooses (actpass)
};

inline constexpr std::size_t kMaxDescriptionBytes = 128 * 1024;
inline constexpr unsigned kMaxMediaSections = 64;

// The error, of kind kIo, says what is wrong and in which m-line.
Result<RemoteDescription> readRemoteDescription(std::string_view text, SdpType type);

// --- what is changed in descriptions that leave, in every section ---

// Sets a=fingerprint (RFC 8122 5). webrtcbin 1.22 digests all of the PEM text that dtlsdec was
// given, private key included, so what it writes fits no certificate. It does not check fingerprints
// either; browsers do, and end the handshake with the alert certificate_unknown.
void setFingerprint(GstSDPMessage& description, const std::string& fingerprint);

// Sets a=setup of an answer. The role of an end lasts as long as the association does (RFC 8842 5.5),
// whoever offers next; webrtcbin 1.22 answers each offer as if it were the first.
void setDtlsRole(GstSDPMessage& description, DtlsRole role);
// Sets a=setup of an offer to actpass: the far end knows its role. webrtcbin 1.22 writes what it made
// of the description before, which after an answer may be the far end's role.
void leaveDtlsRole(GstSDPMessage& offer);
// Takes a=bundle-only from the sections of an offer, and gives them a port like the first one's. They
// all name the transport of the tagged section, as browsers' offers do, and some stacks take a port of 0
// for a rejected section, whatever RFC 9143 6 says.
void offerEverySection(GstSDPMessage& offer);
// The o= line: which session this is a description of, and which one of them.
void setOrigin(GstSDPMessage& description, std::uint64_t session_id, unsigned version);

std::optional<DtlsRole> dtlsRoleOf(const GstSDPMessage& description, unsigned mline);

// Restricts what an answer sends and receives to what the offer takes and gives (RFC 3264 6.1).
void setDirections(GstSDPMessage& answer, const std::vector<MediaSection>& offered);

// Puts the mids of a=group:BUNDLE in the order of `offered`, so that the tagged section of an answer
// is that of the offer (RFC 9143 7.3.1); webrtcbin writes them in the order of the m-lines.
void setBundleOrder(GstSDPMessage& answer, const std::vector<std::string>& offered);

}  // namespace turnout
