// Anything as messages of one Socket.IO client, separated by line ends, up to and into the room
// application: never a crash, and what was understood reads the same when written again.
#include "bots/signaling/room_app.h"
#include "bots/signaling/socket_session.h"

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
  RoomApp app(8);
  app.onEvent("other", "join", {*JsonValue::parse(R"({"room":"r","user":"u"})")});
  for (std::size_t from = 0; from < all.size();) {
    const std::size_t to = std::min(all.find('\n', from), all.size());
    const std::string_view text = all.substr(from, to - from);
    from = to + 1;
    checkRoundTrip(text);
    for (const auto& action : session.take({EnginePacketType::kMessage, std::string(text)})) {
      const auto* event = std::get_if<SocketSession::Event>(&action);
      if (!event)
        continue;
      const auto& packet = event->packet;
      for (const auto& emit : app.onEvent("id", packet.eventName(), packet.arguments()).emits)
        TURNOUT_CHECK(
            decodeSocketPacket(encodeSocketEvent("/", std::nullopt, emit.event, {emit.argument})),
            emit.argument.c_str());
    }
  }
  return 0;
}
