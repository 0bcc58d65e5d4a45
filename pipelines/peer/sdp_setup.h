// The DTLS roles inside a session description (RFC 8842 5).
#pragma once

#include <gst/sdp/sdp.h>

namespace turnout {

// Gives every media section of `answer` the role that goes with that of `offer`'s section of the
// same number: passive to active, active to passive. actpass, which is no answer, is left alone.
void setAnsweringSetup(GstSDPMessage* answer, const GstSDPMessage& offer);

}  // namespace turnout
