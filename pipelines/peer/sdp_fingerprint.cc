#include "pipelines/peer/sdp_fingerprint.h"

#include <string_view>

namespace turnout {

void setSdpFingerprint(GstSDPMessage* sdp, const std::string& fingerprint) {
  for (guint m = 0; m < gst_sdp_message_medias_len(sdp); ++m) {
    // The message is ours to change; GStreamer has no non-const getter.
    auto* media = const_cast<GstSDPMedia*>(gst_sdp_message_get_media(sdp, m));
    for (guint a = 0; a < gst_sdp_media_attributes_len(media); ++a) {
      if (gst_sdp_media_get_attribute(media, a)->key != std::string_view("fingerprint"))
        continue;
      GstSDPAttribute fresh;
      gst_sdp_attribute_set(&fresh, "fingerprint", fingerprint.c_str());
      gst_sdp_media_replace_attribute(media, a, &fresh);
    }
  }
}

}  // namespace turnout
