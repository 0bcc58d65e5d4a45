// A certificate authority of our own and a server certificate for this machine's loopback (EC
// P-256, valid for two days), made by the openssl command: for TURN over TLS that clients really
// verify.
#pragma once

#include "pipelines/base/result.h"

#include <string>

namespace turnout {

struct LoopbackCertificate {
  std::string ca_file;           // what clients trust
  std::string certificate_file;  // for localhost and 127.0.0.1
  std::string key_file;
};

// Three PEM files in `directory`. Blocks for some 30 ms.
Result<LoopbackCertificate> makeLoopbackCertificate(const std::string& directory);

}  // namespace turnout
