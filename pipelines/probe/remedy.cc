#include "pipelines/probe/remedy.h"

#include "pipelines/ice/servers/server_outcomes.h"

#include <charconv>
#include <optional>

namespace turnout {
namespace {

// "1795248542:alice" or "1795248542" (draft-uberti-behave-turn-rest-00 2.2).
std::optional<std::chrono::seconds> expiryOf(const std::string& username) {
  std::int64_t seconds = 0;
  const char* end = username.data() + username.size();
  const auto [rest, error] = std::from_chars(username.data(), end, seconds);
  constexpr std::int64_t kYear2001 = 1'000'000'000;  // smaller numbers are names
  if (error != std::errc() || seconds < kYear2001 || (rest != end && *rest != ':'))
    return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string spanText(std::chrono::seconds span) {
  const auto count = span.count();
  if (count < 120)
    return std::to_string(count) + " s";
  if (count < 7200)
    return std::to_string(count / 60) + " minutes";
  if (count < 48 * 3600)
    return std::to_string(count / 3600) + " hours";
  return std::to_string(count / (24 * 3600)) + " days";
}

std::string portText(const ServerReport& report) {
  return (report.transport == TurnTransport::kUdp ? "UDP port " : "TCP port ") +
         std::to_string(report.port);
}

bool isRefused(const ProbeFault& fault) {
  return fault.text.find("refused") != std::string::npos;
}

std::string connectRemedy(const ServerReport& report) {
  if (isRefused(*report.fault))
    return "Nothing listens on " + portText(report) +
           ": is the server up, and is this the right port and transport?";
  return "No connection to " + portText(report) +
         ": the host is down, or a firewall on the way drops it. Where only 443 is open, serve "
         "TURN over TLS on 443.";
}

std::string tlsRemedy(const ServerReport& report) {
  if (!report.certificate || report.certificate->fault == CertificateFault::kNone)
    return "The TLS handshake failed: does this port speak TLS, and is it the server's "
           "tls-listening-port?";
  const ProbeCertificate& certificate = *report.certificate;
  switch (certificate.fault) {
    case CertificateFault::kUnknownIssuer:
      return "The certificate was issued by " + certificate.issuer +
             ", whom this machine does not trust: serve the whole chain, or name your own "
             "authority with --ca.";
    case CertificateFault::kOtherHost:
      return "The certificate is for " + certificate.subject + ", not for " + report.host +
             ": use the name in the certificate, or get one for this host.";
    case CertificateFault::kExpired:
      return "The certificate expired on " + certificate.expires +
             ": renew it, and have the TURN server load the new one.";
    case CertificateFault::kNotValidYet:
      return "The certificate is not valid yet: check the clocks of this machine and the server.";
    default:
      return "The certificate is " + std::string(toString(certificate.fault)) +
             ": get a new one from an authority that browsers trust.";
  }
}

std::string silenceRemedy(const ServerReport& report) {
  if (isRefused(*report.fault))
    return connectRemedy(report);
  if (report.transport == TurnTransport::kUdp)
    return "No answer from " + portText(report) +
           ": a firewall drops UDP, the host is down, or nothing listens there. Offer TURN over "
           "TCP or TLS as well.";
  return "The connection to " + portText(report) + " is up, but nobody there speaks TURN" +
         (report.transport == TurnTransport::kTcp ? ": is it a TLS port (turns:), or a web server?"
                                                  : ": is it a web server?");
}

std::string authRemedy(const ServerReport& report, std::chrono::seconds now) {
  if (report.username.empty())
    return "The server wants a credential: give a user name (--username) and a password "
           "(TURN_CREDENTIAL or --credential-file).";
  if (const auto expiry = expiryOf(report.username); expiry && *expiry <= now)
    return "The credential of user " + report.username + " expired " + spanText(now - *expiry) +
           " ago: get a new one, and check the clock of who makes them.";
  if (expiryOf(report.username))
    return "The server does not know user " + report.username +
           ": check the shared secret (static-auth-secret) and the server's clock.";
  return "The server refuses user " + report.username +
         " with this password: check both, and the realm they are for.";
}

std::string refusalRemedy(const ServerReport& report, std::chrono::seconds now) {
  switch (report.fault->code) {  // RFC 8489 14.8, RFC 8656 19
    case 300:
      return "The server sends its clients to another one: ask that one instead.";
    case 401:
    case 441:
      return authRemedy(report, now);
    case 403:
      return "The server forbids allocations to this user or from this address: check its access "
             "rules.";
    case 437:
      return "The server thinks that our socket already has an allocation: a load balancer or NAT "
             "on the way mixes up clients.";
    case 438:
      return "The server calls each new nonce stale: several servers behind one address do not "
             "share their state, or its clock jumps.";
    case 440:
    case 442:
      return "The server cannot relay this address family or transport: check its relay "
             "addresses.";
    case 486:
      return "The user has as many allocations as the server allows (user-quota): raise the quota, "
             "or release allocations that are left over.";
    case 508:
      return "The server has no relay port left: widen its port range (min-port, max-port) or add "
             "servers.";
    case kNoAnswer:
      return "The server answered at first and then no more: it may be overloaded.";
    default:
      return "The server refuses allocations: its log tells why.";
  }
}

std::string permissionRemedy(const ServerReport& report, std::chrono::seconds now) {
  if (report.fault->code == 403)
    return "The server forbids its own relay address as a peer (denied-peer-ip): calls in which "
           "both sides relay through it fail. If that is meant, probe with --no-echo.";
  return refusalRemedy(report, now);
}

}  // namespace

std::string faultText(const ServerReport& report) {
  if (!report.fault)
    return {};
  const ProbeFault& fault = *report.fault;
  if (fault.code != kNoAnswer)
    return std::to_string(fault.code) + " " + fault.text;
  switch (fault.stage) {
    case ProbeStage::kName:
      return "DNS: " + fault.text;
    case ProbeStage::kConnect:
      return std::string(report.transport == TurnTransport::kUdp ? "UDP: " : "TCP: ") + fault.text;
    case ProbeStage::kTls:
      return "TLS: " + fault.text;
    case ProbeStage::kStun:
      return "STUN: " + fault.text;
    case ProbeStage::kAllocate:
      return "Allocate: " + fault.text;
    case ProbeStage::kPermission:
      return "permission: " + fault.text;
    case ProbeStage::kEcho:
      break;
  }
  return "echo: " + fault.text;
}

std::string remedyFor(const ServerReport& report, std::chrono::seconds now) {
  if (!report.fault)
    return {};
  switch (report.fault->stage) {
    case ProbeStage::kName:
      return "The name " + report.host +
             " has no address here: check its spelling and this machine's DNS.";
    case ProbeStage::kConnect:
      return connectRemedy(report);
    case ProbeStage::kTls:
      return tlsRemedy(report);
    case ProbeStage::kStun:
      return report.fault->code == kNoAnswer ? silenceRemedy(report) : refusalRemedy(report, now);
    case ProbeStage::kAllocate:
      return refusalRemedy(report, now);
    case ProbeStage::kPermission:
      return permissionRemedy(report, now);
    case ProbeStage::kEcho:
      break;
  }
  return "Allocations are made, but data does not get from one to the other: open the server's "
         "relay ports (UDP min-port to max-port) in its firewall, and check its external address "
         "(external-ip).";
}

}  // namespace turnout
