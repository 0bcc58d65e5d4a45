#include "pipelines/peer/sdp_setup.h"

#include <algorithm>
#include <string_view>

namespace turnout {
namespace {

const char* answerTo(const char* setup) {
  if (setup == std::string_view("active"))
    return "passive";
  return setup == std::string_view("passive") ? "active" : nullptr;
}

}  // namespace

void setAnsweringSetup(GstSDPMessage* answer, const GstSDPMessage& offer) {
  const guint sections =
      std::min(gst_sdp_message_medias_len(answer), gst_sdp_message_medias_len(&offer));
  for (guint m = 0; m < sections; ++m) {
    const char* offered =
        gst_sdp_media_get_attribute_val(gst_sdp_message_get_media(&offer, m), "setup");
    const char* role = offered ? answerTo(offered) : nullptr;
    // The message is ours to change; GStreamer has no non-const getter.
    auto* media = const_cast<GstSDPMedia*>(gst_sdp_message_get_media(answer, m));
    for (guint a = 0; role && a < gst_sdp_media_attributes_len(media); ++a) {
      if (gst_sdp_media_get_attribute(media, a)->key != std::string_view("setup"))
        continue;
      GstSDPAttribute fresh;
      gst_sdp_attribute_set(&fresh, "setup", role);
      gst_sdp_media_replace_attribute(media, a, &fresh);
    }
  }
}

}  // namespace turnout
