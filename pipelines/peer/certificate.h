// A self-signed ECDSA P-256 certificate and its key, as a browser makes for WebRTC (RFC 8827 6.5).
// Pure.
#pragma once

#include "pipelines/base/result.h"

#include <string>

namespace turnout {

struct Certificate {
  std::string pem;          // certificate, then private key
  std::string fingerprint;  // "sha-256 4A:AD:...", as in a=fingerprint (RFC 8122 5)
};

Result<Certificate> makeCertificate();

}  // namespace turnout
