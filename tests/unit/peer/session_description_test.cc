#include "pipelines/peer/session_description.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace turnout {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

const std::string kFingerprint =
    "sha-256 0B:2D:81:AF:60:5D:11:92:7C:00:4A:D9:EE:10:99:13:"
    "0B:2D:81:AF:60:5D:11:92:7C:00:4A:D9:EE:10:99:13";

const std::string kTransport =
    "a=ice-ufrag:UFRA\r\na=ice-pwd:passwordpasswordpass00\r\n"
    "a=fingerprint:" +
    kFingerprint + "\r\na=setup:actpass\r\n";

std::string session(const std::string& more = "a=group:BUNDLE 0 1\r\n") {
  return "v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + more;
}
std::string audio(const std::string& more = "a=mid:0\r\na=sendrecv\r\n" + kTransport) {
  return "m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n"
         "a=rtpmap:111 opus/48000/2\r\n" +
         more;
}
std::string video(const std::string& more = "a=mid:1\r\na=sendrecv\r\n" + kTransport) {
  return "m=video 9 UDP/TLS/RTP/SAVPF 102 120 121\r\nc=IN IP4 0.0.0.0\r\na=rtcp-mux\r\n"
         "a=rtpmap:102 H264/90000\r\na=rtpmap:120 VP8/90000\r\na=rtpmap:121 rtx/90000\r\n"
         "a=fmtp:121 apt=120\r\n" +
         more;
}
std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return text.replace(at, what.size(), with);
}
std::string replacedAll(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
  return text;
}
const std::string kOffer = session() + audio() + video();

std::string textOf(const RemoteDescription& read) {
  const Owned<char> text(gst_sdp_message_as_text(read.message.get()));
  return text.get();
}
std::size_t countIn(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at++)
    count++;
  return count;
}

TEST(SessionDescription, AnOrdinaryOfferPasses) {
  const auto read = readRemoteDescription(kOffer, SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->sections.size(), 2u);
  EXPECT_EQ(read->transport_mline, 0u);
  EXPECT_EQ(read->sections[0].kind, MediaKind::kAudio);
  EXPECT_EQ(read->sections[0].payload_type, 111);
  EXPECT_TRUE(read->sections[0].sends);
  EXPECT_TRUE(read->sections[0].receives);
  EXPECT_EQ(read->sections[1].kind, MediaKind::kVideo);
  EXPECT_EQ(read->sections[1].payload_type, 120) << "of VP8, not of the first format";
}

struct Bad {
  const char* why;
  std::string sdp;
  const char* says;
  SdpType type = SdpType::kOffer;
};

// Each row would abort, wedge or confuse webrtcbin 1.22, or cannot mean anything.
TEST(SessionDescription, WhatWebrtcbinCannotTakeIsRefusedWithAReason) {
  const std::string nul("v=0\r\n\0m=audio", 14);
  std::string many = session("a=group:BUNDLE 0\r\n") + audio();
  for (int i = 0; i < 64; i++)
    many += "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x" + std::to_string(i) + "\r\n";
  const Bad rows[] = {
      {"nothing", "", "empty"},
      {"not SDP", "{\"type\":\"offer\"}", "v=0"},
      {"NUL byte", nul, "NUL"},
      {"not UTF-8", "v=0\r\ns=\xff\xfe\r\n", "UTF-8"},
      {"oversize", "v=0\r\n" + std::string(kMaxDescriptionBytes, 'x'), "128 KiB"},
      {"nothing negotiated", session(), "no m= section"},
      {"too many sections", many, "more than 64"},
      {"abort: a=mid is asserted", replaced(kOffer, "a=mid:1\r\n", ""),
       "m-line 1: needs exactly one a=mid"},
      {"two mids", replaced(kOffer, "a=mid:1\r\n", "a=mid:1\r\na=mid:2\r\n"), "exactly one a=mid"},
      {"mids clash", replaced(kOffer, "a=mid:1\r\n", "a=mid:0\r\n"), "that of another"},
      {"mid with a space ends in BUNDLE as two", replaced(kOffer, "a=mid:1\r\n", "a=mid:1 2\r\n"),
       "not a token"},
      {"empty mid", replaced(kOffer, "a=mid:1\r\n", "a=mid:\r\n"), "not a token"},
      {"abort: repeated session credentials are asserted",
       session("a=group:BUNDLE 0 1\r\na=ice-ufrag:AAAA\r\na=ice-ufrag:BBBB\r\n") + audio() +
           video(),
       "a=ice-ufrag is there more than once"},
      {"abort, as above",
       session("a=group:BUNDLE 0 1\r\na=ice-pwd:A\r\na=ice-pwd:B\r\n") + audio() + video(),
       "a=ice-pwd is there more than once"},
      {"no ufrag", replaced(kOffer, "a=ice-ufrag:UFRA\r\n", ""), "exactly one a=ice-ufrag"},
      {"ufrag twice",
       replaced(kOffer, "a=ice-ufrag:UFRA\r\n", "a=ice-ufrag:UFRA\r\na=ice-ufrag:UFRA\r\n"),
       "exactly one a=ice-ufrag"},
      {"short ufrag", replaced(kOffer, "a=ice-ufrag:UFRA", "a=ice-ufrag:UFR"), "4 to 256"},
      {"ufrag with a colon would split STUN's USERNAME",
       replaced(kOffer, "a=ice-ufrag:UFRA", "a=ice-ufrag:UF:RA"), "4 to 256"},
      {"no password", replaced(kOffer, "a=ice-pwd:passwordpasswordpass00\r\n", ""),
       "exactly one a=ice-pwd"},
      {"short password", replaced(kOffer, "passwordpasswordpass00", "password"), "22 to 256"},
      {"no fingerprint", replaced(kOffer, "a=fingerprint:" + kFingerprint + "\r\n", ""),
       "a=fingerprint is missing"},
      {"malformed fingerprint", replaced(kOffer, "0B:2D", "0B2D"), "malformed"},
      {"no setup", replaced(kOffer, "a=setup:actpass\r\n", ""), "exactly one a=setup"},
      {"unknown setup", replaced(kOffer, "a=setup:actpass", "a=setup:holdconn"),
       "a=setup is \"holdconn\""},
      {"an answer must choose", kOffer, "a=setup is \"actpass\"", SdpType::kAnswer},
      {"two directions", replaced(kOffer, "a=sendrecv\r\n", "a=sendrecv\r\na=recvonly\r\n"),
       "more than one direction"},
      {"no group", session("") + audio() + video(), "no BUNDLE"},
      {"group of nothing", session("a=group:BUNDLE\r\n") + audio() + video(),
       "m-line 0: is not in"},
      {"group of strangers", session("a=group:BUNDLE 0 7\r\n") + audio() + video(),
       "no m-line has"},
      {"half a group", session("a=group:BUNDLE 0\r\n") + audio() + video(), "m-line 1: is not in"},
      {"two groups", session("a=group:BUNDLE 0\r\na=group:BUNDLE 1\r\n") + audio() + video(),
       "more than one a=group:BUNDLE"},
      {"nothing is left",
       replaced(replaced(kOffer, "m=audio 9", "m=audio 0"), "m=video 9", "m=video 0"),
       "every m-line is rejected"},
      {"no payload type", replaced(kOffer, "SAVPF 111 0", "SAVPF"), "no payload type"},
      {"payload type too great", replaced(kOffer, "SAVPF 111 0", "SAVPF 128"), "no payload type"},
      {"payload type no number", replaced(kOffer, "SAVPF 111 0", "SAVPF 111 x"), "no payload type"},
      {"payload type twice", replaced(kOffer, "SAVPF 111 0", "SAVPF 111 111"), "twice"},
      {"unknown media", replaced(kOffer, "m=audio", "m=image"),
       "neither audio, video nor application"},
      {"keys in the open", session("k=clear:secret\r\na=group:BUNDLE 0 1\r\n") + audio() + video(),
       "k= line"},
  };
  for (const Bad& row : rows) {
    const auto read = readRemoteDescription(row.sdp, row.type);
    ASSERT_FALSE(read) << row.why;
    EXPECT_THAT(read.error().what, HasSubstr(row.says)) << row.why;
    EXPECT_THAT(read.error().what, HasSubstr(toString(row.type))) << row.why;
  }
}

TEST(SessionDescription, SessionLevelTransportIsMovedIntoEverySection) {
  const std::string sdp =
      session("a=group:BUNDLE 0 1\r\n" + kTransport) + audio("a=mid:0\r\n") + video("a=mid:1\r\n");
  const auto read = readRemoteDescription(sdp, SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  const std::string text = textOf(*read);
  for (const char* line :
       {"a=ice-ufrag:UFRA", "a=ice-pwd:passwordpasswordpass00", "a=setup:actpass"})
    EXPECT_EQ(countIn(text, line), 2u) << line;
  EXPECT_EQ(countIn(text, "a=fingerprint:" + kFingerprint), 2u);
  EXPECT_THAT(text.substr(0, text.find("m=")), Not(HasSubstr("ice-ufrag")));
}

TEST(SessionDescription, ASectionsOwnTransportWinsOverTheSessions) {
  const std::string sdp = session("a=group:BUNDLE 0 1\r\na=setup:active\r\n") + audio() + video();
  const auto read = readRemoteDescription(sdp, SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(countIn(textOf(*read), "a=setup:actpass"), 2u);
  EXPECT_EQ(countIn(textOf(*read), "a=setup:active"), 0u);
}

TEST(SessionDescription, NoDirectionMeansBothWays) {
  const auto read = readRemoteDescription(replaced(kOffer, "a=sendrecv\r\n", ""), SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(read->sections[0].receives);
  EXPECT_EQ(countIn(textOf(*read), "a=sendrecv"), 2u);
}

TEST(SessionDescription, DirectionsAreTheWritersOwn) {
  for (const auto& [direction, sends, receives] : {std::tuple("sendonly", true, false),
                                                   {"recvonly", false, true},
                                                   {"inactive", false, false}}) {
    const auto read = readRemoteDescription(
        replaced(kOffer, "a=sendrecv", std::string("a=") + direction), SdpType::kOffer);
    ASSERT_TRUE(read) << read.error().what;
    EXPECT_EQ(countIn(textOf(*read), "a=sendrecv"), 2u) << "for webrtcbin, which cannot go back";
    EXPECT_EQ(read->sections[0].sends, sends) << direction;
    EXPECT_EQ(read->sections[0].receives, receives) << direction;
  }
}

TEST(SessionDescription, OneSectionNeedsNoGroup) {
  const auto read = readRemoteDescription(session("") + audio(), SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_THAT(textOf(*read), HasSubstr("a=group:BUNDLE 0\r\n"));
}

TEST(SessionDescription, OtherGroupsAreDropped) {
  const auto read = readRemoteDescription(
      session("a=group:LS 0 1\r\na=group:BUNDLE 0 1\r\n") + audio() + video(), SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_THAT(textOf(*read), Not(HasSubstr("a=group:LS")));
  EXPECT_EQ(countIn(textOf(*read), "a=group:BUNDLE 0 1"), 1u);
}

TEST(SessionDescription, ARefusedSectionMayComeWithoutTransport) {
  const std::string refused = "m=video 0 UDP/TLS/RTP/SAVPF 120\r\na=mid:1\r\na=inactive\r\n";
  const std::string sdp =
      session("a=group:BUNDLE 0\r\n") + replacedAll(audio(), "actpass", "active") + refused;
  const auto read = readRemoteDescription(sdp, SdpType::kAnswer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(read->sections[1].rejected);
  EXPECT_FALSE(read->sections[1].receives);
  EXPECT_EQ(countIn(textOf(*read), "a=ice-ufrag:UFRA"), 2u) << "webrtcbin wants it everywhere";
}

TEST(SessionDescription, ABundleOnlySectionIsNotRefused) {
  const std::string sdp = replaced(replaced(kOffer, "m=video 9", "m=video 0"), "a=mid:1\r\n",
                                   "a=mid:1\r\na=bundle-only\r\n");
  const auto read = readRemoteDescription(sdp, SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_FALSE(read->sections[1].rejected);
  EXPECT_TRUE(read->sections[1].receives);
}

TEST(SessionDescription, TheGroupIsPutInTheOrderOfTheSections) {
  const auto read =
      readRemoteDescription(session("a=group:BUNDLE 1 0\r\n") + audio() + video(), SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->transport_mline, 0u);
  EXPECT_THAT(textOf(*read), HasSubstr("a=group:BUNDLE 0 1\r\n"));
}

TEST(SessionDescription, TheTransportIsInTheFirstSectionThatIsNotRefused) {
  const auto read =
      readRemoteDescription(replaced(kOffer, "m=audio 9", "m=audio 0"), SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->transport_mline, 1u);
  EXPECT_THAT(textOf(*read), HasSubstr("a=group:BUNDLE 1\r\n"));
}

TEST(SessionDescription, ADataChannelHasNoKind) {
  const std::string sdp = session("a=group:BUNDLE 0\r\n") +
                          "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:0\r\n"
                          "a=sctp-port:5000\r\n" +
                          kTransport;
  const auto read = readRemoteDescription(sdp, SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->sections[0].kind, std::nullopt);
}

TEST(SessionDescription, WithoutOurCodecThereIsNoPayloadType) {
  const auto read =
      readRemoteDescription(replaced(kOffer, "VP8/90000", "VP9/90000"), SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->sections[1].payload_type, std::nullopt);
}

TEST(SessionDescription, CodecNamesAreComparedWithoutCaseAndAsWholeWords) {
  const auto upper =
      readRemoteDescription(replaced(kOffer, "opus/48000/2", "OPUS/48000/2"), SdpType::kOffer);
  ASSERT_TRUE(upper);
  EXPECT_EQ(upper->sections[0].payload_type, 111);
  const auto longer =
      readRemoteDescription(replaced(kOffer, "VP8/90000", "VP8/900001"), SdpType::kOffer);
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->sections[1].payload_type, std::nullopt);
}

TEST(SessionDescription, AnAnswerThatChoosesItsSetupPasses) {
  EXPECT_TRUE(readRemoteDescription(replacedAll(kOffer, "actpass", "passive"), SdpType::kAnswer));
}

// RFC 9143 7.2: the sections of an initial offer have transports of their own, for ends that do not
// bundle (aiortc, Asterisk, bundlePolicy "max-compat" of browsers).
TEST(SessionDescription, OfABundleTheTaggedSectionsTransportCounts) {
  std::string own = video();
  for (const auto& [what, with] : {std::pair("UFRA", "FRAU"),
                                   {"passwordpasswordpass00", "otherpasswordotherpass"},
                                   {"0B:2D", "0C:2D"},
                                   {"actpass", "active"},
                                   {"m=video 9", "m=video 40001"}})
    own = replaced(own, what, with);
  own += "a=candidate:2 1 UDP 1 192.0.2.1 40001 typ host\r\n";
  const std::string candidate = "a=candidate:1 1 UDP 1 192.0.2.1 40000 typ host\r\n";
  const auto first = readRemoteDescription(session() + audio() + candidate + own, SdpType::kOffer);
  ASSERT_TRUE(first) << first.error().what;
  EXPECT_EQ(countIn(textOf(*first), "a=ice-ufrag:UFRA"), 2u);
  EXPECT_EQ(countIn(textOf(*first), "a=ice-pwd:passwordpasswordpass00"), 2u);
  EXPECT_EQ(countIn(textOf(*first), "a=fingerprint:" + kFingerprint), 2u);
  EXPECT_EQ(countIn(textOf(*first), "a=setup:actpass"), 2u);
  EXPECT_EQ(countIn(textOf(*first), "40001 typ host"), 0u) << "of a socket that will not be used";
  EXPECT_EQ(countIn(textOf(*first), "40000 typ host"), 1u);
  EXPECT_EQ(first->role, std::nullopt);

  const auto second = readRemoteDescription(
      session("a=group:BUNDLE 1 0\r\n") + audio() + candidate + own, SdpType::kOffer);
  ASSERT_TRUE(second) << second.error().what;
  EXPECT_EQ(countIn(textOf(*second), "a=ice-ufrag:FRAU"), 2u) << "the group names m-line 1 first";
  EXPECT_EQ(second->role, DtlsRole::kActive);
  EXPECT_THAT(second->bundle, ::testing::ElementsAre("1", "0"));
  const std::string text = textOf(*second);
  EXPECT_THAT(text.substr(0, text.find("m=video")), HasSubstr("40001 typ host"))
      << "where webrtcbin looks for it";
}

TEST(SessionDescription, BundledSectionsNeedNoTransportOfTheirOwn) {
  const auto read = readRemoteDescription(
      session() + replacedAll(audio(), "actpass", "active") + video("a=mid:1\r\na=sendrecv\r\n"),
      SdpType::kAnswer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(countIn(textOf(*read), "a=ice-ufrag:UFRA"), 2u);
}

TEST(SessionDescription, ARejectedSectionsOwnTransportDoesNotCount) {
  const auto read = readRemoteDescription(
      session("a=group:BUNDLE 1\r\n") +
          replaced(replaced(audio(), "UFRA", "FRAU"), "m=audio 9", "m=audio 0") + video(),
      SdpType::kOffer);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(countIn(textOf(*read), "a=ice-ufrag:UFRA"), 2u);
  EXPECT_EQ(read->transport_mline, 1u);
}

TEST(SessionDescription, OfSeveralFingerprintsThatBySha256IsKept) {
  const std::string two = "a=fingerprint:sha-1 AA:BB\r\na=fingerprint:" + kFingerprint;
  const auto in_section = readRemoteDescription(
      replaced(kOffer, "a=fingerprint:" + kFingerprint, two), SdpType::kOffer);
  ASSERT_TRUE(in_section) << in_section.error().what;
  EXPECT_EQ(countIn(textOf(*in_section), "a=fingerprint:"), 2u);
  EXPECT_EQ(countIn(textOf(*in_section), "sha-1"), 0u);
  const auto in_session =
      readRemoteDescription(session("a=group:BUNDLE 0 1\r\n" + two +
                                    "\r\na=ice-ufrag:UFRA\r\na=setup:actpass\r\n"
                                    "a=ice-pwd:passwordpasswordpass00\r\n") +
                                audio("a=mid:0\r\n") + video("a=mid:1\r\n"),
                            SdpType::kOffer);
  ASSERT_TRUE(in_session) << in_session.error().what;
  EXPECT_EQ(countIn(textOf(*in_session), "a=fingerprint:" + kFingerprint), 2u);
}

TEST(SessionDescription, WhoDoesNotBundleIsToldSo) {
  const auto read = readRemoteDescription(session("") + audio() + video(), SdpType::kOffer);
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().what, HasSubstr("no BUNDLE"));
  EXPECT_THAT(read.error().what, HasSubstr("one transport for all m-lines"));
}

TEST(SessionDescription, EachSectionKnowsItsMid) {
  const auto read = readRemoteDescription(kOffer, SdpType::kOffer);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->sections[0].mid, "0");
  EXPECT_EQ(read->sections[1].mid, "1");
}

// --- descriptions that leave ---

struct Parsed {
  explicit Parsed(const std::string& text) {
    EXPECT_EQ(gst_sdp_message_new_from_text(text.c_str(), message.out()), GST_SDP_OK);
  }
  std::string text() const { return Owned<char>(gst_sdp_message_as_text(message.get())).get(); }
  Owned<GstSDPMessage> message;
};

TEST(SessionDescription, TheFingerprintIsSetInEverySectionAndNothingElseIs) {
  Parsed sdp(kOffer);
  const std::string before = sdp.text();
  setFingerprint(*sdp.message.get(), "sha-256 AB:CD");
  EXPECT_EQ(sdp.text(), replacedAll(before, kFingerprint, "sha-256 AB:CD"));
}

struct Role {
  const char* setup;
  std::optional<DtlsRole> role;
};

TEST(SessionDescription, AnOfferThatLeavesGivesEachSectionThePortOfTheTransport) {
  GstSDPMessage* parsed = nullptr;
  const std::string bundled = replaced(session() + audio() + video("a=mid:1\r\na=bundle-only\r\n"),
                                       "m=video 9", "m=video 0");
  ASSERT_EQ(gst_sdp_message_new_from_text(bundled.c_str(), &parsed), GST_SDP_OK);
  const auto offer = Owned<GstSDPMessage>(parsed);
  offerEverySection(*offer.get());
  const Owned<char> text(gst_sdp_message_as_text(offer.get()));
  EXPECT_THAT(text.get(), HasSubstr("m=video 9 "));
  EXPECT_THAT(text.get(), Not(HasSubstr("bundle-only")));
  const std::string rejected =
      replaced(session() + audio() + video("a=mid:1\r\n"), "m=video 9", "m=video 0");
  ASSERT_EQ(gst_sdp_message_new_from_text(rejected.c_str(), &parsed), GST_SDP_OK);
  const auto other = Owned<GstSDPMessage>(parsed);
  offerEverySection(*other.get());
  EXPECT_THAT(Owned<char>(gst_sdp_message_as_text(other.get())).get(), HasSubstr("m=video 0 "));
}

TEST(SessionDescription, TheDtlsRoleIsReadAndSetInEverySection) {
  for (const Role& row : {Role{"active", DtlsRole::kActive}, Role{"passive", DtlsRole::kPassive},
                          Role{"actpass", std::nullopt}}) {
    Parsed sdp(replacedAll(kOffer, "actpass", row.setup));
    EXPECT_EQ(dtlsRoleOf(*sdp.message.get(), 1), row.role) << row.setup;
    setDtlsRole(*sdp.message.get(), DtlsRole::kPassive);
    EXPECT_EQ(countIn(sdp.text(), "a=setup:passive"), 2u) << row.setup;
    EXPECT_EQ(countIn(sdp.text(), "a=setup:"), 2u) << row.setup;
  }
}

TEST(SessionDescription, AnAnswerSendsAndReceivesWhatTheOfferLetsIt) {
  struct Directions {
    const char *offered, *own, *answered;
  };
  for (const Directions& row : {Directions{"sendrecv", "sendrecv", "sendrecv"},
                                Directions{"sendonly", "sendrecv", "recvonly"},
                                Directions{"recvonly", "sendrecv", "sendonly"},
                                Directions{"inactive", "sendrecv", "inactive"},
                                Directions{"recvonly", "recvonly", "inactive"},
                                Directions{"sendrecv", "recvonly", "recvonly"}}) {
    const auto offer = readRemoteDescription(
        replacedAll(kOffer, "a=sendrecv", std::string("a=") + row.offered), SdpType::kOffer);
    ASSERT_TRUE(offer);
    Parsed answer(replacedAll(kOffer, "a=sendrecv", std::string("a=") + row.own));
    setDirections(*answer.message.get(), offer->sections);
    EXPECT_EQ(countIn(answer.text(), std::string("a=") + row.answered + "\r\n"), 2u)
        << row.offered << " " << row.own;
  }
}

TEST(SessionDescription, AnAnswersGroupTakesTheOffersOrder) {
  Parsed answer(kOffer);
  setBundleOrder(*answer.message.get(), {"1", "0"});
  EXPECT_THAT(answer.text(), HasSubstr("a=group:BUNDLE 1 0\r\n"));
  EXPECT_EQ(countIn(answer.text(), "a=group:"), 1u);
}

}  // namespace
}  // namespace turnout
