// Anything as a payload, a handshake, or what a client posts into a session: never a crash, and
// what was understood reads the same when written again.
#include "bots/signaling/server/engine_session.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace turnout;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto packets = decodeEnginePayload(text))
    TURNOUT_CHECK(*decodeEnginePayload(encodeEnginePayload(*packets)) == *packets, "payload");
  if (const auto handshake = decodeEngineHandshake(text))
    TURNOUT_CHECK(*decodeEngineHandshake(encodeEngineHandshake(*handshake)) == *handshake,
                  "handshake");

  EngineSession session("sid", EngineSession::Transport::kPolling, {}, fromNs(0));
  EngineSession::Actions actions;
  session.open(fromNs(0), actions);
  session.poll(fromNs(0), actions);
  session.offerWebSocket(fromNs(0));
  session.post(text, fromNs(0), actions);
  std::size_t from = 0;
  while (from < text.size()) {  // and the same as frames of the WebSocket
    const std::size_t to = std::min(text.find(kEnginePacketSeparator, from), text.size());
    if (const auto packet = decodeEnginePacket(text.substr(from, to - from)))
      session.frame(*packet, fromNs(0), actions);
    from = to + 1;
  }
  return 0;
}
