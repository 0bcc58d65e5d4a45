#include "orchestrator/ice_servers/supply/turn_servers.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

// printf '1700000000:abc' | openssl dgst -sha1 -hmac north -binary | base64
TEST(TurnRest, GivesTheKnownAnswer) {
  const auto credential =
      turnRestCredential(Secret("north"), "abc", std::chrono::seconds(1'700'000'000));
  EXPECT_EQ(credential.username, "1700000000:abc");
  EXPECT_EQ(credential.password.reveal(), "g5HTmCBrPDhYXFpM/1dHUtfE+c4=");
}

// printf 1700000000 | openssl dgst -sha1 -hmac north -binary | base64
TEST(TurnRest, OfNobodyHasTheTimeAlone) {
  const auto credential =
      turnRestCredential(Secret("north"), "", std::chrono::seconds(1'700'000'000));
  EXPECT_EQ(credential.username, "1700000000");
  EXPECT_EQ(credential.password.reveal(), "CWyHi3zCeWqXBir9thl4m+iZPRY=");
}

}  // namespace
}  // namespace turnout
