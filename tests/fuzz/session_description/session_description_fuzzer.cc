// What stands between a far end's text and webrtcbin: any bytes in, never a crash; and what passes
// once passes again after GStreamer wrote it out.
#include "pipelines/peer/session_description.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto type : {turnout::SdpType::kOffer, turnout::SdpType::kAnswer}) {
    const auto checked = turnout::checkRemoteDescription(text, type);
    if (!checked)
      continue;
    const turnout::Owned<char> again(gst_sdp_message_as_text(checked->message.get()));
    if (!turnout::checkRemoteDescription(again.get(), type))
      std::abort();
  }
  return 0;
}
