// What became of each server that was asked, and of the NAT on the way: values, for tables, JSON
// and diagnoses. Absent is not zero: a time is there when its step succeeded. Times in
// milliseconds.
#pragma once

#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/servers/certificate_fault.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace turnout {

// In the order in which they come.
enum class ProbeStage {
  kName,        // DNS
  kConnect,     // TCP; for UDP a socket
  kTls,         // handshake and certificate
  kStun,        // the first answer to anything
  kAllocate,    // TURN, with the credential
  kPermission,  // a peer, which is another allocation on the same server
  kEcho,        // data there and back
};
const char* toString(ProbeStage stage);  // "name", "connect", "tls", ...

struct ProbeFault {
  ProbeStage stage = ProbeStage::kName;
  int code = 0;  // STUN's, or 701 when there was no answer (RTCPeerConnectionIceErrorEvent)
  std::string text;
};

struct ProbeCertificate {
  CertificateFault fault = CertificateFault::kNone;
  std::string subject, issuer;  // distinguished names
  std::string expires;          // ISO 8601, UTC
};

struct ProbeBurst {  // one second of data through two allocations
  double sent_mbps = 0, received_mbps = 0;
  double lost = 0;  // share of the packets, 0..1
};

// Whether the verdict on the whole depends on it.
enum class Expectation { kMustWork, kTried };

struct ServerReport {
  std::string url;
  IceScheme scheme = IceScheme::kStun;
  std::string host;
  std::uint16_t port = 0;
  TurnTransport transport = TurnTransport::kUdp;
  std::string username;
  Expectation expectation = Expectation::kMustWork;

  std::string address;  // which one of the host's answered, "ip:port"
  std::optional<double> dns_ms, tcp_ms, tls_ms;
  std::optional<ProbeCertificate> certificate;
  std::optional<double> stun_ms;      // round trip of the first request
  std::optional<double> allocate_ms;  // from the first Allocate, challenge included
  std::optional<double> echo_ms;      // there and back, through the server twice
  std::string mapped_address, relayed_address, software;
  std::optional<std::uint32_t> lifetime_s;
  std::optional<ProbeBurst> burst;
  std::optional<bool> is_released;  // of the allocations that were made: the server confirmed it
  std::optional<ProbeFault> fault;  // none: everything that was tried works
  double elapsed_ms = 0;

  bool works() const { return !fault; }
};

// RFC 4787 4.1, 5; RFC 5780 2. Of IPv4 and UDP.
enum class NatRule { kEndpointIndependent, kAddressDependent, kAddressAndPortDependent };
const char* toString(NatRule rule);  // "endpoint-independent", ...

struct NatReport {
  std::vector<std::string> servers;           // which told us, "ip:port"
  std::string local_address;                  // "ip:port"
  std::vector<std::string> mapped_addresses;  // as the servers saw it, each once
  std::optional<bool> is_translated;          // absent: nobody answered
  // From one server with two addresses, else from two servers; then kAddressDependent means "at
  // least".
  std::optional<NatRule> mapping;
  std::optional<NatRule> filtering;  // absent: no server can tell (RFC 5780 7.2)
};

struct ProbeReport {
  std::vector<ServerReport> servers;  // in the order asked for
  NatReport nat;
  double elapsed_ms = 0;

  bool passes() const;  // every server that must work does
};

}  // namespace turnout
