#include "orchestrator/results/diagnosis/primary_cause.h"

#include "pipelines/base/result.h"

namespace turnout {
namespace {

using enum PrimaryCause;

constexpr PrimaryCauseWords kAll[] = {
    {kSignalingUnreachable, "signaling_unreachable", "No socket to the signaling server.",
     "Is the signaling server up, and does its port let you in?", "is the signaling server up?"},
    {kSignalingRefused, "signaling_refused", "The signaling server answered no.",
     "Read its word for the refusal; check tokens, room size and the limits of the server.",
     "the signaling server refused"},
    {kSignalingTimeout, "signaling_timeout", "The signaling server did not answer in time.",
     "Look at the load of the signaling server: join time is in the table of times.",
     "look at the load of the signaling server"},
    {kSignalingLost, "signaling_lost",
     "The signaling socket went away before the call was connected.",
     "Look for restarts and for idle timeouts of proxies in front of the signaling server.",
     "look at the signaling server"},
    {kSessionActive, "session_active",
     "The server refused the user because of the session from before.",
     "Let the same user take over the session from before instead of refusing, and give it up when "
     "its socket is gone for longer than the grace period.",
     "the session from before is still held"},
    {kNotAnswered, "not_answered", "It rang, and nobody answered.",
     "Does the callee get the ring, and is the ring timeout longer than the wait?",
     "it rang and nobody answered"},
    {kNoPartner, "no_partner", "Nobody else looked for a partner in time.",
     "Do seekers come in pairs, and does the match maker see them?",
     "nobody else looked for a partner"},
    {kPartnerLeft, "partner_left", "The other end hung up or was gone before the call was up.",
     "Look at the other end of the same call: it has the cause.", "the other end went away first"},
    {kPeerMissing, "peer_missing", "Another participant of the call did not come in time.",
     "Did both ends get the same room, and did the server tell each of the other?",
     "the ends did not find each other"},
    {kNegotiationError, "negotiation_error",
     "Offer or answer were refused, malformed, or never complete.",
     "Look at the descriptions in the call: codecs, bundle, or a lost answer.",
     "look at the offers and answers"},

    {kTurnCredentialExpired, "turn_credential_expired",
     "The TURN server answered 401, and the time in the user name was over when the call began.",
     "Fetch TURN credentials shortly before each call and renew them before they expire; check the "
     "clocks of the machine that makes them and of the TURN server.",
     "the TURN credential had expired"},
    {kTurnAuth, "turn_auth", "The TURN server answered 401: it does not accept the credential.",
     "Check the secret or password, the user name and the realm; for TURN REST also the clocks of "
     "both machines.",
     "check the secret or the clock"},
    {kTurnQuota, "turn_quota",
     "The TURN server answered 486: this user holds too many allocations.",
     "Raise user-quota or total-quota, give each user a name of its own, and release allocations "
     "when a call ends.",
     "raise the quota of the TURN server"},
    {kTurnNoCapacity, "turn_no_capacity",
     "The TURN server answered 508: it has no relay port left.",
     "Widen its range of relay ports (min-port, max-port), also in the firewall, or add a server.",
     "the TURN server has no relay port left"},
    {kTurnForbidden, "turn_forbidden", "The TURN server answered 403: it may, but will not.",
     "Look at the rules of the TURN server: denied and allowed peers, realms and origins.",
     "the rules of the TURN server forbid it"},
    {kTurnForbiddenPeer, "turn_forbidden_peer",
     "The TURN server made a relay, and answered 403 when it should let the other end through.",
     "Allow the address of the other end, or of its relay, on the TURN server: look at "
     "denied-peer-ip, allowed-peer-ip and, for tests on one machine, allow-loopback-peers.",
     "the TURN server denies the peer"},
    {kTurnError, "turn_error", "The TURN server answered with another error.",
     "Look the code up in RFC 8656 section 19 and at the log of the TURN server.",
     "look at the log of the TURN server"},
    {kTurnServerDied, "turn_server_died", "The TURN server of the run died, or was killed.",
     "Run more than one TURN server and list them all; find out why this one died.",
     "the TURN server died"},
    {kTurnRelayBlocked, "turn_relay_blocked",
     "The TURN server made two relays, and nothing got from one to the other.",
     "Open its relay ports (UDP, min-port to max-port) in its firewall, and check its external "
     "address (external-ip).",
     "the relay ports of the TURN server are closed"},
    {kTlsWrongName, "tls_wrong_name", "The certificate of the TURN server is for another name.",
     "Use the name in the certificate in the URL, or a certificate with the name in the URL.",
     "the certificate is for another name"},
    {kTlsUntrusted, "tls_untrusted", "The certificate of the TURN server is not trusted.",
     "Send the whole chain from an issuer that clients trust, and renew it before it expires; for "
     "an issuer of your own set tls.ca_file.",
     "the certificate is not trusted"},
    {kTlsNotSpoken, "tls_not_spoken", "Something listens on the TLS port, and does not speak TLS.",
     "Check that turns: points to the TLS port (5349 or 443) and that the server has a certificate "
     "and key it can read.",
     "the port does not speak TLS"},
    {kUdpBlocked, "udp_blocked",
     "TURN over UDP had no answer, while the same host answers over TCP or TLS.",
     "Open UDP to the TURN port and its relay ports, or list turn:...?transport=tcp and turns: on "
     "443 for networks that block it.",
     "UDP is blocked"},
    {kDnsFailure, "dns_failure", "The name of the TURN server has no address.",
     "Check the spelling of the host and its DNS record.",
     "the name of the TURN server does not resolve"},
    {kTurnUnreachable, "turn_unreachable", "The TURN server did not answer.",
     "Is it up? Check address, port and protocol, and the firewall on the way.",
     "check the TURN address and the firewall"},

    {kNoRemoteCandidates, "no_remote_candidates", "No candidate of the other end arrived.",
     "Does the signaling server pass candidates on, to the right end and before it closes?",
     "candidates are not passed on"},
    {kOnlyHostCandidates, "only_host_candidates",
     "Both ends had addresses of their own network only, and no pair of them worked.",
     "TURN is not configured or not reachable: give both ends a TURN server.",
     "only host candidates: configure TURN"},
    {kNoRelayConfiguredSymmetricNat, "no_relay_configured_symmetric_nat",
     "STUN gave mapped addresses, no pair of them worked, and no TURN server is configured: so it "
     "is with a symmetric NAT, or one that filters by address and port.",
     "Configure a TURN server: STUN alone does not get through such NATs.",
     "STUN alone does not get through: configure TURN"},
    {kIceNoPair, "ice_no_pair", "Both ends had candidates, and no pair of them worked.",
     "Check that the relays reach each other (peer rules, relay ports in the firewall), or add "
     "TURN over TCP or TLS.",
     "the two ends have no path to each other"},
    {kDtlsFailed, "dtls_failed", "ICE connected, and then DTLS did not.",
     "Something lets STUN pass but not DTLS: look for packet size limits (MTU), filters, and "
     "fingerprints that a server rewrote.",
     "something lets STUN pass but not DTLS"},
    {kConnectedNoMedia, "connected_no_media",
     "Connected, but some media did not arrive at some end in time.",
     "Something lets DTLS pass but not media: look for bandwidth limits and for codecs that one "
     "end cannot receive.",
     "something lets DTLS pass but not media"},

    {kHostOverloaded, "host_overloaded", "The call ran out of time on a bot host that fell behind.",
     "Lower the rate or give turnout more CPU: this says nothing of your system.",
     "turnout had too little CPU"},
    {kHostCrashed, "host_crashed", "The bot host died.",
     "This is a fault of turnout, not of your system: please report it with events.jsonl.",
     "this is a fault of turnout"},
    {kInterrupted, "interrupted", "The run was stopped.",
     "Let the run end; these calls say nothing.", "the run was stopped"},
    {kInternal, "internal", "A bug of turnout.",
     "This is a fault of turnout, not of your system: please report it with events.jsonl.",
     "this is a fault of turnout"},
};

}  // namespace

std::span<const PrimaryCauseWords> allPrimaryCauses() {
  return kAll;
}

const PrimaryCauseWords& wordsOf(PrimaryCause cause) {
  const PrimaryCauseWords& words = kAll[static_cast<std::size_t>(cause)];
  TURNOUT_CHECK(words.cause == cause, "the table is in the order of the enumerators");
  return words;
}

}  // namespace turnout
