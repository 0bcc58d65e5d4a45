// A self-signed ECDSA P-256 certificate and its key, as a browser makes for WebRTC (RFC 8827 6.5).
// Pure.
#pragma once

#include "pipelines/base/result.h"

#include <string>

namespace turnout {

Result<std::string> makeCertificatePem();  // certificate, then private key

}  // namespace turnout
