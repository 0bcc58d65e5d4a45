// The fingerprint of our certificate inside a session description.
#pragma once

#include <string>

#include <gst/sdp/sdp.h>

namespace turnout {

// Rewrites a=fingerprint of every media section (RFC 8122 5). webrtcbin 1.22 digests all of the PEM
// text that dtlsdec was given, private key included, so what it writes fits no certificate. It does
// not check fingerprints either; browsers do, and end the handshake with the alert
// certificate_unknown.
void setSdpFingerprint(GstSDPMessage* sdp, const std::string& fingerprint);

}  // namespace turnout
