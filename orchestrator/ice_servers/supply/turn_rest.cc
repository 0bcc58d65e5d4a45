#include "orchestrator/ice_servers/supply/turn_rest.h"

#include "pipelines/base/gobject_ref.h"

namespace turnout {

TurnCredential turnRestCredential(const Secret& secret, const std::string& user,
                                  std::chrono::seconds expiry) {
  const std::string username = std::to_string(expiry.count()) + ":" + user;
  const std::string& key = secret.reveal();
  const Owned<GHmac> hmac(
      g_hmac_new(G_CHECKSUM_SHA1, reinterpret_cast<const guchar*>(key.data()), key.size()));
  g_hmac_update(hmac.get(), reinterpret_cast<const guchar*>(username.data()),
                static_cast<gssize>(username.size()));
  guint8 digest[20];  // SHA-1
  gsize size = sizeof digest;
  g_hmac_get_digest(hmac.get(), digest, &size);
  const Owned<char> text(g_base64_encode(digest, size));
  return {username, Secret(text.get())};
}

}  // namespace turnout
