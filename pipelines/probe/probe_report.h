// What became of each server that was asked, and of the NAT on the way: values, for tables, JSON
// and diagnoses. Absent is not zero: a time is there when its step succeeded. Times in
// milliseconds.
#pragma once

#include "pipelines/ice/ice_server.h"
#include "pipelines/ice/ice_server_outcome.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

struct ProbeBurst {  // one second of data through two allocations
  double sent_mbps = 0, received_mbps = 0;
  double lost = 0;  // share of the packets, 0..1
};

// Whether the verdict on the whole depends on it.
enum class Expectation { kMustWork, kTried };

// What a person should know of a server that may work all the same.
enum class ProbeNotice {
  kRelayElsewhere,    // the relayed address is not that of the server
  kRelayPrivate,      // and it is a private one, while the server's is public
  kRelayOtherFamily,  // IPv6 from a server over IPv4, or the reverse
  kOutsideNotTested,  // nothing tells whether UDP gets out from here, or into that family
  kOutsideForbidden,  // the server denies this machine's own, private address as a peer
};
std::string_view toString(ProbeNotice notice);  // "relay_elsewhere", ...

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
  std::optional<ServerCertificate> certificate;
  std::optional<double> stun_ms;      // round trip of the first request
  std::optional<double> allocate_ms;  // from the first Allocate, challenge included
  std::optional<double> echo_ms;      // there and back, through the server twice
  std::optional<double> outside_ms;   // from a plain socket to the relay, and back
  std::optional<double> channel_ms;   // the echo again, in a channel
  std::string mapped_address, relayed_address, software;
  std::optional<std::uint32_t> lifetime_s;
  std::optional<ProbeBurst> burst;
  std::optional<bool> is_released;  // of the allocations that were made: the server confirmed it
  // With 300 Try Alternate: where the server sends its clients, "ip:port". Then the next report is
  // that of the other server, whose `redirected_by` is this URL.
  std::string alternate_address;
  std::string redirected_by;
  std::vector<ProbeNotice> notices;
  // None: everything that was tried works. The same value as of a call (ice_server_outcome.h).
  std::optional<IceServerOutcome> fault;
  double elapsed_ms = 0;

  bool works() const { return !fault; }
  bool has(ProbeNotice notice) const {
    return std::find(notices.begin(), notices.end(), notice) != notices.end();
  }
  // It answered as it should, and wants a credential, which nobody gave us.
  bool wantsCredential() const;
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

// Data from a relay of one server to a relay of another, and back: what a call does when its ends
// use different servers.
struct CrossReport {
  std::string url, other_url;
  std::optional<double> echo_ms;
  std::optional<IceServerOutcome> fault;  // of the server that refused, or of the first
};

struct ProbeReport {
  std::vector<ServerReport> servers;  // in the order asked for; alternates after who named them
  std::vector<CrossReport> crossings;
  NatReport nat;
  double elapsed_ms = 0;

  // Every server that must work does, as far as it could be asked without a credential; and so do
  // the crossings.
  bool passes() const;
  bool isIncomplete() const;  // a server that must work wants a credential
};

}  // namespace turnout
