#include "orchestrator/services/coturn_config.h"
#include "pipelines/base/files.h"
#include "pipelines/base/subprocess.h"

#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

TEST(LoopbackCertificate, ItsAuthorityVerifiesItForLoopbackOnly) {
  const auto dir = TempDir::create("test");
  ASSERT_TRUE(dir);
  const auto made = makeLoopbackCertificate(dir->path());
  ASSERT_TRUE(made) << made.error().what;
  const auto verify = [&](const char* kind, const char* name) {
    return Subprocess::run(
               {"openssl", "verify", "-CAfile", made->ca_file, kind, name, made->certificate_file})
        .hasValue();
  };
  EXPECT_TRUE(verify("-verify_ip", "127.0.0.1"));
  EXPECT_TRUE(verify("-verify_hostname", "localhost"));
  EXPECT_FALSE(verify("-verify_ip", "127.0.0.2"));
  EXPECT_FALSE(std::filesystem::exists(dir->file("ca.key")));
}

}  // namespace
}  // namespace turnout
