#include "orchestrator/results/diagnosis/server_diagnosis.h"

#include "orchestrator/results/fold/figures.h"
#include "pipelines/ice/ice_server.h"
#include "pipelines/stun/socket_address.h"
#include "scenarios/server_source.h"

#include <algorithm>
#include <charconv>

namespace turnout {
namespace {

struct Endpoint {
  std::string host_port;
  IceScheme scheme = IceScheme::kTurn;
  TurnTransport transport = TurnTransport::kUdp;
};

// The host and port of a placeholder are the placeholder: UDP and TCP of coturn share a port.
std::optional<Endpoint> endpointOf(const std::string& url) {
  const auto server = parseIceServerUrl(withAddress(url, "placeholder.invalid"));
  if (!server)
    return std::nullopt;
  const std::size_t open = url.find('{'), close = url.find('}');
  if (open != std::string::npos && close != std::string::npos)
    return Endpoint{url.substr(open, close - open + 1), server->scheme, server->transport};
  return Endpoint{hostPort(server->host, server->port), server->scheme, server->transport};
}

bool isError(const IceServerOutcome& outcome) {
  return outcome.error_code != 0 && outcome.error_code != kNoStunAnswer;
}

const char* stageText(const IceServerOutcome& outcome) {
  switch (outcome.stage) {
    case ServerStage::kName:
      return "DNS";
    case ServerStage::kConnect: {
      const auto endpoint = endpointOf(outcome.url);
      return endpoint && endpoint->transport == TurnTransport::kUdp ? "UDP" : "TCP";
    }
    case ServerStage::kTls:
      return "TLS";
    case ServerStage::kAllocate:
      return "Allocate";
    case ServerStage::kSecondAllocate:
      return "second allocation";
    case ServerStage::kPermission:
      return "permission";
    case ServerStage::kChannel:
      return "channel";
    case ServerStage::kEcho:
      return "echo";
    case ServerStage::kOutside:
      return "from outside";
    case ServerStage::kBurst:
      return "burst";
    case ServerStage::kNone:
    case ServerStage::kStun:
      break;
  }
  return "";
}

// Its last answer took a good part of the time that it had: the next may just be on its way. A server
// that had time for many answers, and gave one, has stopped.
bool isSlow(const IceServerOutcome& outcome) {
  constexpr double kAnswers = 8;
  return outcome.fault == ServerFault::kTimeout && outcome.rtt_ms &&
         *outcome.rtt_ms * kAnswers >= outcome.elapsed_ms;
}

// It spoke TURN before.
bool isHungUpOn(const IceServerOutcome& outcome) {
  return outcome.fault == ServerFault::kClosed && outcome.rtt_ms;
}

// Words of libraries are kept where they tell more than ours.
std::string reasonText(const IceServerOutcome& outcome) {
  const std::string& told = outcome.error_text;
  switch (outcome.fault) {
    case ServerFault::kErrorResponse:
    case ServerFault::kNone:
      return told;
    case ServerFault::kNoChallenge:
      return told + (told.empty() ? "" : " ") + "without a realm and nonce that browsers take";
    case ServerFault::kTimeout:
      return isSlow(outcome) ? "slow: an answer took " + millisecondsText(*outcome.rtt_ms) +
                                   ", the next did not come in time"
                             : "no answer";
    case ServerFault::kRefused:
      return told.empty() ? "refused" : told;
    case ServerFault::kUnreachable:
      return told.empty() ? "no route" : told;
    case ServerFault::kClosed:
      return isHungUpOn(outcome) ? "the server ended the connection in the middle of it"
                                 : "the connection ended without an answer";
    case ServerFault::kUnknownName:
      return told.empty() ? "no such name" : told;
    case ServerFault::kCertificate:
      return "certificate " + spaced(toString(outcome.certificate_fault));
    case ServerFault::kClientCertificate:
      return "it wants a certificate of the client";
    case ServerFault::kTlsTooOld:
      return "older than TLS 1.2";
    case ServerFault::kNoTls:
      return told.empty() ? "not spoken" : told;
    case ServerFault::kMalformed:
      return told.empty() ? "an answer that is none" : told;
    case ServerFault::kUnsigned:
      return "an answer that is not signed with the credential";
    case ServerFault::kLost:
      return told.empty() ? "data through the relay is lost" : told;
    case ServerFault::kOurSide:
      return told.empty() ? "not possible here" : told;
    case ServerFault::kOtherAddress:
      return "no answer, while " + told + " of the same name does answer";
    case ServerFault::kOtherFamily:
      return "no address of its family here";
    case ServerFault::kRedirected:
      return "sent us to " + outcome.address;
    case ServerFault::kRelayOnly:
      return "not asked: relay only";
    case ServerFault::kOneStunOnly:
      return "not asked: one STUN server is, the first";
    case ServerFault::kTooManyRelays:
      return "not asked: eight TURN servers are at most";
    case ServerFault::kSameEndpoint:
      return "not asked: another entry has the same address";
  }
  return told;
}

PrimaryCause causeOf401(const IceServerOutcome& outcome, const ServerCircumstances& circumstances) {
  const auto endpoint = endpointOf(outcome.url);
  if (endpoint && endpoint->scheme == IceScheme::kStun)
    return PrimaryCause::kStunAuth;
  if (outcome.username.empty() && outcome.stage != ServerStage::kNone)  // kNone: an old log
    return PrimaryCause::kTurnCredentialMissing;
  const auto expiry = expiryOf(outcome.username);
  const bool is_over = expiry && circumstances.unix_time && *expiry <= *circumstances.unix_time;
  return is_over ? PrimaryCause::kTurnCredentialExpired : PrimaryCause::kTurnAuth;
}

bool isOfPeer(ServerStage stage) {
  return stage == ServerStage::kPermission || stage == ServerStage::kChannel ||
         stage == ServerStage::kOutside;
}

// RFC 8489 14.8, RFC 8656 19.
PrimaryCause causeOfError(const IceServerOutcome& outcome,
                          const ServerCircumstances& circumstances) {
  if (outcome.fault == ServerFault::kNoChallenge)
    return PrimaryCause::kTurnBadChallenge;
  if (isOfPeer(outcome.stage))
    return outcome.error_code == 403 ? PrimaryCause::kTurnForbiddenPeer
                                     : PrimaryCause::kTurnPeerRefused;
  switch (outcome.error_code) {
    case 300:
      return PrimaryCause::kTurnRedirected;
    case 400:  // what Pion answers to a wrong password
      return outcome.stage == ServerStage::kAllocate ? causeOf401(outcome, circumstances)
                                                     : PrimaryCause::kTurnError;
    case 401:
    case 441:
      return causeOf401(outcome, circumstances);
    case 403:
      return PrimaryCause::kTurnForbidden;
    case 437:
      return PrimaryCause::kTurnMismatch;
    case 438:
      return PrimaryCause::kTurnStaleNonce;
    case 440:
    case 442:
      return PrimaryCause::kTurnUnsupported;
    case 486:
      return PrimaryCause::kTurnQuota;
    case 508:
      return PrimaryCause::kTurnNoCapacity;
    default:
      return PrimaryCause::kTurnError;
  }
}

PrimaryCause causeOf(CertificateFault fault) {
  switch (fault) {
    case CertificateFault::kOtherHost:
      return PrimaryCause::kTlsWrongName;
    case CertificateFault::kNoName:
      return PrimaryCause::kTlsNoName;
    case CertificateFault::kExpired:
      return PrimaryCause::kTlsExpired;
    case CertificateFault::kNotValidYet:
      return PrimaryCause::kTlsNotValidYet;
    case CertificateFault::kNone:
    case CertificateFault::kUnknownIssuer:
    case CertificateFault::kRevoked:
    case CertificateFault::kInsecure:
    case CertificateFault::kInvalid:
      break;
  }
  return PrimaryCause::kTlsUntrusted;
}

PrimaryCause causeOfTls(const IceServerOutcome& outcome) {
  switch (outcome.fault) {
    case ServerFault::kCertificate:
      return causeOf(outcome.certificate_fault);
    case ServerFault::kClientCertificate:
      return PrimaryCause::kTlsClientCertificate;
    case ServerFault::kTlsTooOld:
      return PrimaryCause::kTlsTooOld;
    default:
      return PrimaryCause::kTlsNotSpoken;
  }
}

// Nothing was heard of the server: is it the server, or the way there?
PrimaryCause causeOfNothing(const IceServerOutcome& outcome,
                            const ServerCircumstances& circumstances) {
  const auto endpoint = endpointOf(outcome.url);
  const bool is_udp = endpoint && endpoint->transport == TurnTransport::kUdp;
  if (is_udp)
    return circumstances.stream_endpoints.contains(endpoint->host_port)
               ? PrimaryCause::kUdpBlocked
               : PrimaryCause::kTurnUnreachable;
  const bool is_connected =
      outcome.stage >= ServerStage::kStun && outcome.fault != ServerFault::kRefused;
  return is_connected ? PrimaryCause::kTurnNotSpoken : PrimaryCause::kTurnUnreachable;
}

PrimaryCause causeOfSilence(const IceServerOutcome& outcome,
                            const ServerCircumstances& circumstances) {
  if (outcome.fault == ServerFault::kOurSide)
    return PrimaryCause::kOurSide;
  if (outcome.fault == ServerFault::kOtherAddress)
    return PrimaryCause::kTurnAddressDead;
  if (outcome.fault == ServerFault::kUnsigned)
    return PrimaryCause::kTurnUnsigned;
  if (isSlow(outcome))
    return PrimaryCause::kTurnSlow;
  if (outcome.fault == ServerFault::kMalformed && outcome.stage == ServerStage::kStun)
    return PrimaryCause::kTurnNotSpoken;  // nothing that it said was any
  if (outcome.fault == ServerFault::kMalformed || isHungUpOn(outcome))
    return PrimaryCause::kTurnError;
  switch (outcome.stage) {
    case ServerStage::kName:
      return PrimaryCause::kDnsFailure;
    case ServerStage::kTls:
      return causeOfTls(outcome);
    case ServerStage::kEcho:
    case ServerStage::kOutside:
      return PrimaryCause::kTurnRelayBlocked;
    case ServerStage::kBurst:
      return PrimaryCause::kTurnLossy;
    case ServerStage::kSecondAllocate:
    case ServerStage::kPermission:
      return PrimaryCause::kTurnUnreachable;
    case ServerStage::kChannel:
      return outcome.fault == ServerFault::kLost ? PrimaryCause::kTurnRelayBlocked
                                                 : PrimaryCause::kTurnUnreachable;
    case ServerStage::kNone:
    case ServerStage::kConnect:
    case ServerStage::kStun:
    case ServerStage::kAllocate:
      break;
  }
  return causeOfNothing(outcome, circumstances);
}

// "turn:a:3478 answered 401 Unauthorized to user x"; "turns:a: TLS: certificate expired"
std::string evidenceOf(const IceServerOutcome& outcome) {
  if (!isError(outcome))
    return outcome.url + ": " + codedFaultText(outcome);
  const std::string to = outcome.username.empty() ? "" : " to user " + outcome.username;
  return outcome.url + " answered " + codedFaultText(outcome) + to;
}

std::string spanText(std::chrono::seconds span) {
  const auto count = static_cast<int>(span.count());
  if (count < 120)
    return countText(count, "second");
  if (count < 7200)
    return countText(count / 60, "minute");
  return count < 48 * 3600 ? countText(count / 3600, "hour") : countText(count / 86400, "day");
}

// Of a certificate: what a person needs to tell it from others.
std::string certificateText(const ServerCertificate& certificate) {
  switch (certificate.fault) {
    case CertificateFault::kUnknownIssuer:
      return "issued by " + certificate.issuer;
    case CertificateFault::kOtherHost:
    case CertificateFault::kNoName:
      return "it is for " + certificate.subject;
    case CertificateFault::kExpired:
      return "since " + certificate.expires;
    default:
      return "";
  }
}

}  // namespace

bool isTurn(const std::string& url) {
  const auto endpoint = endpointOf(url);
  return endpoint && endpoint->scheme == IceScheme::kTurn;
}

bool isElsewhere(const std::string& url, const std::string& relay) {
  const auto server = parseIceServerUrl(url);  // not of a placeholder
  if (!server || server->host == relay)
    return false;
  const bool is_literal = socketAddress(server->host, server->port).has_value();
  const bool is_name_here = server->host == "localhost";
  return is_literal || (isPrivate(relay) && !is_name_here);
}

void addStreamEndpoint(const IceServerOutcome& outcome, std::set<std::string>& endpoints) {
  const auto endpoint = endpointOf(outcome.url);
  if (outcome.error_code != kNoStunAnswer && endpoint && endpoint->scheme == IceScheme::kTurn &&
      endpoint->transport == TurnTransport::kTcp)
    endpoints.insert(endpoint->host_port);
}

std::string serverFaultText(const IceServerOutcome& outcome) {
  if (outcome.error_code == 0)
    return {};
  const std::string stage = stageText(outcome);
  const bool is_plain = stage.empty() || isNotAsked(outcome.fault) ||
                        (outcome.stage == ServerStage::kAllocate && isError(outcome));
  return (is_plain ? "" : stage + ": ") + reasonText(outcome);
}

std::string codedFaultText(const IceServerOutcome& outcome) {
  if (!isError(outcome))
    return serverFaultText(outcome);
  const bool is_of_server = outcome.stage <= ServerStage::kAllocate;
  const std::string reason = reasonText(outcome);
  return (is_of_server ? "" : std::string(stageText(outcome)) + ": ") +
         std::to_string(outcome.error_code) + (reason.empty() ? "" : " " + reason);
}

std::string noticeText(ProbeNotice notice, const ServerReport& server) {
  switch (notice) {
    case ProbeNotice::kRelayElsewhere:
      return "its relay " + server.relayed_address + " has another address than the server, " +
             server.address;
    case ProbeNotice::kRelayPrivate:
      return "its relay " + server.relayed_address +
             " has a private address, which no other network reaches (external-ip)";
    case ProbeNotice::kRelayOtherFamily:
      return "its relay " + server.relayed_address + " is of another address family";
    case ProbeNotice::kOutsideNotTested:
      return "its relay was not tried from outside: UDP does not get there from here";
    case ProbeNotice::kOutsideForbidden:
      break;
  }
  return "it denies this machine's own private address as a peer: ends in that network need relays "
         "on both sides";
}

std::optional<Diagnosis> diagnosisOf(const IceServerOutcome& outcome,
                                     const ServerCircumstances& circumstances) {
  if (outcome.error_code == 0 || isNotAsked(outcome.fault))
    return std::nullopt;
  Diagnosis found{isError(outcome) ? causeOfError(outcome, circumstances)
                                   : causeOfSilence(outcome, circumstances),
                  evidenceOf(outcome)};
  if (found.cause == PrimaryCause::kTurnCredentialExpired)
    found.evidence += ", which had expired " +
                      spanText(*circumstances.unix_time - *expiryOf(outcome.username)) + " before";
  if (found.cause == PrimaryCause::kUdpBlocked)
    found.evidence += ", while " + endpointOf(outcome.url)->host_port + " answers over TCP";
  return found;
}

std::optional<Diagnosis> worstTurnFault(const std::vector<IceServerOutcome>& servers,
                                        const ServerCircumstances& circumstances) {
  std::optional<Diagnosis> worst;
  for (const IceServerOutcome& server : servers) {
    if (!isTurn(server.url))
      continue;
    auto found = diagnosisOf(server, circumstances);
    if (found && (!worst || found->cause < worst->cause))
      worst = std::move(found);
  }
  return worst;
}

// With a relay or an error: it is a TURN server.
static bool hasAnsweredAllocate(const ServerReport& server) {
  return !server.fault || isError(*server.fault) || server.fault->stage > ServerStage::kAllocate;
}

std::optional<Diagnosis> diagnosisOf(const ServerReport& server, const ProbeReport& all,
                                     std::chrono::seconds now) {
  if (!server.fault)
    return std::nullopt;
  ServerCircumstances circumstances{now, {}};
  // Where a server was sent to is not what its URL says.
  const bool is_of_url = server.redirected_by.empty();
  for (const ServerReport& other : all.servers)
    if (is_of_url && other.redirected_by.empty() && hasAnsweredAllocate(other)) {
      IceServerOutcome answered;
      answered.url = other.url;
      addStreamEndpoint(answered, circumstances.stream_endpoints);
    }
  auto found = diagnosisOf(*server.fault, circumstances);
  if (!found)
    return found;
  if (server.fault->fault == ServerFault::kCertificate && server.certificate)
    if (const std::string more = certificateText(*server.certificate); !more.empty())
      found->evidence += " (" + more + ")";
  if (server.fault->stage == ServerStage::kOutside && !isError(*server.fault)) {
    found->evidence +=
        " (relay " + server.relayed_address + " of the server at " + server.address + ")";
    if (server.has(ProbeNotice::kRelayElsewhere) || server.has(ProbeNotice::kRelayPrivate))
      found->cause = PrimaryCause::kTurnExternalIpWrong;
  }
  return found;
}

std::optional<std::chrono::seconds> expiryOf(const std::string& user) {
  constexpr std::ptrdiff_t kDigits = 10;  // of the years 2001 to 2286
  std::int64_t seconds = 0;
  const char* const end = user.data() + user.size();
  const auto [rest, failure] = std::from_chars(user.data(), end, seconds);
  if (failure != std::errc() || rest - user.data() != kDigits || (rest != end && *rest != ':'))
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

}  // namespace turnout
