// What a site of the lab is, in values: the NAT, the firewall and the line that people at it have. A lab is some
// sites and the internet between them, in network namespaces of one machine (docs/LAB.md).
// Pure.
//
// Sources: RFC 4787 (NAT behaviour), RFC 6598 and 6888 (NATs of carriers), RFC 5128 (who reaches whom).
#pragma once

#include "pipelines/base/clock.h"
#include "pipelines/probe/probe_report.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace turnout {

enum class NatKind {
  kPublic,               // no NAT: the host has a public address
  kFullCone,             // one mapping for all, anybody may answer
  kAddressRestricted,    // one mapping for all; a host that was written to may answer from any port
  kPortRestricted,       // one mapping for all, only what was written to may answer
  kSymmetric,            // a mapping of its own for each destination, at a random port
  kSymmetricSequential,  // the same at ports in a row
  kCgnat,                // a port-restricted NAT behind another of the carrier
};

// What leaves a site; answers always come in.
enum class FirewallKind {
  kNone,
  kNoUdp,
  kWebOnly,     // TCP to ports 80 and 443
  kTls443Only,  // TCP to port 443
  kTls443Dpi,   // TCP to port 443 that begins like TLS; anything else there is reset
};
enum class FirewallAction { kDrop, kReject };  // silence, or ICMP "administratively prohibited"

// One direction of a site's line to the internet.
struct LineDirection {
  Duration delay{}, jitter{};  // jitter: so much more or less at most, even
  double loss = 0;             // a share, 0..1
  std::int64_t rate_kbps = 0;  // 0: as fast as the machine
  Duration queue = 200ms;      // what would wait longer for the rate is dropped

  bool operator==(const LineDirection&) const = default;
};

struct SiteSpec {
  std::string name;
  NatKind nat = NatKind::kPortRestricted;
  FirewallKind firewall = FirewallKind::kNone;
  FirewallAction action = FirewallAction::kDrop;
  LineDirection up = {}, down = {};

  bool hasLine() const { return up != LineDirection{} || down != LineDirection{}; }
};

constexpr std::size_t kMostSites = 1000;

std::span<const NatKind> allNatKinds();
std::span<const FirewallKind> allFirewallKinds();

const char* toString(NatKind kind);         // "port_restricted"
const char* toString(FirewallKind kind);    // "no_udp"
const char* toString(FirewallAction what);  // "drop"

// Nothing: no such word.
std::optional<NatKind> natKind(std::string_view word);
std::optional<FirewallKind> firewallKind(std::string_view word);
std::optional<FirewallAction> firewallAction(std::string_view word);

// Networks as people have them (docs/LAB.md).
std::span<const SiteSpec> sitePresets();
// By the name of a preset or the word of a NAT kind.
std::optional<SiteSpec> siteNamed(std::string_view word);
std::vector<std::string> siteWords();  // all of them

// What RFC 5780's tests find behind it.
NatRule mappingOf(NatKind kind);
NatRule filteringOf(NatKind kind);
// Whether ICE finds a path without a relay between two such sites, firewalls aside, when both know their
// addresses from a STUN server and send checks to each other's (RFC 5128 3.3, RFC 8445).
bool canMeet(NatKind one, NatKind other);

// A way out of a site to a server, and what its firewall makes of it.
enum class WayOut { kUdp, kTcp80, kTcp443, kTcpOther, kTls443 };
enum class Passage { kOpen, kSilent, kRefused };
const char* toString(WayOut way);       // "udp", "tcp_80", ..., "tls_443"
const char* toString(Passage passage);  // "open", ...
std::span<const WayOut> allWaysOut();
Passage passageOf(FirewallKind kind, FirewallAction action, WayOut way);

}  // namespace turnout
