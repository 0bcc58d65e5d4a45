// The two elements webrtcbin puts at the ends of its transport bins. They hold the core, whose
// packets they carry, and nothing else.
#pragma once

#include <memory>

#include <gst/gst.h>

namespace turnout {

class IceCore;

GstElement* newIceSource(std::shared_ptr<IceCore> core);  // floating, as webrtcbin's bins expect
GstElement* newIceSink(std::shared_ptr<IceCore> core);    // floating

}  // namespace turnout
