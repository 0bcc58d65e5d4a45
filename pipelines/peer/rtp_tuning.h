// What is set inside a webrtcbin once it is made, on elements it offers no property for. Measured
// effects: tests/bench/peer. Owner's loop, before the pipeline starts unless said otherwise.
#pragma once

#include "pipelines/base/signal.h"
#include "pipelines/media/gst_ref.h"

#include <string>

namespace turnout {

// Every dtlsdec that is added presents this certificate and key; every rtpsession believes a source
// from its first packet on, as SRTP has vouched for it already.
// dtlsdec takes the certificate while in NULL; later it would lose its signal handlers. webrtcbin
// makes it on its own thread when a description is created: create none before it was started.
SignalConnection tuneElementsOf(GstElement* pipeline, const std::string& certificate_pem);

// Received packets are passed on at once instead of through jitter buffers.
SignalConnection skipJitterBuffers(GstElement* webrtc);

// Nothing here holds packets back. rtpsession must be told so, or it writes no time into its sender
// reports (RFC 3550 6.4.1); nobody else tells it, as no bus is watched. Once connected.
void tellNoLatency(GstElement* webrtc, unsigned session);

}  // namespace turnout
