// What is wrong with the certificate of a TLS server; the first fault counts, in this order.
#pragma once

#include <gio/gio.h>

namespace turnout {

enum class CertificateFault {
  kNone,
  kUnknownIssuer,
  kOtherHost,  // it is not for the host that was asked
  kExpired,
  kNotValidYet,
  kRevoked,
  kInsecure,  // a broken algorithm, or a key that is too short
  kInvalid,   // anything else
};

CertificateFault certificateFaultOf(GTlsCertificateFlags flags);
const char* toString(CertificateFault fault);  // "trusted", "unknown issuer", "expired", ...

}  // namespace turnout
