#include "pipelines/ice/agent/sdp_credentials.h"

#include <string_view>

namespace turnout {

void setSdpCredentials(GstSDPMessage* sdp, const IceCredentials& credentials) {
  for (guint m = 0; m < gst_sdp_message_medias_len(sdp); ++m) {
    // The message is ours to change; GStreamer has no non-const getter.
    auto* media = const_cast<GstSDPMedia*>(gst_sdp_message_get_media(sdp, m));
    for (guint a = 0; a < gst_sdp_media_attributes_len(media); ++a) {
      const std::string_view key = gst_sdp_media_get_attribute(media, a)->key;
      const std::string* value = key == "ice-ufrag" ? &credentials.ufrag
                                 : key == "ice-pwd" ? &credentials.pwd
                                                    : nullptr;
      if (!value)
        continue;
      GstSDPAttribute fresh;
      gst_sdp_attribute_set(&fresh, std::string(key).c_str(), value->c_str());
      gst_sdp_media_replace_attribute(media, a, &fresh);
    }
  }
}

}  // namespace turnout
