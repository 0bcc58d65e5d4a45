// What stands between a far end's text and webrtcbin: any bytes in, never a crash; and what passes
// has in every section what webrtcbin asserts on.
#include "pipelines/peer/session_description.h"

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const auto type : {turnout::SdpType::kOffer, turnout::SdpType::kAnswer}) {
    const auto read = turnout::readRemoteDescription(text, type);
    if (!read)
      continue;
    const GstSDPMessage* message = read->message.get();
    for (const char* key : {"mid", "ice-ufrag", "ice-pwd", "fingerprint", "setup"}) {
      if (gst_sdp_message_get_attribute_val(message, key) && std::string_view(key) != "mid")
        std::abort();
      for (guint i = 0; i < gst_sdp_message_medias_len(message); i++)
        if (!gst_sdp_media_get_attribute_val(gst_sdp_message_get_media(message, i), key))
          std::abort();
    }
  }
  return 0;
}
