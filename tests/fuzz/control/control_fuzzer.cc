// The host's end of the control channel: any bytes in, never a crash.
#include "bots/protocol/control_message.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  (void)turnout::parseCommand(line);
  (void)turnout::parseReport(line);
  return 0;
}
