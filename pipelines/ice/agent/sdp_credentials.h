// The ICE credentials inside a session description.
#pragma once

#include "pipelines/ice/agent/ice_credentials.h"

#include <gst/sdp/sdp.h>

namespace turnout {

// Rewrites a=ice-ufrag and a=ice-pwd of every media section (RFC 8839 5.4).
void setSdpCredentials(GstSDPMessage* sdp, const IceCredentials& credentials);

}  // namespace turnout
