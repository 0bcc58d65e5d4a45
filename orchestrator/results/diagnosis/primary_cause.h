// Why a call failed: one word out of a closed list, with what it means and what to do about it.
// docs/DIAGNOSIS.md shows the list; a test holds the two together.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace turnout {

enum class PrimaryCause {
  // Before the two ends talk to each other.
  kSignalingUnreachable,
  kSignalingSilent,
  kSignalingTls,
  kSignalingNotHttp,
  kSignalingLogin,
  kSignalingBadGateway,
  kSignalingNoSocketIo,
  kSignalingPlainWebSocket,
  kSignalingSocketIo2,
  kSignalingOtherApp,
  kSignalingRefused,
  kSignalingTimeout,
  kSignalingLost,
  kSessionActive,
  kNotAnswered,
  kNoPartner,
  kPartnerLeft,
  kPeerMissing,
  kNegotiationError,
  // STUN and TURN servers, in order of how much a server has said: where servers fail differently,
  // the first is it.
  kTurnCredentialExpired,
  kTurnAuth,
  kTurnCredentialMissing,
  kTurnBadChallenge,
  kTurnStaleNonce,
  kTurnQuota,
  kTurnNoCapacity,
  kTurnForbidden,
  kTurnForbiddenPeer,
  kTurnPeerRefused,
  kTurnMismatch,
  kTurnUnsupported,
  kTurnRedirected,
  kTurnError,
  kTurnUnsigned,
  kStunAuth,
  kTurnServerDied,
  kTurnExternalIpWrong,
  kTurnRelayBlocked,
  kTurnLossy,
  kTlsWrongName,
  kTlsNoName,
  kTlsExpired,
  kTlsNotValidYet,
  kTlsUntrusted,
  kTlsClientCertificate,
  kTlsTooOld,
  kTlsNotSpoken,
  kTurnNotSpoken,
  kUdpBlocked,
  kDnsFailure,
  kTurnAddressDead,
  kTurnSlow,
  kTurnUnreachable,
  kOurSide,
  // ICE and what comes after.
  kNoRemoteCandidates,
  kBoundToLoopback,
  kOnlyHostCandidates,
  kNoRelayConfigured,
  kIceNoPair,
  kDtlsFailed,
  kConnectedNoMedia,
  // Of turnout.
  kHostOverloaded,
  kHostStalled,
  kHostCrashed,
  kInterrupted,
  kInternal,
};

struct PrimaryCauseWords {
  PrimaryCause cause;
  const char* word;     // in every report
  const char* meaning;  // what was seen: one sentence
  const char* remedy;   // what to do: a sentence or two
  const char* advice;   // the same as the end of another sentence
};

std::span<const PrimaryCauseWords> allPrimaryCauses();  // in the order of the enumerators
const PrimaryCauseWords& wordsOf(PrimaryCause cause);
inline const char* toString(PrimaryCause cause) {
  return wordsOf(cause).word;
}

struct Diagnosis {
  PrimaryCause cause = PrimaryCause::kInternal;
  // What was seen of this call: "turn:a:3478 answered 401 Unauthorized to user x". It names users
  // and never holds a credential.
  std::string evidence;
};

}  // namespace turnout
