// Everything a PeerConnection tells its owner: values, stamped where they happened, delivered on
// the owner's loop. State names are those of the W3C WebRTC specification.
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/ice/agent/ice_agent.h"
#include "pipelines/media/media_profile.h"

#include <string>
#include <variant>

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
struct LocalCandidate {  // trickle it (RFC 8838); m-line 0 carries all under max-bundle
  unsigned mline = 0;
  std::string candidate;  // "candidate:..." as in RTCIceCandidate.candidate
  IceCandidateInfo info;
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
struct FirstMedia {  // first RTP packet of that kind that came through SRTP
  MediaKind kind;
};
struct MediaSilent {  // no RTP and no RTCP came for PeerConfig::media_silence; told once per
                      // silence
  Instant since;      // the last packet
};
struct MediaBack {  // the first packet after a MediaSilent, at its instant
  Duration gap;     // since the packet before it
};
struct PeerFailed {  // webrtcbin or the pipeline gave up: nothing more will come
  std::string what;
};

struct PeerEvent {
  Instant at;
  std::variant<LocalDescription, RemoteDescriptionSet, LocalCandidate, GatheringDone,
               IceStateChanged, IcePairSelected, IceServerOutcome, IcePermissionRefused,
               SignalingStateChanged, ConnectionStateChanged, DtlsStateChanged, FirstMedia,
               MediaSilent, MediaBack, PeerFailed>
      body;
};

}  // namespace turnout
