// The ICE layer: one agent per peer connection, all agents of a host on one shared thread. libnice
// is the engine and is named in no header; webrtcbin sees the agent as its "ice-agent" object.
// Source of the design: docs/decisions/001-own-ice-agent.md.
//
// Threads: construct, use and destroy an IceAgent on the owner's loop. Events are stamped where
// they happen and called on ICE or webrtcbin threads: receivers must only copy and post
// (mailbox.h).
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/base/loop.h"
#include "pipelines/ice/ice_profile.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/network_condition.h"

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

typedef struct _GstWebRTCICE GstWebRTCICE;  // as in gst/webrtc/webrtc_fwd.h
typedef struct _GstWebRTCSessionDescription GstWebRTCSessionDescription;

namespace turnout {

class IceCore;
class LiveAgents;

enum class CandidateType { kHost, kServerReflexive, kPeerReflexive, kRelay };
const char* toString(CandidateType type);  // W3C RTCIceCandidateType: host srflx prflx relay

// RTCIceConnectionState plus completed; webrtc's names.
enum class IceConnectionState {
  kNew,
  kChecking,
  kConnected,
  kCompleted,
  kDisconnected,
  kFailed,
  kClosed
};
const char* toString(IceConnectionState state);

struct IceCandidateInfo {
  CandidateType type = CandidateType::kHost;
  std::string protocol = "udp";  // of the candidate itself
  std::string address;           // "ip:port"
  std::string relay_protocol;    // local relay candidates: udp, tcp or tls; else empty
  std::string url;               // local srflx/relay candidates: the server's URL as configured
};

struct IceLocalCandidate {
  IceCandidateInfo info;
};
struct IceGatheringDone {};
struct IceStateChanged {
  IceConnectionState state;
};
struct IcePairSelected {
  IceCandidateInfo local, remote;
};
// What became of one configured URL; exactly one per URL and gathering. Codes as in
// RTCPeerConnectionIceErrorEvent: STUN error codes, or 701 when no answer was had.
struct IceServerOutcome {
  std::string url;
  int error_code = 0;      // 0: allocated (or, for STUN, a mapped address was had)
  std::string error_text;  // reason phrase or what failed (TCP refused, TLS certificate ...)
  std::string address;     // relayed or mapped "ip:port" on success
  double elapsed_ms = 0;   // since gathering began
  std::string username{};  // TURN only: whom the server was asked as
};

// A TURN server will not let a peer through; once per generation. Not an outcome of its URL: the
// allocation was made.
struct IcePermissionRefused {
  int error_code = 0;  // STUN's: 403 for a peer that its rules deny
  std::string error_text;
};

struct IceEvent {
  Instant at;
  unsigned generation = 0;  // 0, then +1 per ICE restart
  std::variant<IceLocalCandidate, IceGatheringDone, IceStateChanged, IcePairSelected,
               IceServerOutcome, IcePermissionRefused>
      body;
};

struct IceConfig {
  IceProfile profile;
  bool relay_only = false;                   // RTCIceTransportPolicy "relay"
  std::vector<IceServer> servers;            // in order of preference
  std::vector<std::string> local_addresses;  // literals to bind to; empty: all interfaces
};

// What all agents of a host share: the control thread (STUN, timers, DTLS) and media threads, to
// which the packets of connected agents are moved so that new joins never queue behind media.
// Outlives its agents; its destructor waits up to 4 s for allocations that are being released.
class IceThreads {
 public:
  explicit IceThreads(unsigned media_threads = 1, Duration media_coalesce = Duration::zero());
  ~IceThreads();
  LoopThread& control() { return control_; }
  LoopThread& nextMedia();  // round robin; owner's loop only
  LiveAgents& live() { return *live_; }

 private:
  std::shared_ptr<LiveAgents> live_;
  unsigned log_handler_;
  LoopThread control_;
  std::vector<std::unique_ptr<LoopThread>> media_;
  std::size_t next_ = 0;
};

enum class Leave {
  kClean,   // TURN allocations are released (Refresh with lifetime 0, RFC 8656 section 8)
  kAbrupt,  // nothing is sent: a tab kill or page refresh
};

class IceAgent {
 public:
  using OnEvent = std::function<void(IceEvent)>;
  // Each RTP and RTCP packet received, still encrypted; on ICE threads. May be empty.
  using OnMedia = std::function<void(Instant)>;

  IceAgent(IceThreads& threads, IceConfig config, OnEvent on_event, OnMedia on_media = nullptr);
  ~IceAgent();  // after the webrtcbin that used it reached NULL
  IceAgent(const IceAgent&) = delete;
  IceAgent& operator=(const IceAgent&) = delete;

  // A reference for webrtcbin's construct-only "ice-agent" property, whose setter takes none.
  GstWebRTCICE* takeObject();

  // Rewrites ufrag and password of a created offer or answer to this agent's current ones:
  // webrtcbin repeats its first ones for ever. Call on every local description before it is set.
  void applyCredentials(GstWebRTCSessionDescription* local);

  // ICE restart: the next offer gets fresh sockets, allocations and credentials. Media stays on the
  // old ones until the new are connected.
  void restart();
  // Drops a restart whose offer will not be answered: the generation before it holds again.
  void withdrawRestart();
  unsigned generation() const;  // the newest: +1 per restart of either side

  // From the next packet on, for all generations, those to come included.
  void setNetwork(const NetworkCondition& condition);

  // As from Wi-Fi to mobile: nothing passes the sockets and splices there are any more, whatever
  // setNetwork() says, and generations to come bind to these addresses. Follow with restart().
  void moveTo(std::vector<std::string> local_addresses);

  // Asked by the gatherings that begin from now on, as by RTCPeerConnection.setConfiguration().
  void setServers(std::vector<IceServer> servers);

  void setLeave(Leave leave) { leave_ = leave; }  // how the destructor leaves

  // Agents that exist or whose sockets and allocations are still being released: for leak tests.
  static unsigned liveCount();

 private:
  std::shared_ptr<IceCore> core_;
  Leave leave_ = Leave::kClean;
};

}  // namespace turnout
