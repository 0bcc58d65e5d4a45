#include "orchestrator/results/diagnosis/primary_cause.h"

#include "pipelines/base/result.h"

namespace turnout {
namespace {

using enum PrimaryCause;

constexpr PrimaryCauseWords kAll[] = {
    {kSignalingUnreachable, "signaling_unreachable", "No socket to the signaling server.",
     "Is the signaling server up, and does its port let you in?", "is the signaling server up?"},
    {kSignalingSilent, "signaling_silent",
     "Something accepts connections at the signaling URL, and never answers.",
     "Is it the right port, and is the server behind it alive? Firewalls and load balancers may "
     "accept for one that is not.",
     "what is at the signaling URL never answers"},
    {kSignalingTls, "signaling_tls", "There is no TLS with the signaling server.",
     "Use http: or ws: for a port without TLS. Else its certificate must be for the name in the "
     "URL, and from an issuer that is trusted (signaling.tls).",
     "check TLS of the signaling server"},
    {kSignalingNotHttp, "signaling_not_http",
     "What listens at the signaling URL does not speak HTTP, or hangs up.",
     "Check host and port: it is another kind of server (SSH, a TLS port that is asked in plain).",
     "another kind of server is at the signaling URL"},
    {kSignalingLogin, "signaling_login",
     "HTTP 401, 403 or 407 at the signaling URL, before Socket.IO begins.",
     "The server, or a proxy before it, wants a login: let the bots through, or give its headers "
     "and cookies in a dialect.",
     "the signaling URL wants a login"},
    {kSignalingBadGateway, "signaling_bad_gateway",
     "HTTP 502, 503 or 504 at the signaling URL: a proxy answers, and what is behind it does not.",
     "Is the signaling server up, and does the proxy send /socket.io/ there?",
     "the proxy does not reach the signaling server"},
    {kSignalingNoSocketIo, "signaling_no_socket_io",
     "An HTTP server answers at the signaling URL, and there is no Socket.IO at /socket.io/.",
     "Check host and port. An app below a path, or with a path of its own, needs a dialect.",
     "there is no Socket.IO at the signaling URL"},
    {kSignalingPlainWebSocket, "signaling_plain_websocket",
     "The server takes WebSockets, and speaks no Socket.IO.",
     "Describe its messages in a dialect (docs/DIALECTS.md).",
     "the signaling server speaks plain WebSocket: use a dialect"},
    {kSignalingSocketIo2, "signaling_socket_io_2", "The server speaks Socket.IO 1 or 2.",
     "Our own protocol wants Socket.IO 3 or 4; a dialect can speak 2 (docs/DIALECTS.md).",
     "the signaling server speaks Socket.IO 2"},
    {kSignalingOtherApp, "signaling_other_app",
     "The server speaks Socket.IO, and does not answer the events of our protocol.",
     "It is another app: describe its events in a dialect (docs/DIALECTS.md), or check the URL.",
     "the signaling server is of another app: use a dialect"},
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
    {kTurnAuth, "turn_auth",
     "The TURN server answered 401, or 400 to the login: it does not accept the credential.",
     "Check the secret or password, the user name and the realm; for TURN REST also the clocks of "
     "both machines.",
     "check the secret or the clock"},
    {kTurnCredentialMissing, "turn_credential_missing",
     "The TURN server wants a credential, and none was given.",
     "Give a user name and a password (--username, TURN_CREDENTIAL or --credential-file).",
     "give a TURN credential"},
    {kTurnBadChallenge, "turn_bad_challenge",
     "The TURN server answered 401 or 438 without a realm and a nonce that browsers take, so that "
     "nobody can log in.",
     "A fault of the server, not of the password: turn its long-term credentials on (lt-cred-mech "
     "or use-auth-secret) and set a realm (of at most 508 bytes), or update it.",
     "the TURN server asks for a login that nobody can give"},
    {kTurnStaleNonce, "turn_stale_nonce",
     "The TURN server answered 438 to nonces that it had just given.",
     "Several servers behind one address do not share their state, the client's address changes "
     "between its requests (SNAT, a load balancer), or the clock of the server jumps.",
     "the TURN server calls each new nonce stale"},
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
    {kTurnPeerRefused, "turn_peer_refused",
     "The TURN server made a relay, and refused the other end with a code other than 403.",
     "443: the relay and the peer are of different address families, so relay both; 400 or 508: "
     "the log of the TURN server tells why it refuses permissions.",
     "the TURN server refuses the peer"},
    {kTurnMismatch, "turn_mismatch",
     "The TURN server answered 437: it takes our socket for one that has an allocation.",
     "Something between mixes up clients: look at NATs and load balancers in front of the TURN "
     "server that give two clients the same address and port.",
     "something mixes up clients of the TURN server"},
    {kTurnUnsupported, "turn_unsupported",
     "The TURN server answered 440 or 442: it does not relay this address family or transport.",
     "Give it a relay address of that family (relay-ip; 440), let it relay UDP (coturn: without "
     "no-udp-relay; 442), or leave the server out for these clients.",
     "the TURN server does not relay this address family"},
    {kTurnRedirected, "turn_redirected",
     "The TURN server answered 300: it sends its clients to another one.",
     "List the other server itself, or look why it could not be used from here.",
     "the TURN server sends its clients elsewhere"},
    {kTurnError, "turn_error",
     "The TURN server answered with another error, or with less than an answer holds.",
     "Look the code up in RFC 8656 section 19 and at the log of the TURN server. An answer that is "
     "malformed or incomplete is a mistake of the server, or of something on the way that rewrites "
     "it.",
     "look at the log of the TURN server"},
    {kTurnUnsigned, "turn_unsigned",
     "The TURN server gives a relay in an answer that is not signed with the credential, which "
     "browsers do not take.",
     "If it asks for no login at all, turn authentication on (coturn: lt-cred-mech or "
     "use-auth-secret instead of no-auth): an open relay serves attackers, too. Else it signs with "
     "another password or realm, or something on the way rewrites its answers.",
     "the TURN server does not sign its answers"},
    {kStunAuth, "stun_auth", "The STUN server wants a credential, which browsers do not give.",
     "Use another STUN server for stun: URLs, or let this one answer Binding requests of "
     "everybody.",
     "the STUN server wants a credential"},
    {kTurnServerDied, "turn_server_died", "The TURN server of the run died, or was killed.",
     "Run more than one TURN server and list them all; find out why this one died.",
     "the TURN server died"},
    {kTurnExternalIpWrong, "turn_external_ip_wrong",
     "The TURN server gives relay addresses that are not its own, and nothing gets to them from "
     "outside.",
     "Set external-ip to the public address of the server (public/private behind a 1:1 NAT, as in "
     "clouds and containers), or relay-ip to an address that clients can reach.",
     "the external address of the TURN server is wrong"},
    {kTurnRelayBlocked, "turn_relay_blocked",
     "The TURN server makes relays, and nothing gets through their ports.",
     "Open its relay ports (UDP, min-port to max-port) in its firewall and publish them where it "
     "runs in a container, and check its external address (external-ip).",
     "the relay ports of the TURN server are closed"},
    {kTurnLossy, "turn_lossy",
     "The TURN server lost a good part of a second of data at the rate of a video call.",
     "Raise its limits (max-bps, bps-capacity), give it more CPU or network, or look for a way "
     "that "
     "drops packets of 1100 bytes.",
     "the TURN server loses data"},
    {kTlsWrongName, "tls_wrong_name", "The certificate of the TURN server is for another name.",
     "Use the name in the certificate in the URL, or a certificate with the name in the URL.",
     "the certificate is for another name"},
    {kTlsNoName, "tls_no_name",
     "The certificate of the TURN server has no subjectAltName, which browsers want.",
     "Get a certificate with the name of the server as subjectAltName: a common name is not enough "
     "(RFC 9525).",
     "the certificate has no subjectAltName"},
    {kTlsExpired, "tls_expired", "The certificate of the TURN server has expired.",
     "Renew it, and have the TURN server load the new one.", "the certificate has expired"},
    {kTlsNotValidYet, "tls_not_valid_yet", "The certificate of the TURN server is not valid yet.",
     "Check the clocks of this machine and of the one that made the certificate.",
     "the certificate is not valid yet"},
    {kTlsUntrusted, "tls_untrusted", "The certificate of the TURN server is not trusted.",
     "Send the whole chain from an issuer that clients trust; for an issuer of your own set "
     "tls.ca_file (--ca).",
     "the certificate is not trusted"},
    {kTlsClientCertificate, "tls_client_certificate",
     "The TURN server wants a certificate of the client, which browsers do not have.",
     "Do not let it verify clients (coturn: remove CA-file), or stop the proxy in front of it from "
     "doing so.",
     "the TURN server wants a certificate of the client"},
    {kTlsTooOld, "tls_too_old",
     "The TURN server speaks no TLS that browsers take: they want TLS 1.2 or later.",
     "Allow TLS 1.2 and 1.3 on the TURN server.", "the TLS of the TURN server is too old"},
    {kTlsNotSpoken, "tls_not_spoken", "Something listens on the TLS port, and does not speak TLS.",
     "Check that turns: points to the TLS port (5349 or 443) and that the server has a certificate "
     "and key it can read.",
     "the port does not speak TLS"},
    {kTurnNotSpoken, "turn_not_spoken",
     "Something accepts connections on the port of the TURN server, and does not answer TURN.",
     "Is it a TLS port (turns:), a web server, or a proxy that waits for something else?",
     "the port does not speak TURN"},
    {kUdpBlocked, "udp_blocked",
     "TURN over UDP had no answer, while the same host and port answers over TCP or TLS.",
     "Open UDP to the TURN port and its relay ports, have a server with several addresses answer "
     "from the one that was asked (coturn: listening-ip), or list turn:...?transport=tcp and "
     "turns: on 443 for networks that block it.",
     "UDP is blocked"},
    {kDnsFailure, "dns_failure", "The name of the TURN server has no address.",
     "Check the spelling of the host and its DNS record.",
     "the name of the TURN server does not resolve"},
    {kTurnAddressDead, "turn_address_dead",
     "The first address of the TURN server's name did not answer, and another one does.",
     "Take the dead address out of the DNS record: over UDP browsers ask the first one of each "
     "family only. Over TCP and TLS they try the next.",
     "the first address of the name is dead"},
    {kTurnSlow, "turn_slow",
     "The TURN server answers, but is so far away that the deadline passed first.",
     "Raise deadlines.connect_ms: a relayed call takes about eight round trips to its servers. Put "
     "a "
     "TURN server nearer to the users.",
     "put a TURN server nearer, or raise the connect deadline"},
    {kTurnUnreachable, "turn_unreachable",
     "The TURN server did not answer, or not all that it was asked.",
     "Is it up, and a TURN server rather than STUN alone? Check address, port and protocol, the "
     "firewalls on the way, this machine's too, any proxy, and that it answers from the address "
     "that was asked.",
     "check the TURN address and the firewall"},
    {kOurSide, "our_side", "The server was not asked: something is wrong on this side.",
     "Correct what the evidence names: a file, an address, or a setting of this machine.",
     "turnout could not ask the server"},

    {kNoRemoteCandidates, "no_remote_candidates", "No candidate of the other end arrived.",
     "Does the signaling server pass candidates on, to the right end and before it closes?",
     "candidates are not passed on"},
    {kBoundToLoopback, "bound_to_loopback",
     "The bots were bound to loopback addresses, and the other end is no bot.",
     "Bind them where partners reach them (local_addresses, --local-address): a browser has no "
     "candidate of 127.0.0.1 unless it is told to.",
     "bots were bound to loopback: set local_addresses"},
    {kOnlyHostCandidates, "only_host_candidates",
     "Both ends had addresses of their own network only, and no pair of them worked.",
     "TURN is not configured or not reachable: give both ends a TURN server.",
     "only host candidates: configure TURN"},
    {kNoRelayConfigured, "no_relay_configured",
     "STUN gave mapped addresses, no pair of them worked, and no TURN server is configured.",
     "Configure a TURN server. STUN alone does not connect ends whose NATs map or filter by "
     "address "
     "and port (RFC 4787 4.1, 5); turnout probe tells which kind is in the way.",
     "STUN alone did not connect: configure TURN"},
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
    {kHostStalled, "host_stalled",
     "A process of turnout stood still while the call was made, so it says nothing of the network.",
     "Give turnout a machine, or cores, of its own: what stops it is outside of it.",
     "turnout stood still"},
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
