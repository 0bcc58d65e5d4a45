#include "pipelines/peer/sdp_fingerprint.h"

#include "pipelines/base/gobject_ref.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

constexpr char kTwoSections[] =
    "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n"
    "m=audio 9 UDP/TLS/RTP/SAVPF 97\r\nc=IN IP4 0.0.0.0\r\n"
    "a=mid:0\r\na=fingerprint:sha-256 01:02\r\n"
    "m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\n"
    "a=fingerprint:sha-256 01:02\r\na=mid:1\r\n";

TEST(SdpFingerprint, IsRewrittenInEveryMediaSectionAndNothingElseIs) {
  GstSDPMessage* sdp = nullptr;
  ASSERT_EQ(gst_sdp_message_new_from_text(kTwoSections, &sdp), GST_SDP_OK);
  setSdpFingerprint(sdp, "sha-256 AB:CD");
  const std::string text = Owned<char>(gst_sdp_message_as_text(sdp)).get();
  gst_sdp_message_free(sdp);
  std::string expected = kTwoSections;
  for (std::size_t at; (at = expected.find("01:02")) != std::string::npos;)
    expected.replace(at, 5, "AB:CD");
  EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace turnout
