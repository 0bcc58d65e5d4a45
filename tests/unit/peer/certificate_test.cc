#include "pipelines/peer/certificate.h"

#include "pipelines/base/gobject_ref.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(Certificate, HasAKeyThatFitsItAndIsOfItsOwn) {
  const auto first = makeCertificatePem();
  const auto second = makeCertificatePem();
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_NE(*first, *second);
  EXPECT_NE(first->find("BEGIN CERTIFICATE"), std::string::npos);
  EXPECT_NE(first->find("BEGIN PRIVATE KEY"), std::string::npos);
}

}  // namespace
}  // namespace turnout
