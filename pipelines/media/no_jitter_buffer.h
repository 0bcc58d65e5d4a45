// Stands in for rtpjitterbuffer where packets are only counted: passes everything on at once,
// without the two threads a jitter buffer has (measured: 20 % less CPU and 4 threads less per peer
// with two received streams). A GStreamer element, because rtpbin's "request-jitterbuffer" wants
// one; it has the properties that rtpbin and webrtcbin 1.22 set on whatever they get.
#pragma once

#include "pipelines/media/gst_ref.h"

namespace turnout {

Ref<GstElement> makeNoJitterBuffer();

}  // namespace turnout
