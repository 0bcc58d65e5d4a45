#include "pipelines/ice/servers/certificate_fault.h"

namespace turnout {

CertificateFault certificateFaultOf(GTlsCertificateFlags flags) {
  if (flags & G_TLS_CERTIFICATE_UNKNOWN_CA)
    return CertificateFault::kUnknownIssuer;
  if (flags & G_TLS_CERTIFICATE_BAD_IDENTITY)
    return CertificateFault::kOtherHost;
  if (flags & G_TLS_CERTIFICATE_EXPIRED)
    return CertificateFault::kExpired;
  if (flags & G_TLS_CERTIFICATE_NOT_ACTIVATED)
    return CertificateFault::kNotValidYet;
  if (flags & G_TLS_CERTIFICATE_REVOKED)
    return CertificateFault::kRevoked;
  if (flags & G_TLS_CERTIFICATE_INSECURE)
    return CertificateFault::kInsecure;
  return flags ? CertificateFault::kInvalid : CertificateFault::kNone;
}

const char* toString(CertificateFault fault) {
  switch (fault) {
    case CertificateFault::kNone:
      return "trusted";
    case CertificateFault::kUnknownIssuer:
      return "unknown issuer";
    case CertificateFault::kOtherHost:
      return "not for this host";
    case CertificateFault::kExpired:
      return "expired";
    case CertificateFault::kNotValidYet:
      return "not valid yet";
    case CertificateFault::kRevoked:
      return "revoked";
    case CertificateFault::kInsecure:
      return "insecure";
    case CertificateFault::kInvalid:
      break;
  }
  return "invalid";
}

}  // namespace turnout
