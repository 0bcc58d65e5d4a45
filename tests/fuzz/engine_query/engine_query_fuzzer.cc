// Anything after the question mark of a request to the Engine.IO path: never a crash; and what it
// asks for is asked for again when written as browsers write it.
#include "bots/signaling/server/engine_server.h"
#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace turnout {
namespace {

std::string escaped(const std::string& text) {
  return Owned<char>(g_uri_escape_string(text.c_str(), nullptr, FALSE)).get();
}

void readTwice(const std::string& text) {
  const EngineQuery query = readEngineQuery(text.c_str());
  const EngineQuery again =
      readEngineQuery(("EIO=" + escaped(query.version) + "&transport=" + escaped(query.transport) +
                       "&sid=" + escaped(query.sid))
                          .c_str());
  TURNOUT_CHECK(again == query, text.c_str());
}

}  // namespace
}  // namespace turnout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  turnout::readTwice({reinterpret_cast<const char*>(data), size});
  return 0;
}
