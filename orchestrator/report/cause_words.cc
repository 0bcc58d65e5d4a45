#include "orchestrator/report/cause_words.h"

namespace turnout {

const char* meaningOf(FailureCause cause) {
  switch (cause) {
    case FailureCause::kSignalingUnreachable:
      return "No socket to the signaling server.";
    case FailureCause::kJoinRejected:
      return "The signaling server answered no.";
    case FailureCause::kJoinTimeout:
      return "The signaling server did not answer in time.";
    case FailureCause::kSignalingLost:
      return "The signaling socket went away before the call was connected.";
    case FailureCause::kNotAnswered:
      return "It rang, and nobody answered.";
    case FailureCause::kNoPartner:
      return "Nobody else looked for a partner in time.";
    case FailureCause::kPartnerLeft:
      return "The other end hung up or was gone before the call was up.";
    case FailureCause::kNegotiation:
      return "Offer or answer were refused, malformed, or never complete.";
    case FailureCause::kTurnAuth:
      return "Relay only, and every TURN server refused the credential (401 or 403).";
    case FailureCause::kTurnUnreachable:
      return "Relay only, and no TURN server gave a relay address.";
    case FailureCause::kIceFailed:
      return "No pair of candidates worked.";
    case FailureCause::kIceTimeout:
      return "No pair of candidates worked before the connect deadline.";
    case FailureCause::kDtls:
      return "ICE connected, and then DTLS did not.";
    case FailureCause::kNoMedia:
      return "Connected, but some media did not arrive at some end in time.";
    case FailureCause::kPeerMissing:
      return "Another bot of the call did not come in time.";
    case FailureCause::kHostCrashed:
      return "The bot host died.";
    case FailureCause::kInterrupted:
      return "The run was stopped.";
    case FailureCause::kInternal:
      return "A bug of turnout.";
  }
  return "";
}

const char* remedyFor(FailureCause cause) {
  switch (cause) {
    case FailureCause::kSignalingUnreachable:
      return "Is the signaling server up, and does its port let you in?";
    case FailureCause::kJoinRejected:
      return "Read its word for the refusal in the call below; check tokens, room size, and "
             "whether "
             "the session from before is still held.";
    case FailureCause::kJoinTimeout:
      return "Look at the load of the signaling server: join time is in the table of times.";
    case FailureCause::kSignalingLost:
      return "Look for restarts and for idle timeouts of proxies in front of the signaling server.";
    case FailureCause::kNotAnswered:
      return "Does the callee get the ring, and is the ring timeout longer than the wait?";
    case FailureCause::kNoPartner:
      return "Do seekers come in pairs, and does the match maker see them?";
    case FailureCause::kPartnerLeft:
      return "Look at the other end of the same call: it has the cause.";
    case FailureCause::kNegotiation:
      return "Look at the descriptions in the call below: codecs, bundle, or a lost answer.";
    case FailureCause::kTurnAuth:
      return "Check user name, credential and realm; for TURN REST the shared secret and the "
             "clocks "
             "of both machines.";
    case FailureCause::kTurnUnreachable:
      return "Check the TURN address, port and protocol, the firewall on the way, and for turns: "
             "the "
             "certificate.";
    case FailureCause::kIceFailed:
    case FailureCause::kIceTimeout:
      return "The ends have no path to each other: add a TURN server, over TCP or TLS where UDP is "
             "blocked, and check its relay port range in the firewall.";
    case FailureCause::kDtls:
      return "Something lets STUN pass but not DTLS: look for packet size limits (MTU) and "
             "filters.";
    case FailureCause::kNoMedia:
      return "Something lets DTLS pass but not media: look for bandwidth limits and for codecs "
             "that "
             "one end cannot receive.";
    case FailureCause::kPeerMissing:
      return "Did both ends get the same room, and did the server tell each of the other?";
    case FailureCause::kHostCrashed:
    case FailureCause::kInternal:
      return "This is a fault of turnout, not of your system: please report it with events.jsonl.";
    case FailureCause::kInterrupted:
      return "Let the run end; these calls say nothing.";
  }
  return "";
}

const char* remedyFor(AppFault fault) {
  switch (fault) {
    case AppFault::kGhostPartner:
      return "Tell the partner when a socket is gone for longer than the grace period; keep ping "
             "interval and timeout short.";
    case AppFault::kNotResumed:
      return "Keep a session for the whole grace period, under a token rather than a socket id.";
    case AppFault::kSessionActive:
      return "Let the same user take over the session from before instead of refusing.";
    case AppFault::kNotCleanedUp:
      return "Free the session when somebody leaves politely, before you answer the goodbye.";
    case AppFault::kRingTimeoutRace:
      return "Stop the ring timer the moment the call is answered.";
    case AppFault::kDeafAfterReturn:
      return "Point rooms and partners to the new socket id when somebody comes back.";
    case AppFault::kDuplicateCandidates:
      return "Send each candidate once: after a return, do not replay those already delivered.";
  }
  return "";
}

}  // namespace turnout
