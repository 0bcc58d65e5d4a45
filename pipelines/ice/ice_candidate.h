// One ICE candidate as a value, and its line as signaling carries it: "candidate:1 1 udp 2113937151
// 192.0.2.1 5000 typ host ufrag x" (RFC 8839 5.1, W3C RTCIceCandidate.candidate). Lines are read here
// only, so that a candidate is written alike wherever it is seen. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace turnout {

// W3C RTCIceCandidateType.
enum class CandidateType { kHost, kServerReflexive, kPeerReflexive, kRelay };
inline constexpr std::array<std::string_view, 4> kCandidateTypeWords{"host", "srflx", "prflx",
                                                                     "relay"};
constexpr std::string_view toString(CandidateType type) {
  return kCandidateTypeWords[static_cast<std::size_t>(type)];
}

struct IceCandidateInfo {
  CandidateType type = CandidateType::kHost;
  std::string protocol = "udp";  // of the candidate itself
  std::string address;           // "ip:port"
  std::string relay_protocol;    // local relay candidates: udp, tcp or tls; else empty
  std::string url;               // local srflx/relay candidates: the server's URL as configured
};

// Type, protocol and address. A broken line gives what can be read of it: its sender is not ours.
IceCandidateInfo readCandidateLine(std::string_view line);

// The value of the "ufrag" extension, which browsers and this tool add (W3C usernameFragment): the
// generation that the candidate is of. Empty: it has none.
std::string candidateUfrag(std::string_view line);

// "192.0.2.1:5000", "[2001:db8::1]:5000": IPv6 as in RFC 5952. What is no literal (mDNS) stays as
// it is.
std::string candidateAddress(const std::string& host, std::string_view port);

}  // namespace turnout
