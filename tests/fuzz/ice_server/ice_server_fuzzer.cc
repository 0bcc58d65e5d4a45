// Server URLs come from files people write: any bytes in, never a crash, and what is accepted says
// the same when parsed again.
#include "pipelines/ice/ice_server.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view url(reinterpret_cast<const char*>(data), size);
  if (const auto server = turnout::parseIceServerUrl(url)) {
    const auto again = turnout::parseIceServerUrl(server->url);
    TURNOUT_CHECK(again && again->host == server->host && again->port == server->port,
                  "an accepted URL parses the same again");
  }
  return 0;
}
