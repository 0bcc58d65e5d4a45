// What webrtcbin sees of an agent: the GstWebRTC* classes that it talks to, whose methods only call
// the agent, and the two elements that it puts at the ends of its transport bins, which carry the
// agent's packets. Everything else of ours is plain C++.
#pragma once

#include "pipelines/base/gobject_ref.h"

#include <memory>

#include <gst/webrtc/ice.h>
#include <gst/webrtc/icestream.h>
#include <gst/webrtc/icetransport.h>

namespace turnout {

class IceAgent;

Ref<GstWebRTCICE> newIceObject(std::shared_ptr<IceAgent> agent);
Ref<GstWebRTCICEStream> newIceStream(const std::shared_ptr<IceAgent>& agent);
Ref<GstWebRTCICETransport> newIceTransport(const std::shared_ptr<IceAgent>& agent);

}  // namespace turnout
