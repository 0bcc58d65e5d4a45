// What a coturn for tests on this machine alone is started with: the text of its turnserver.conf, with
// loopback or an address of a lab, nothing shared with an installed coturn and no remote control; and its certificate.
// Options: turnserver(1), coturn 4.6.
#pragma once

#include "pipelines/base/result.h"
#include "pipelines/base/secret.h"
#include "scenarios/server_source.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace turnout {

struct CoturnUser {  // long-term credential of one static user
  std::string name;
  Secret password;
};
struct CoturnRestSecret {  // turn_rest.h
  Secret secret;
};

struct CoturnConfig {
  std::string address = "127.0.0.1";  // that it listens and relays at
  std::uint16_t port = 0;             // STUN and TURN over UDP and TCP
  std::uint16_t tls_port = 0;         // TURN over TLS
  std::variant<CoturnUser, CoturnRestSecret> access;
  int user_quota = 0;     // allocations that a user may hold at a time; 0: any number
  std::string directory;  // private: user database, pid file
  std::string certificate_file, key_file;
  std::string log_file;
};

// Such a server as the bots of a run are told of it.
struct TurnService {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;      // UDP and TCP
  std::uint16_t tls_port = 0;  // turns:
  std::string ca_file{};       // what its certificate is to be verified against
  std::variant<CoturnUser, CoturnRestSecret> access{};
};
using TurnServices = std::map<Placeholder, TurnService>;

// Pure.
std::string coturnConfigText(const CoturnConfig& config);

// coturn that cannot bind a port says so in its log, stays up and tries again for ever.
bool tellsPortConflict(std::string_view log);

// A certificate authority of our own and a server certificate for this machine's loopback (EC
// P-256, valid for two days), made by the openssl command: for TURN over TLS that clients really
// verify.
struct LoopbackCertificate {
  std::string ca_file;           // what clients trust
  std::string certificate_file;  // for localhost, 127.0.0.1 and one more address
  std::string key_file;
};

// Three PEM files in `directory`. Blocks for some 30 ms.
Result<LoopbackCertificate> makeLoopbackCertificate(const std::string& directory,
                                                    const std::string& address = "127.0.0.1");

}  // namespace turnout
