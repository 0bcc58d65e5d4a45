// Any bytes as an .env file: settings with their places, or an error that names a line; never a
// crash. What was read is read the same when it is written in quotes that keep it.
#include "orchestrator/ice_servers/read/settings.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;  // NOLINT(google-build-using-namespace)
  const auto settings = parseDotEnv({reinterpret_cast<const char*>(data), size}, "f");
  if (!settings) {
    TURNOUT_CHECK(settings.error().what.starts_with("f:"), "no place");
    return 0;
  }
  for (const auto& [name, setting] : *settings) {
    const std::string& value = setting.value.reveal();
    TURNOUT_CHECK(setting.where.starts_with("f:") && setting.where.ends_with(" " + name), "place");
    if (value.find_first_of("'\\\r") != std::string::npos)
      continue;
    const auto again = parseDotEnv(name + "='" + value + "'", "f");
    TURNOUT_CHECK(again && again->at(name).value == setting.value, "reads the same again");
  }
  return 0;
}
