#include "pipelines/peer/rtp_tuning.h"

#include "pipelines/media/no_jitter_buffer.h"

#include <string_view>

namespace turnout {
namespace {

Ref<GstElement> rtpbinOf(GstElement* webrtc) {
  return Ref<GstElement>::adopt(gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin"));
}

}  // namespace

SignalConnection tuneElementsOf(GstElement* pipeline, const std::string& certificate_pem) {
  return connect<void(GstBin*, GstBin*, GstElement*)>(
      pipeline, "deep-element-added",
      [pem = certificate_pem](GstBin*, GstBin*, GstElement* element) {
        GstElementFactory* factory = gst_element_get_factory(element);
        const std::string_view name = factory ? GST_OBJECT_NAME(factory) : "";
        if (name == "dtlsdec")
          g_object_set(element, "pem", pem.c_str(), nullptr);
        else if (name == "rtpsession")
          g_object_set(element, "probation", 0u, nullptr);
      });
}

SignalConnection skipJitterBuffers(GstElement* webrtc) {
  return connect<GstElement*(GstElement*, guint)>(
      rtpbinOf(webrtc).get(), "request-jitterbuffer",
      [](GstElement*, guint) { return makeNoJitterBuffer().release(); });
}

void tellNoLatency(GstElement* webrtc, unsigned session) {
  GstElement* found = nullptr;
  g_signal_emit_by_name(rtpbinOf(webrtc).get(), "get-session", session, &found);
  const auto rtpsession = Ref<GstElement>::adopt(found);
  if (!rtpsession)  // no media was negotiated
    return;
  const auto pad = Ref<GstPad>::adopt(gst_element_get_static_pad(found, "send_rtp_src"));
  if (pad)
    gst_pad_send_event(pad.get(), gst_event_new_latency(0));
}

}  // namespace turnout
