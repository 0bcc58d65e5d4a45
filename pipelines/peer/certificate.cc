#include "pipelines/peer/certificate.h"

#include <array>
#include <memory>
#include <optional>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

namespace turnout {
namespace {

constexpr long kBackdated_s = 24 * 3600;    // the far end's clock may be behind
constexpr long kValid_s = 30L * 24 * 3600;  // as in libwebrtc

struct Free {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
};
template <class T>
using Ssl = std::unique_ptr<T, Free>;

bool fill(X509* certificate, EVP_PKEY* key) {
  std::uint64_t serial = 0;
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* common_name = reinterpret_cast<const unsigned char*>("turnout");
  return RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) == 1 &&
         X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial) == 1 &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -kBackdated_s) &&
         X509_gmtime_adj(X509_getm_notAfter(certificate), kValid_s) &&
         X509_set_pubkey(certificate, key) == 1 &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

std::optional<std::string> fingerprintOf(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1)
    return std::nullopt;
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string text = "sha-256";
  for (unsigned i = 0; i < size; i++) {
    text += i == 0 ? ' ' : ':';
    text += kHex[digest.at(i) >> 4];
    text += kHex[digest.at(i) & 15];
  }
  return text;
}

}  // namespace

Result<Certificate> makeCertificate() {
  const Error failure{ErrorCode::kEnvironment, "OpenSSL cannot make an ECDSA P-256 certificate"};
  const Ssl<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Ssl<X509> certificate(X509_new());
  const Ssl<BIO> out(BIO_new(BIO_s_mem()));
  if (!key || !certificate || !out || !fill(certificate.get(), key.get()) ||
      PEM_write_bio_X509(out.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1)
    return failure;
  auto fingerprint = fingerprintOf(certificate.get());
  if (!fingerprint)
    return failure;
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return Certificate{std::string(text, static_cast<std::size_t>(size)), *std::move(fingerprint)};
}

}  // namespace turnout
