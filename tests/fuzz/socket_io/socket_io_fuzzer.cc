// Anything as messages of one Socket.IO client, separated by line ends, up to and into the
// application: never a crash, and what was understood reads the same when written again.
#include "bots/signaling/app/signaling_app.h"
#include "bots/signaling/server/socket_session.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace turnout {
namespace {

void checkRoundTrip(std::string_view text) {
  const auto packet = decodeSocketPacket(text);
  if (!packet || packet->isBinary())
    return;
  const std::string data = packet->data.isPresent() ? packet->data.text() : "";
  const std::string written = encodeSocketPacket(packet->type, packet->nsp, packet->id, data);
  const auto again = decodeSocketPacket(written);
  TURNOUT_CHECK(again, written.c_str());
  TURNOUT_CHECK(again->nsp == packet->nsp && again->id == packet->id, "head");
  TURNOUT_CHECK(again->data.text() == packet->data.text(), "data");
}

}  // namespace
}  // namespace turnout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  SocketSession session("id");
  SignalingApp app({});
  Instant at{1h};
  const std::vector<JsonValue> other = {*JsonValue::parse(R"({"room":"r","user":"u"})")};
  for (const char* id : {"id", "other"})
    app.onConnected(at, id, Secret("key"));
  app.onEvent(at, "other", {"register", other});
  app.onEvent(at, "other", {"join", other});
  for (std::size_t from = 0; from < all.size();) {
    const std::size_t to = std::min(all.find('\n', from), all.size());
    const std::string_view text = all.substr(from, to - from);
    from = to + 1;
    checkRoundTrip(text);
    for (const auto& action : session.take({EnginePacketType::kMessage, std::string(text)})) {
      const auto* event = std::get_if<SocketSession::Event>(&action);
      if (!event)
        continue;
      const std::string name = event->packet.eventName();
      const auto arguments = event->packet.arguments();
      at += 1s;
      for (const auto& emit : app.onEvent(at, "id", {name, arguments, text.size()}).emits)
        TURNOUT_CHECK(
            decodeSocketPacket(encodeSocketEvent("/", std::nullopt, emit.event, {emit.argument})),
            emit.argument.c_str());
    }
  }
  TURNOUT_CHECK(app.isConsistent(), "the application");
  return 0;
}
