#include "pipelines/peer/session_description.h"

#include "pipelines/peer/sdp_text.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

namespace turnout {
namespace {

// RFC 8839 5.4.
constexpr std::size_t kMinUfrag = 4;
constexpr std::size_t kMinPassword = 22;
constexpr std::size_t kMaxMid = 64;
// What webrtcbin looks for in every m= section, and RFC 8866 5 also allows for the whole session.
constexpr std::array kTransportKeys = {"ice-ufrag", "ice-pwd", "fingerprint", "setup"};
constexpr std::array kDirections = {"sendrecv", "sendonly", "recvonly", "inactive"};

std::string_view viewOf(const char* text) {
  return text ? std::string_view(text) : "";
}

// By key: a flag such as a=bundle-only may have no value at all.
unsigned countOf(const GstSDPMedia& media, std::string_view key) {
  unsigned count = 0;
  for (guint i = 0; i < gst_sdp_media_attributes_len(&media); i++)
    count += viewOf(gst_sdp_media_get_attribute(&media, i)->key) == key ? 1 : 0;
  return count;
}
unsigned countOf(const GstSDPMessage& message, std::string_view key) {
  unsigned count = 0;
  for (guint i = 0; i < gst_sdp_message_attributes_len(&message); i++)
    count += viewOf(gst_sdp_message_get_attribute(&message, i)->key) == key ? 1 : 0;
  return count;
}
std::string_view valueOf(const GstSDPMedia& media, const char* key) {
  return viewOf(gst_sdp_media_get_attribute_val(&media, key));
}

std::optional<MediaKind> kindOf(const GstSDPMedia& media) {
  const std::string_view name = viewOf(gst_sdp_media_get_media(&media));
  if (name == "audio")
    return MediaKind::kAudio;
  return name == "video" ? std::optional(MediaKind::kVideo) : std::nullopt;
}

bool isRejected(const GstSDPMedia& media) {
  return gst_sdp_media_get_port(&media) == 0 && countOf(media, "bundle-only") == 0;
}

// "111 opus/48000/2": the payload type when the rest names the codec (RFC 8866 6.6).
std::optional<std::uint8_t> payloadTypeOf(std::string_view rtpmap, std::string_view codec) {
  const std::size_t space = rtpmap.find(' ');
  if (space == std::string_view::npos)
    return std::nullopt;
  const std::string encoding(rtpmap.substr(space + 1));
  const auto number = wholeNumber(rtpmap.substr(0, space));
  const bool is_codec = encoding.size() >= codec.size() &&
                        g_ascii_strncasecmp(encoding.c_str(), codec.data(), codec.size()) == 0 &&
                        (encoding.size() == codec.size() || encoding[codec.size()] == '/');
  return is_codec && number && *number >= 0 && *number <= 127
             ? std::optional(static_cast<std::uint8_t>(*number))
             : std::nullopt;
}

std::optional<std::uint8_t> payloadTypeOf(const GstSDPMedia& media, MediaKind kind) {
  const std::string_view codec = kind == MediaKind::kAudio ? "opus/48000" : "VP8/90000";
  for (guint i = 0; i < gst_sdp_media_formats_len(&media); i++) {
    const auto format = wholeNumber(viewOf(gst_sdp_media_get_format(&media, i)));
    for (guint j = 0; const char* rtpmap = gst_sdp_media_get_attribute_val_n(&media, "rtpmap", j);
         j++)
      if (const auto type = payloadTypeOf(viewOf(rtpmap), codec); type && type == format)
        return type;
  }
  return std::nullopt;
}

// One description on its way through the checks: the first thing wrong ends it.
class Check {
 public:
  Check(GstSDPMessage& message, SdpType type)
      : message_(message), type_(type), sections_(gst_sdp_message_medias_len(&message)) {}

  Result<unsigned> run() {  // the BUNDLE tag's m-line
    if (auto fault = findFault(); !fault.empty())
      return Error{ErrorCode::kIo, std::string("remote ") + toString(type_) + ": " + fault};
    return transport_mline_;
  }

 private:
  GstSDPMedia& media(unsigned i) {
    return *const_cast<GstSDPMedia*>(gst_sdp_message_get_media(&message_, i));
  }
  static std::string at(unsigned mline, const std::string& fault) {
    return "m-line " + std::to_string(mline) + ": " + fault;
  }

  std::string findFault() {
    if (sections_ == 0)
      return "no m= section";
    if (sections_ > kMaxMediaSections)
      return "more than " + std::to_string(kMaxMediaSections) + " m= sections";
    if (std::string fault = sessionFault(); !fault.empty())
      return fault;
    moveSessionAttributes();
    for (unsigned i = 0; i < sections_; i++)
      if (std::string fault = midFault(i); !fault.empty())
        return at(i, fault);
    if (std::string fault = bundleFault(); !fault.empty())
      return fault;
    for (unsigned i = 0; i < sections_; i++) {
      if (isRejected(media(i)))
        completeRejected(media(i));
      if (std::string fault = sectionFault(media(i)); !fault.empty())
        return at(i, fault);
    }
    return sameTransportFault();
  }

  std::string sessionFault() {
    if (gst_sdp_message_get_key(&message_)->type || gst_sdp_message_get_key(&message_)->data)
      return "a k= line, which RFC 8866 5.12 forbids";
    for (const char* key : kTransportKeys)
      if (countOf(message_, key) > 1)
        return std::string("a=") + key + " is there more than once for the session";
    return "";
  }

  // validate_sdp() of webrtcbin refuses a fingerprint at both levels and asserts on repeated
  // credentials, so each goes to the sections that have none of their own.
  void moveSessionAttributes() {
    for (const char* key : kTransportKeys) {
      const char* value = gst_sdp_message_get_attribute_val(&message_, key);
      if (!value)
        continue;
      for (unsigned i = 0; i < sections_; i++)
        if (countOf(media(i), key) == 0)
          gst_sdp_media_add_attribute(&media(i), key, value);
      removeFromSession(key);
    }
    for (unsigned i = 0; i < sections_; i++)
      if (!hasDirection(media(i)))
        gst_sdp_media_add_attribute(&media(i), sessionDirection(), "");
  }

  void removeFromSession(const char* key) {
    for (guint i = 0; i < gst_sdp_message_attributes_len(&message_); i++)
      if (viewOf(gst_sdp_message_get_attribute(&message_, i)->key) == key) {
        gst_sdp_message_remove_attribute(&message_, i);
        return;
      }
  }

  static bool hasDirection(const GstSDPMedia& section) {
    return std::any_of(kDirections.begin(), kDirections.end(),
                       [&section](const char* key) { return countOf(section, key) > 0; });
  }
  const char* sessionDirection() {  // RFC 8866 6.7: sendrecv when nothing is said
    for (const char* key : kDirections)
      if (countOf(message_, key) > 0)
        return key;
    return kDirections.front();
  }

  // RFC 5888 4. webrtcbin asserts that there is one.
  std::string midFault(unsigned i) {
    const std::string_view mid = valueOf(media(i), "mid");
    if (countOf(media(i), "mid") != 1)
      return "needs exactly one a=mid";
    if (!isToken(mid) || mid.size() > kMaxMid)
      return "a=mid is not a token of at most " + std::to_string(kMaxMid) + " characters";
    if (!mids_.insert(std::string(mid)).second)
      return "a=mid is that of another m-line";
    return "";
  }

  // All live sections must be in one BUNDLE group (RFC 8843): this end has one transport. webrtcbin
  // writes the group of its answers in the order of the m-lines, whatever the offer's was, and
  // takes the first in it for the transport. So that both agree, the group is put in that order
  // here. It reads only the first group line: others, which it would not heed anyway, go.
  std::string bundleFault() {
    std::vector<std::string> bundles;
    while (const char* group = gst_sdp_message_get_attribute_val(&message_, "group")) {
      if (const std::string_view text = group; text == "BUNDLE" || text.starts_with("BUNDLE "))
        bundles.emplace_back(text);
      removeFromSession("group");
    }
    if (bundles.size() > 1)
      return "more than one a=group:BUNDLE";
    if (bundles.empty() && sections_ > 1)
      return "no a=group:BUNDLE over its " + std::to_string(sections_) + " m-lines";
    if (bundles.empty())
      bundles.push_back("BUNDLE " + std::string(valueOf(media(0), "mid")));
    auto mids = splitWords(bundles.front());
    mids.erase(mids.begin());
    return bundledSectionsFault(mids);
  }

  std::string bundledSectionsFault(const std::vector<std::string_view>& bundle) {
    for (const std::string_view mid : bundle)
      if (!mids_.contains(std::string(mid)))
        return "a=group:BUNDLE names a mid that no m-line has";
    std::string group = "BUNDLE";
    std::optional<unsigned> first;
    for (unsigned i = 0; i < sections_; i++) {
      const std::string_view mid = valueOf(media(i), "mid");
      if (isRejected(media(i)))
        continue;
      if (std::find(bundle.begin(), bundle.end(), mid) == bundle.end())
        return at(i, "is not in a=group:BUNDLE");
      group += " " + std::string(mid);
      first = first.value_or(i);
    }
    if (!first)
      return "every m-line is rejected";
    transport_mline_ = *first;
    gst_sdp_message_add_attribute(&message_, "group", group.c_str());
    return "";
  }

  // webrtcbin wants these of a rejected section too, though nobody need send them (RFC 8829 5.3.1).
  void completeRejected(GstSDPMedia& section) {
    for (const char* key : kTransportKeys)
      if (countOf(section, key) == 0)
        if (const char* value = gst_sdp_media_get_attribute_val(&media(transport_mline_), key))
          gst_sdp_media_add_attribute(&section, key, value);
  }

  std::string sectionFault(const GstSDPMedia& section) {
    for (const char* key : {"ice-ufrag", "ice-pwd", "setup"})
      if (countOf(section, key) != 1)
        return std::string("needs exactly one a=") + key;
    if (!isIceText(valueOf(section, "ice-ufrag"), kMinUfrag))
      return "a=ice-ufrag is not 4 to 256 ice-chars";
    if (!isIceText(valueOf(section, "ice-pwd"), kMinPassword))
      return "a=ice-pwd is not 22 to 256 ice-chars";
    if (countOf(section, "fingerprint") == 0 || !isFingerprint(valueOf(section, "fingerprint")))
      return "a=fingerprint is missing or malformed";
    const std::string_view setup = valueOf(section, "setup");
    const bool is_settled = setup == "active" || setup == "passive";
    if (!is_settled && (setup != "actpass" || type_ == SdpType::kAnswer))
      return "a=setup is \"" + std::string(setup.substr(0, 16)) + "\"";
    unsigned directions = 0;
    for (const char* key : kDirections)
      directions += countOf(section, key);
    if (directions != 1)
      return "has more than one direction attribute";
    return formatFault(section);
  }

  static std::string formatFault(const GstSDPMedia& section) {
    const guint formats = gst_sdp_media_formats_len(&section);
    if (viewOf(gst_sdp_media_get_media(&section)) == "application")
      return formats == 1 ? "" : "a data channel needs exactly one format";
    if (!kindOf(section))
      return "is neither audio, video nor application";
    std::set<int> seen;
    for (guint i = 0; i < formats; i++) {
      const auto type = wholeNumber(viewOf(gst_sdp_media_get_format(&section, i)));
      if (!type || *type < 0 || *type > 127 || !seen.insert(*type).second)
        return "has a format that is no payload type, or is there twice";
    }
    return seen.empty() ? "has no format" : "";
  }

  // What is bundled has one ICE agent and one certificate (RFC 8843 7.1.3, RFC 8842 5.1).
  std::string sameTransportFault() {
    for (const char* key : {"ice-ufrag", "ice-pwd", "fingerprint"})
      for (unsigned i = 0; i < sections_; i++)
        if (valueOf(media(i), key) != valueOf(media(transport_mline_), key))
          return at(i, std::string("a=") + key + " differs from the transport's");
    return "";
  }

  GstSDPMessage& message_;
  const SdpType type_;
  const unsigned sections_;
  unsigned transport_mline_ = 0;
  std::set<std::string> mids_;
};

}  // namespace

std::vector<MediaSection> mediaSections(const GstSDPMessage& description) {
  std::vector<MediaSection> sections;
  for (guint i = 0; i < gst_sdp_message_medias_len(&description); i++) {
    const GstSDPMedia& media = *gst_sdp_message_get_media(&description, i);
    MediaSection section;
    section.mline = i;
    section.kind = kindOf(media);
    section.rejected = isRejected(media);
    const bool is_both = countOf(media, "sendrecv") > 0;
    section.sends = !section.rejected && (is_both || countOf(media, "sendonly") > 0);
    section.receives = !section.rejected && (is_both || countOf(media, "recvonly") > 0);
    if (section.kind)
      section.payload_type = payloadTypeOf(media, *section.kind);
    sections.push_back(section);
  }
  return sections;
}

std::optional<unsigned> transportMline(const std::vector<MediaSection>& sections) {
  for (const MediaSection& section : sections)
    if (!section.rejected)
      return section.mline;
  return std::nullopt;
}

Result<CheckedDescription> checkRemoteDescription(std::string_view text, SdpType type) {
  const auto refuse = [type](const char* why) {
    return Error{ErrorCode::kIo, std::string("remote ") + toString(type) + ": " + why};
  };
  if (text.empty())
    return refuse("empty");
  if (text.size() > kMaxDescriptionBytes)
    return refuse("longer than 128 KiB");
  if (text.find('\0') != std::string_view::npos)
    return refuse("a NUL byte in the text");
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr))
    return refuse("not UTF-8");
  if (!text.starts_with("v=0"))
    return refuse("does not begin with v=0");
  CheckedDescription checked;
  gst_sdp_message_new(checked.message.out());
  if (gst_sdp_message_parse_buffer(reinterpret_cast<const guint8*>(text.data()),
                                   static_cast<guint>(text.size()),
                                   checked.message.get()) != GST_SDP_OK)
    return refuse("not SDP");
  auto transport_mline = Check(*checked.message.get(), type).run();
  if (!transport_mline)
    return transport_mline.error();
  checked.transport_mline = *transport_mline;
  checked.sections = mediaSections(*checked.message.get());
  return checked;
}

}  // namespace turnout
