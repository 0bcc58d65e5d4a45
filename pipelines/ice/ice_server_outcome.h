// What became of one STUN or TURN server: how far asking it came, and why it went no further. One
// value from the ICE layer through the event log to the reports; the probe speaks the same words.
// Facts only: sentences are made where they are shown (orchestrator/results/diagnosis).
//
// Spelled after W3C's RTCPeerConnectionIceErrorEvent (webrtc 5.7.2): url, errorCode, errorText.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace turnout {

// RTCPeerConnectionIceErrorEvent.errorCode where no STUN answer was had: outside the range of STUN
// error codes, 300..699.
inline constexpr int kNoStunAnswer = 701;

// What was being done, in the order in which it comes. kNone: nothing failed, or it is not known.
enum class ServerStage {
  kNone,
  kName,            // DNS: the host's addresses
  kConnect,         // TCP; for UDP a socket towards the server
  kTls,             // handshake and certificate
  kStun,            // the first answer to anything
  kAllocate,        // TURN Allocate, with the credential (RFC 8656 7)
  kSecondAllocate,  // on the same server, of the same user; of the probe only
  kPermission,      // CreatePermission for a peer (RFC 8656 9)
  kChannel,         // ChannelBind to a peer (RFC 8656 12)
  kEcho,            // data between two relays of it and back; of the probe only
  kOutside,         // data from a plain socket to the relay and back; of the probe only
  kBurst,           // a second of data at the rate of a video call; of the probe only
};
inline constexpr std::array<std::string_view, 12> kServerStageWords{
    "",           "name",    "connect", "tls",     "stun", "allocate", "second_allocate",
    "permission", "channel", "echo",    "outside", "burst"};

// Why it failed.
enum class ServerFault {
  kNone,               // it works
  kErrorResponse,      // a STUN error response: error_code, and error_text is its reason phrase
  kTimeout,            // no answer as long as we waited
  kRefused,            // nobody listens: a TCP reset to our SYN, or ICMP port unreachable
  kUnreachable,        // no route to the host or its network
  kClosed,             // the server ended the connection without an answer
  kUnknownName,        // the resolver has no address for it
  kCertificate,        // the certificate is refused: certificate_fault says why
  kNoTls,              // what came is no TLS, or an alert: error_text is the TLS library's
  kTlsTooOld,          // below TLS 1.2, which browsers refuse (RFC 8996)
  kClientCertificate,  // the server wants a certificate of the client
  kMalformed,          // an answer that is none
  kNoChallenge,   // error_code is 401 or 438, without a realm and nonce that browsers log in with
  kUnsigned,      // an answer without the integrity that the credential gives: not believed
  kLost,          // data went into the relay, and did not come out
  kOurSide,       // our configuration or machine: error_text says what
  kOtherAddress,  // of its name another address answers, `error_text`, but browsers ask the first
  kOtherFamily,   // the server's address is of a family that no local address has
  kRedirected,    // none: 300 Try Alternate to `address`, which has an outcome of its own
  // The server was not asked at all, which says nothing about it.
  kRelayOnly,      // STUN, where only relay candidates are wanted
  kOneStunOnly,    // libnice asks one STUN server, the first
  kTooManyRelays,  // libnice asks eight TURN servers at most
  kSameEndpoint,   // over UDP, a socket holds one allocation of an endpoint (RFC 8656 2.2)
};
inline constexpr std::array<std::string_view, 23> kServerFaultWords{"",
                                                                    "error_response",
                                                                    "timeout",
                                                                    "refused",
                                                                    "unreachable",
                                                                    "closed",
                                                                    "unknown_name",
                                                                    "certificate",
                                                                    "no_tls",
                                                                    "tls_too_old",
                                                                    "client_certificate",
                                                                    "malformed",
                                                                    "no_challenge",
                                                                    "unsigned",
                                                                    "lost",
                                                                    "our_side",
                                                                    "other_address",
                                                                    "other_family",
                                                                    "redirected",
                                                                    "relay_only",
                                                                    "one_stun_only",
                                                                    "too_many_relays",
                                                                    "same_endpoint"};

// What is wrong with the certificate of a TLS server; of several faults the first in this order.
enum class CertificateFault {
  kNone,
  kUnknownIssuer,
  kOtherHost,  // it is not for the host that was asked
  kNoName,     // no subjectAltName: a common name is no name to browsers (RFC 9525)
  kExpired,
  kNotValidYet,
  kRevoked,
  kInsecure,  // a broken algorithm, or a key that is too short
  kInvalid,   // anything else
};
inline constexpr std::array<std::string_view, 9> kCertificateFaultWords{
    "trusted", "unknown_issuer", "not_for_this_host", "no_subject_alt_name",
    "expired", "not_valid_yet",  "revoked",           "insecure",
    "invalid"};

struct ServerCertificate {
  CertificateFault fault = CertificateFault::kNone;
  std::string subject, issuer;  // distinguished names
  std::string expires;          // ISO 8601, UTC
};

constexpr std::string_view toString(ServerStage stage) {
  return kServerStageWords[static_cast<std::size_t>(stage)];
}
constexpr std::string_view toString(ServerFault fault) {
  return kServerFaultWords[static_cast<std::size_t>(fault)];
}
constexpr std::string_view toString(CertificateFault fault) {
  return kCertificateFaultWords[static_cast<std::size_t>(fault)];
}

// "not_for_this_host" as people write it.
inline std::string spaced(std::string_view word) {
  std::string text(word);
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

constexpr bool isNotAsked(ServerFault fault) {
  return fault >= ServerFault::kRelayOnly;
}

// Exactly one per configured URL and gathering.
struct IceServerOutcome {
  std::string url;         // as configured
  int error_code = 0;      // STUN's, or kNoStunAnswer; 0: allocated, or a mapped address was had
  std::string error_text;  // of the server or of a library, never ours; may be empty
  std::string address;     // relayed or mapped "ip:port" on success
  double elapsed_ms = 0;   // since gathering began
  std::string username{};  // TURN only: whom the server was asked as
  ServerStage stage = ServerStage::kNone;  // that it failed in
  ServerFault fault = ServerFault::kNone;
  CertificateFault certificate_fault = CertificateFault::kNone;
  // Round trip of its last answer, also when none came to the request after that.
  std::optional<double> rtt_ms{};

  bool operator==(const IceServerOutcome&) const = default;
};

inline IceServerOutcome noStunAnswer(ServerStage stage, ServerFault fault, std::string text = {}) {
  IceServerOutcome outcome;
  outcome.error_code = kNoStunAnswer;
  outcome.error_text = std::move(text);
  outcome.stage = stage;
  outcome.fault = fault;
  return outcome;
}

// A TURN server will not let a peer through; once per generation and stage. Not an outcome of its URL:
// the allocation was made.
struct IcePermissionRefused {
  int error_code = 0;  // STUN's: 403 for a peer that its rules deny
  std::string error_text;
  // kPermission, or kChannel: checks had passed, nothing else will. kNone: not known (older logs).
  ServerStage stage = ServerStage::kNone;

  bool operator==(const IcePermissionRefused&) const = default;
};

}  // namespace turnout
