#include "pipelines/ice/agent/ice_credentials.h"

#include <string_view>

#include <gst/webrtc/rtcsessiondescription.h>

namespace turnout {

void setSdpCredentials(GstWebRTCSessionDescription* description,
                       const IceCredentials& credentials) {
  GstSDPMessage* const sdp = description->sdp;
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

void EarlyCandidates::keep(std::string ufrag, std::string line) {
  if (kept_.size() == kLimit)
    kept_.pop_front();
  kept_.emplace_back(std::move(ufrag), std::move(line));
}

std::vector<std::string> EarlyCandidates::take(const std::string& ufrag) {
  std::vector<std::string> lines;
  for (const auto& [of, line] : kept_)
    if (of == ufrag)
      lines.push_back(line);
  std::erase_if(kept_, [&ufrag](const auto& each) { return each.first == ufrag; });
  return lines;
}

}  // namespace turnout
