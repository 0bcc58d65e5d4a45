#include "pipelines/base/gobject_ref.h"
#include "pipelines/ice/agent/ice_credentials.h"

#include <gmock/gmock.h>
#include <gst/webrtc/rtcsessiondescription.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kTwoSections[] =
    "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 97\r\nc=IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:old1\r\na=ice-pwd:oldpassword\r\na=mid:0\r\n"
    "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
    "a=ice-ufrag:old1\r\na=ice-pwd:oldpassword\r\na=mid:1\r\n";

TEST(SdpCredentials, AreRewrittenInEveryMediaSectionAndNothingElseIs) {
  GstSDPMessage* sdp = nullptr;
  ASSERT_EQ(gst_sdp_message_new_from_text(kTwoSections, &sdp), GST_SDP_OK);
  GstWebRTCSessionDescription description{GST_WEBRTC_SDP_TYPE_OFFER, sdp};
  setSdpCredentials(&description, {"new1", "newpassword"});
  const std::string text = Owned<char>(gst_sdp_message_as_text(sdp)).get();
  gst_sdp_message_free(sdp);
  std::string expected = kTwoSections;
  for (std::size_t at; (at = expected.find("old")) != std::string::npos;)
    expected.replace(at, 3, "new");
  EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace turnout
