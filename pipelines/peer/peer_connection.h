// One webrtcbin, its ICE agent and its media, as one participant's link to one other. The .cc
// beside this is the only file of the product that names webrtcbin.
//
// Threads: every method is called on the loop given to the PeerFactory; events arrive there too, as
// values, in order, and never after close(). Nothing here blocks longer than the teardown's few ms.
// An event's handler may call any method, but must not destroy the PeerConnection: post that.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/ice/agent/ice_agent.h"
#include "pipelines/media/media_profile.h"
#include "pipelines/peer/peer_event.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace turnout {

struct PeerConfig {
  std::string name;  // shows in thread names and pipeline dumps
  IceConfig ice;
  std::uint32_t ssrc_base = 1;  // audio = base, video = base + 1; unique per peer connection
  Duration media_silence = std::chrono::seconds(5);  // when MediaSilent is told; zero: never
  // Sees every received RTP packet, on a streaming thread: for recorders and tests. May be empty.
  std::function<void(MediaKind, std::span<const std::uint8_t>)> rtp_tap;
};

struct RtpTotals {  // of one direction and kind, since creation
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;         // RTP payload and header, after SRTP
  std::uint64_t lost = 0;          // inbound: gaps in the sequence numbers
  std::uint64_t key_frames = 0;    // outbound video: key frames sent
  std::uint64_t pli_received = 0;  // outbound video: key frame requests from the far end
  std::optional<double> jitter_ms{}, bitrate_variation{};  // inbound: media/steadiness.h
};
struct MediaTotals {
  RtpTotals sent_audio, sent_video, received_audio, received_video;
  double longest_gap_ms = 0;  // longest silence of received media after the first packet
  Instant last_received;      // of any kind of media; before the first packet: the epoch of Instant
};

class PeerConnection {
 public:
  using OnEvent = std::function<void(PeerEvent)>;

  virtual ~PeerConnection() = default;  // closes abruptly if close() was not called
  virtual void createOffer() = 0;       // ends in LocalDescription{kOffer}
  // Checks the text first (session_description.h); an Error means webrtcbin never saw it. An offer
  // is answered by itself: LocalDescription{kAnswer} follows. Where an offer of ours is pending, it
  // is given up first (W3C's implicit rollback), which the first offer of a connection cannot be:
  // that is an Error.
  virtual Result<Done> setRemoteDescription(SdpType type, const std::string& sdp) = 0;
  // Before the remote description is set, candidates are kept and given after it.
  virtual void addRemoteCandidate(unsigned mline, const std::string& candidate) = 0;
  virtual void endOfRemoteCandidates() = 0;

  // An ICE restart: an offer with fresh credentials, sockets and allocations, over the DTLS session
  // there is. While an offer or answer is under way it waits for that; a restart by the far end
  // meanwhile stands for it. Media stays on the old path, if that works, until the new one is
  // connected (IcePairSelected). May be called again when that does not come: one that begins in
  // an outage is given up by TURN clients after 2 s (UDP) or 5 s (TCP, TLS).
  virtual void restartIce() = 0;
  // True from createOffer() or restartIce() to the answer. Perfect negotiation (W3C 10.7): when a
  // remote offer comes while this holds, the impolite side ignores it and the polite one hands it
  // to setRemoteDescription().
  virtual bool isOffering() const = 0;

  // What the network does to this peer, on every transport, from the next packet on. No rights.
  virtual void setNetwork(const NetworkCondition& condition) = 0;
  // As from Wi-Fi to mobile: nothing passes the sockets there are any more, and those of the next
  // restart are bound to this address (a literal). Follow with restartIce(). The old sockets close,
  // unheard over UDP, half a second after the new ones are connected.
  virtual void changeAddress(const std::string& literal) = 0;

  // For restarts from now on, as RTCPeerConnection.setConfiguration(): renewed credentials.
  virtual void setIceServers(std::vector<IceServer> servers) = 0;

  virtual void requestKeyFrame() = 0;  // asks for one of each received video (PLI, RFC 4585 6.3.1)
  virtual MediaTotals totals() const = 0;  // after close(): as they were then
  virtual void close(Leave leave) = 0;     // no event after this; resources go in the background
};

struct PeerFactoryOptions {
  MediaProfile media;          // with neither kind: connections of a data channel only
  unsigned pacer_threads = 1;  // one is good for about 100 peers of 82 packets a second
  unsigned media_threads = 1;  // the same for received packets
  bool warm_up = true;
};

// What all peer connections of a host share: ICE threads, the encoded clip, the pacers. It must
// outlive them.
class PeerFactory {
 public:
  // Encodes the clip and warms up (plug-ins, DTLS key, one loop-back pair), so that the first real
  // call pays for none of it, and raises the limit of open files to what is allowed. Blocks for up
  // to a few seconds.
  static Result<std::unique_ptr<PeerFactory>> create(Loop& loop, const PeerFactoryOptions& options);
  static Result<std::unique_ptr<PeerFactory>> create(Loop& loop, const MediaProfile& media) {
    return create(loop, PeerFactoryOptions{.media = media});
  }
  virtual ~PeerFactory() = default;

  virtual Result<std::unique_ptr<PeerConnection>> makePeer(const PeerConfig& config,
                                                           PeerConnection::OnEvent on_event) = 0;
  struct Health {
    double pacer_late_max_ms = 0;  // worst lateness of a packet since the last call
    double pacer_late_p99_ms = 0;
  };
  virtual Health takeHealth() = 0;
};

}  // namespace turnout
