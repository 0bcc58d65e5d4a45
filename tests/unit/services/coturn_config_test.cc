#include "orchestrator/services/coturn_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;

CoturnConfig someConfig() {
  return {.port = 40001,
          .tls_port = 40002,
          .access = CoturnUser{"turnout", Secret("pw")},
          .directory = "/tmp/t",
          .certificate_file = "/tmp/t/server.pem",
          .key_file = "/tmp/t/server.key",
          .log_file = "/tmp/run/coturn.log"};
}

TEST(CoturnConfig, IsThisTextForOneStaticUser) {
  EXPECT_EQ(coturnConfigText(someConfig()), R"(listening-ip=127.0.0.1
relay-ip=127.0.0.1
min-port=10000
max-port=32767
no-multicast-peers
no-cli
no-dtls
fingerprint
realm=turnout
simple-log
new-log-timestamp
allow-loopback-peers
listening-port=40001
tls-listening-port=40002
lt-cred-mech
user=turnout:pw
cert=/tmp/t/server.pem
pkey=/tmp/t/server.key
userdb=/tmp/t/turndb
pidfile=/tmp/t/pid
log-file=/tmp/run/coturn.log
)");
}

TEST(CoturnConfig, ARestSecretTakesThePlaceOfTheUser) {
  CoturnConfig config = someConfig();
  config.access = CoturnRestSecret{Secret("north")};
  const std::string text = coturnConfigText(config);
  EXPECT_THAT(text, HasSubstr("use-auth-secret\nstatic-auth-secret=north\n"));
  EXPECT_THAT(text, Not(HasSubstr("user=")));
}

TEST(CoturnConfig, ALogThatCouldNotBindTellsOfAPortConflict) {
  EXPECT_TRUE(tellsPortConflict("x\n0: : Cannot bind TLS/TCP listener socket to addr 127.0.0.1:1"));
  EXPECT_FALSE(tellsPortConflict("0: : Total General servers: 2\n"));
}

TEST(CoturnConfig, AQuotaIsSetOnlyWhenThereIsOne) {
  CoturnConfig config = someConfig();
  EXPECT_THAT(coturnConfigText(config), Not(HasSubstr("user-quota")));
  config.user_quota = 1;
  EXPECT_THAT(coturnConfigText(config), HasSubstr("\nuser-quota=1\n"));
}

}  // namespace
}  // namespace turnout
