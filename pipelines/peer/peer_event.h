// Everything a PeerConnection tells its owner: values, stamped where they happened, delivered on
// the owner's loop. State names are those of the W3C WebRTC specification.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/ice/ice_event.h"
#include "pipelines/media/media_profile.h"

#include <string>
#include <variant>
#include <vector>

namespace turnout {

enum class SdpType { kOffer, kAnswer };
inline const char* toString(SdpType type) {
  return type == SdpType::kOffer ? "offer" : "answer";
}

struct LocalDescription {  // set locally before it is told: ship it now
  SdpType type;
  std::string sdp;
};
struct RemoteDescriptionSet {
  SdpType type;
};
struct LocalCandidate {   // trickle it (RFC 8838)
  unsigned mline = 0;     // whose transport carries all
  std::string candidate;  // "candidate:..." as in RTCIceCandidate.candidate
  IceCandidateInfo info;
  std::string mid{};  // of that m-line: RTCIceCandidate.sdpMid
};
struct GatheringDone {};
struct SignalingStateChanged {
  std::string state;  // stable, have-local-offer, have-remote-offer, ...
};
struct ConnectionStateChanged {
  std::string state;  // new connecting connected disconnected failed closed
};
struct DtlsStateChanged {
  std::string state;  // new connecting connected closed failed
};
// One m= section of media as both ends agreed on it (W3C RTCRtpTransceiver.currentDirection).
struct NegotiatedTrack {
  unsigned mline = 0;
  MediaKind kind = MediaKind::kAudio;
  bool sends = false, receives = false;  // by this end
  bool has_codec = true;  // the far end named a format that we can send; false: nothing will go
  bool operator==(const NegotiatedTrack&) const = default;
};
struct TracksNegotiated {  // when an exchange of descriptions is complete, if it changed anything
  std::vector<NegotiatedTrack> tracks;
};
struct FirstMedia {  // first RTP packet of that kind that came through SRTP
  MediaKind kind;
};
struct
    TrackSilent {  // no RTP of a kind that is to come for PeerConfig::media_silence; RTCP is none
  MediaKind kind;
  Instant since;  // the last packet
};
struct TrackBack {  // the first packet after a TrackSilent, at its instant
  MediaKind kind;
  Duration gap;                 // since the packet before it
  unsigned ice_generation = 0;  // over whose sockets it came
};
// The same of the link as a whole (LinkWatch): nothing that is to come comes any more; all that
// stopped then is there again. Each is told after the TrackSilent or TrackBack that makes it so.
struct MediaSilent {
  Instant since;
};
struct MediaBack {
  Duration gap;
  bool is_by_restart =
      false;  // over sockets of a later ICE generation than what came before the gap
};
struct PeerFailed {  // webrtcbin or the pipeline gave up: nothing more will come
  std::string what;
};

struct PeerEvent {
  Instant at;
  std::variant<LocalDescription, RemoteDescriptionSet, LocalCandidate, GatheringDone,
               IceStateChanged, IcePairSelected, IceServerOutcome, IcePermissionRefused,
               SignalingStateChanged, ConnectionStateChanged, DtlsStateChanged, TracksNegotiated,
               FirstMedia, MediaSilent, MediaBack, TrackSilent, TrackBack, PeerFailed>
      body;
};

}  // namespace turnout
