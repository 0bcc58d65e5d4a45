#include "pipelines/peer/certificate.h"

#include "pipelines/base/gobject_ref.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Certificate, HasAKeyThatFitsItAndIsOfItsOwn) {
  const auto first = makeCertificate();
  const auto second = makeCertificate();
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_NE(first->pem, second->pem);
  EXPECT_NE(first->fingerprint, second->fingerprint);
  EXPECT_NE(first->pem.find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_NE(first->pem.find("BEGIN PRIVATE KEY"), std::string::npos);
}

// As openssl(1) and every browser compute it: over the DER of the certificate alone.
TEST(Certificate, HasTheFingerprintOfTheCertificateWithoutTheKey) {
  const auto made = makeCertificate();
  ASSERT_TRUE(made);
  const std::string begin = "-----BEGIN CERTIFICATE-----\n";
  const std::string base64 =
      made->pem.substr(begin.size(), made->pem.find("-----END") - begin.size());
  gsize size = 0;
  const Owned<char> der(reinterpret_cast<char*>(g_base64_decode(base64.c_str(), &size)));
  const Owned<char> hex(g_compute_checksum_for_data(
      G_CHECKSUM_SHA256, reinterpret_cast<const guchar*>(der.get()), size));
  std::string plain;
  for (const char c : made->fingerprint.substr(std::string("sha-256 ").size()))
    if (c != ':')
      plain += g_ascii_tolower(c);
  EXPECT_EQ(plain, hex.get());
  EXPECT_EQ(made->fingerprint.substr(0, 8), "sha-256 ");
}

}  // namespace
}  // namespace turnout
