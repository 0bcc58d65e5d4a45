// The TURN REST scheme (draft-uberti-behave-turn-rest-00): a user name that carries its expiry, and
// a password that only those who share the secret can make. coturn: use-auth-secret.
#pragma once

#include "pipelines/base/secret.h"

#include <chrono>
#include <string>

namespace turnout {

struct TurnCredential {
  std::string username;
  Secret password;
};

// username "<expiry>:<user>", password base64(HMAC-SHA1(secret, username)); `expiry` as Unix time.
TurnCredential turnRestCredential(const Secret& secret, const std::string& user,
                                  std::chrono::seconds expiry);

}  // namespace turnout
