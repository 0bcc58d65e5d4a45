// The GstWebRTC* classes webrtcbin talks to: subclasses whose methods only call the core.
#pragma once

#include "pipelines/base/gobject_ref.h"

#include <memory>

#include <gst/webrtc/ice.h>
#include <gst/webrtc/icestream.h>
#include <gst/webrtc/icetransport.h>

namespace turnout {

class IceCore;

Ref<GstWebRTCICE> newIceObject(std::shared_ptr<IceCore> core);
Ref<GstWebRTCICEStream> newIceStream(const std::shared_ptr<IceCore>& core);
Ref<GstWebRTCICETransport> newIceTransport(const std::shared_ptr<IceCore>& core);

}  // namespace turnout
