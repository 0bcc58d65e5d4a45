// One peer connection: an ICE agent, a DTLS association and a list of tracks, as one participant's
// link to one other. A PeerFactory (peer_factory.h) makes them.
//
// Threads: every method is called on the loop given to the PeerFactory; events arrive there too, as
// values, in order, and never after close(). Nothing here blocks longer than the teardown's few ms.
// An event's handler may call any method, but must not destroy the PeerConnection: post that.
#pragma once

#include "pipelines/base/loop.h"
#include "pipelines/base/result.h"
#include "pipelines/ice/agent/ice_agent.h"
#include "pipelines/media/media_totals.h"
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
  // Of the first track that is sent; the others take the numbers after it. No peer connection may meet
  // those of another.
  std::uint32_t ssrc_base = 1;
  // When TrackSilent and MediaSilent are told; zero: never.
  Duration media_silence = std::chrono::seconds(5);
  // Sees every received RTP packet, on a streaming thread: for recorders and tests. May be empty.
  std::function<void(MediaKind, std::span<const std::uint8_t>)> rtp_tap;
  // Of servers that had not answered at close(): told on the loop within 2 s after they were asked.
  // The PeerConnection may be gone by then. May be empty.
  using OnLateOutcome = std::function<void(Instant, const IceServerOutcome&)>;
  OnLateOutcome on_late_outcome;
};

class PeerConnection {
 public:
  using OnEvent = std::function<void(PeerEvent)>;

  virtual ~PeerConnection() = default;  // closes abruptly if close() was not called
  virtual void createOffer() = 0;       // ends in LocalDescription{kOffer}
  // Judges the text first (session_description.h); an Error means webrtcbin never saw it. One that is
  // delivered twice counts once. An offer is answered by itself: LocalDescription{kAnswer} follows.
  // Where an offer of ours is pending, it is given up first (W3C's implicit rollback), which the
  // first offer of a connection cannot be: that is an Error.
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

}  // namespace turnout
