#include "tests/unit/probe/report_samples.h"

namespace turnout {
namespace {

ServerReport serverOf(const std::string& url) {
  const IceServer server = *parseIceServerUrl(url);
  ServerReport report;
  report.url = url;
  report.scheme = server.scheme;
  report.host = server.host;
  report.port = server.port;
  report.transport = server.transport;
  report.username = server.scheme == IceScheme::kTurn ? "alice" : "";
  return report;
}

}  // namespace

ServerReport workingServer(const std::string& url) {
  ServerReport report = serverOf(url);
  report.address = "192.0.2.1:" + std::to_string(report.port);
  report.dns_ms = 12.3;
  if (report.transport != TurnTransport::kUdp)
    report.tcp_ms = 20.04;
  if (report.transport == TurnTransport::kTls) {
    report.tls_ms = 45.5;
    report.certificate = {CertificateFault::kNone, "CN=turn.example.net", "CN=Example CA",
                          "2027-01-01T00:00:00Z"};
  }
  report.stun_ms = 20.5;
  report.mapped_address = "203.0.113.7:50000";
  report.elapsed_ms = 180;
  report.software = "Coturn-4.6.1";
  if (report.scheme == IceScheme::kTurn) {
    report.allocate_ms = 41;
    report.relayed_address = "192.0.2.1:49200";
    report.lifetime_s = 600;
    report.echo_ms = 22;
    report.outside_ms = 23;
    report.is_released = true;
  }
  return report;
}

ServerReport failingServer(const std::string& url, ServerStage stage, int code,
                           const std::string& text) {
  ServerReport report = serverOf(url);
  report.fault = noStunAnswer(
      stage, code == kNoStunAnswer ? ServerFault::kTimeout : ServerFault::kErrorResponse, text);
  report.fault->error_code = code;
  report.fault->url = url;
  report.fault->username = report.username;
  report.elapsed_ms = 60;
  if (stage >= ServerStage::kAllocate) {
    report.stun_ms = 20;
    report.mapped_address = "203.0.113.7:50001";
  }
  return report;
}

ProbeReport mixedReport() {
  ProbeReport report;
  report.servers = {
      workingServer("turn:turn.example.net"),
      workingServer("turns:turn.example.net"),
      workingServer("stun:stun.example.net"),
      failingServer("turn:a.example.net", ServerStage::kAllocate, 401, "Unauthorized"),
      failingServer("turn:b.example.net?transport=tcp", ServerStage::kAllocate, 401,
                    "Unauthorized"),
      failingServer("turns:c.example.net", ServerStage::kTls, kNoStunAnswer, ""),
      failingServer("turn:turn.example.net?transport=tcp", ServerStage::kConnect, kNoStunAnswer,
                    "")};
  report.servers[0].burst = ProbeBurst{4.4, 4.37, 0.012};
  report.servers[5].certificate = {CertificateFault::kExpired, "CN=c.example.net", "CN=Example CA",
                                   "2026-11-01T00:00:00Z"};
  report.servers[5].fault->fault = ServerFault::kCertificate;
  report.servers[5].fault->certificate_fault = CertificateFault::kExpired;
  report.servers[6].expectation = Expectation::kTried;
  ServerReport redirecting = workingServer("turn:d.example.net");
  redirecting.alternate_address = "192.0.2.9:3478";
  redirecting.relayed_address.clear();
  ServerReport alternate = workingServer("turn:d.example.net");
  alternate.address = "192.0.2.9:3478";
  alternate.redirected_by = redirecting.address;
  alternate.relayed_address = "10.0.0.9:49200";
  alternate.notices = {ProbeNotice::kRelayElsewhere, ProbeNotice::kRelayPrivate};
  report.servers.push_back(redirecting);
  report.servers.push_back(alternate);
  report.servers.push_back(failingServer("turn:e.example.net", ServerStage::kAllocate, 401, ""));
  report.servers.back().username = report.servers.back().fault->username = "";
  report.crossings = {{"turn:turn.example.net", "turn:d.example.net", 24.5, {}}};
  report.nat = {.servers = {"192.0.2.1:3478", "192.0.2.2:3478", "192.0.2.2:3479"},
                .local_address = "10.0.0.5:50000",
                .mapped_addresses = {"203.0.113.7:50000"},
                .is_translated = true,
                .mapping = NatRule::kEndpointIndependent,
                .filtering = NatRule::kAddressDependent};
  report.elapsed_ms = 4012;
  return report;
}

}  // namespace turnout
