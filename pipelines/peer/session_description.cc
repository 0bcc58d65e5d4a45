#include "pipelines/peer/session_description.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <set>
#include <utility>

#include <glib.h>

namespace turnout {
namespace {

// RFC 8839 5.4.
constexpr std::size_t kMinUfrag = 4;
constexpr std::size_t kMinPassword = 22;
constexpr std::size_t kMaxIceText = 256;
constexpr std::size_t kMaxMid = 64;
// What webrtcbin looks for in every m= section, and RFC 8866 5 also allows for the whole session.
constexpr std::array kTransportKeys = {"ice-ufrag", "ice-pwd", "fingerprint", "setup"};
constexpr std::array kDirections = {"sendrecv", "sendonly", "recvonly", "inactive"};

// --- words ---

std::string_view viewOf(const char* text) {
  return text ? std::string_view(text) : "";
}

bool isIceText(std::string_view text, std::size_t least) {  // ice-chars (RFC 8839 5.4)
  return text.size() >= least && text.size() <= kMaxIceText &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return g_ascii_isalnum(c) || c == '+' || c == '/'; });
}

bool isToken(std::string_view text) {  // RFC 8866 9
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return g_ascii_isalnum(c) || std::strchr("!#$%&'*+-.^_`{|}~", c) != nullptr;
  });
}

bool isFingerprint(std::string_view text) {  // RFC 8122 5: hash function, space, UHEX pairs
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || !isToken(text.substr(0, space)))
    return false;
  const std::string_view hex = text.substr(space + 1);
  for (std::size_t i = 0; i < hex.size(); i++)
    if (i % 3 == 2 ? hex[i] != ':' : !g_ascii_isxdigit(hex[i]))
      return false;
  return hex.size() % 3 == 2;
}

std::optional<int> wholeNumber(std::string_view text) {  // nothing but the number
  int value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  return problem == std::errc() && end == text.data() + text.size() ? std::optional(value)
                                                                    : std::nullopt;
}

std::vector<std::string> splitWords(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const std::size_t space = std::min(text.find(' '), text.size());
    if (space > 0)
      words.emplace_back(text.substr(0, space));
    text.remove_prefix(std::min(space + 1, text.size()));
  }
  return words;
}

// --- attributes ---

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

const GstSDPMedia& sectionOf(const GstSDPMessage& message, unsigned i) {
  return *gst_sdp_message_get_media(&message, i);
}
// The message is ours to change; GStreamer has no non-const getter.
GstSDPMedia& sectionOf(GstSDPMessage& message, unsigned i) {
  return *const_cast<GstSDPMedia*>(gst_sdp_message_get_media(&message, i));
}

void removeAll(GstSDPMessage& message, std::string_view key) {
  for (guint i = gst_sdp_message_attributes_len(&message); i-- > 0;)
    if (viewOf(gst_sdp_message_get_attribute(&message, i)->key) == key)
      gst_sdp_message_remove_attribute(&message, i);
}
void removeAll(GstSDPMedia& media, std::string_view key) {
  for (guint i = gst_sdp_media_attributes_len(&media); i-- > 0;)
    if (viewOf(gst_sdp_media_get_attribute(&media, i)->key) == key)
      gst_sdp_media_remove_attribute(&media, i);
}

// Where a section has the attribute, it gets this value.
void replaceEverywhere(GstSDPMessage& message, std::string_view key, const std::string& value) {
  for (unsigned m = 0; m < gst_sdp_message_medias_len(&message); m++) {
    GstSDPMedia& media = sectionOf(message, m);
    for (guint a = 0; a < gst_sdp_media_attributes_len(&media); a++) {
      if (viewOf(gst_sdp_media_get_attribute(&media, a)->key) != key)
        continue;
      GstSDPAttribute fresh;
      gst_sdp_attribute_set(&fresh, std::string(key).c_str(), value.c_str());
      gst_sdp_media_replace_attribute(&media, a, &fresh);
    }
  }
}

// Of several fingerprints, which are of one certificate by several hash functions (RFC 8122 5), that
// by SHA-256 if there is one.
template <class Container, class Get>
std::string bestValue(const Container& container, const char* key, Get get) {
  std::string best;
  for (guint i = 0; const char* value = get(&container, key, i); i++)
    if (best.empty() || g_ascii_strncasecmp(value, "sha-256 ", 8) == 0)
      best = value;
  return best;
}

// --- sections ---

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

void setDirection(GstSDPMedia& media, bool sends, bool receives) {
  for (const char* key : kDirections)
    removeAll(media, key);
  gst_sdp_media_add_attribute(
      &media, sends ? (receives ? "sendrecv" : "sendonly") : (receives ? "recvonly" : "inactive"),
      "");
}

// The a=group:BUNDLE lines, each as its mids.
std::vector<std::vector<std::string>> bundlesOf(const GstSDPMessage& message) {
  std::vector<std::vector<std::string>> bundles;
  for (guint i = 0; const char* group = gst_sdp_message_get_attribute_val_n(&message, "group", i);
       i++) {
    auto words = splitWords(group);
    if (words.empty() || words.front() != "BUNDLE")
      continue;
    words.erase(words.begin());
    bundles.push_back(std::move(words));
  }
  return bundles;
}

// Mids of the bundle that are of live sections, the tagged one first.
std::vector<std::string> liveBundleOf(const GstSDPMessage& message) {
  const auto bundles = bundlesOf(message);
  std::vector<std::string> mids;
  if (bundles.empty())
    mids.emplace_back(valueOf(sectionOf(message, 0), "mid"));
  else
    mids = bundles.front();
  std::erase_if(mids, [&message](const std::string& mid) {
    for (unsigned i = 0; i < gst_sdp_message_medias_len(&message); i++)
      if (valueOf(sectionOf(message, i), "mid") == mid)
        return isRejected(sectionOf(message, i));
    return true;
  });
  return mids;
}

// What is wrong with a description; every answer is a sentence, or empty: nothing. Changes nothing.
class Judge {
 public:
  Judge(const GstSDPMessage& message, SdpType type)
      : message_(message), type_(type), sections_(gst_sdp_message_medias_len(&message)) {}

  std::string faultAsWritten() {
    if (sections_ == 0)
      return "no m= section";
    if (sections_ > kMaxMediaSections)
      return "more than " + std::to_string(kMaxMediaSections) + " m= sections";
    if (std::string fault = sessionFault(); !fault.empty())
      return fault;
    for (unsigned i = 0; i < sections_; i++)
      if (std::string fault = midFault(i); !fault.empty())
        return at(i, fault);
    for (unsigned i = 0; i < sections_; i++)
      if (std::string fault = formatFault(sectionOf(message_, i)); !fault.empty())
        return at(i, fault);
    return bundleFault();
  }

  // Once each section has what counts for it.
  std::string transportFault(unsigned mline) const {
    const GstSDPMedia& section = sectionOf(message_, mline);
    for (const char* key : {"ice-ufrag", "ice-pwd", "setup"})
      if (countOf(section, key) != 1)
        return at(mline, std::string("needs exactly one a=") + key);
    if (!isIceText(valueOf(section, "ice-ufrag"), kMinUfrag))
      return at(mline, "a=ice-ufrag is not 4 to 256 ice-chars");
    if (!isIceText(valueOf(section, "ice-pwd"), kMinPassword))
      return at(mline, "a=ice-pwd is not 22 to 256 ice-chars");
    if (!isFingerprint(valueOf(section, "fingerprint")))
      return at(mline, "a=fingerprint is missing or malformed");
    const std::string_view setup = valueOf(section, "setup");
    const bool is_settled = setup == "active" || setup == "passive";
    if (!is_settled && (setup != "actpass" || type_ == SdpType::kAnswer))
      return at(mline, "a=setup is \"" + std::string(setup.substr(0, 16)) + "\"");
    return "";
  }

 private:
  static std::string at(unsigned mline, const std::string& fault) {
    return "m-line " + std::to_string(mline) + ": " + fault;
  }

  std::string sessionFault() const {
    if (gst_sdp_message_get_key(&message_)->type || gst_sdp_message_get_key(&message_)->data)
      return "a k= line, which RFC 8866 5.12 forbids";
    for (const char* key : {"ice-ufrag", "ice-pwd", "setup"})
      if (countOf(message_, key) > 1)
        return std::string("a=") + key + " is there more than once for the session";
    return "";
  }

  // RFC 5888 4. webrtcbin asserts that there is one.
  std::string midFault(unsigned i) {
    const GstSDPMedia& section = sectionOf(message_, i);
    const std::string_view mid = valueOf(section, "mid");
    if (countOf(section, "mid") != 1)
      return "needs exactly one a=mid";
    if (!isToken(mid) || mid.size() > kMaxMid)
      return "a=mid is not a token of at most " + std::to_string(kMaxMid) + " characters";
    if (!mids_.insert(std::string(mid)).second)
      return "a=mid is that of another m-line";
    return "";
  }

  static std::string formatFault(const GstSDPMedia& section) {
    unsigned directions = 0;
    for (const char* key : kDirections)
      directions += countOf(section, key);
    if (directions > 1)
      return "has more than one direction attribute";
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

  // All live sections must be in one group: this end has one transport.
  std::string bundleFault() const {
    const std::string remedy =
        ": this end has one transport for all m-lines and talks to ends that bundle (RFC 9143; "
        "browsers do)";
    const auto bundles = bundlesOf(message_);
    if (bundles.size() > 1)
      return "more than one a=group:BUNDLE" + remedy;
    if (bundles.empty() && sections_ > 1)
      return "no BUNDLE, as there is no a=group:BUNDLE over its " + std::to_string(sections_) +
             " m-lines" + remedy;
    for (const auto& bundle : bundles)
      for (const std::string& mid : bundle)
        if (!mids_.contains(mid))
          return "a=group:BUNDLE names a mid that no m-line has";
    const auto live = liveBundleOf(message_);
    bool is_all_rejected = true;
    for (unsigned i = 0; i < sections_; i++) {
      if (isRejected(sectionOf(message_, i)))
        continue;
      is_all_rejected = false;
      if (std::find(live.begin(), live.end(), valueOf(sectionOf(message_, i), "mid")) == live.end())
        return at(i, "is not in a=group:BUNDLE" + remedy);
    }
    return is_all_rejected ? "every m-line is rejected" : "";
  }

  const GstSDPMessage& message_;
  const SdpType type_;
  const unsigned sections_;
  std::set<std::string> mids_;
};

// Brings a description that was judged as written into the form webrtcbin reads.
class Rewriter {
 public:
  explicit Rewriter(GstSDPMessage& message)
      : message_(message), sections_(gst_sdp_message_medias_len(&message)) {}

  // The tagged section's m-line.
  unsigned run() {
    moveSessionAttributes();
    completeDirections();
    const unsigned tagged = taggedSection();
    shareTransportOf(tagged);
    moveCandidates(tagged);
    writeGroup();
    return tagged;
  }

 private:
  // validate_sdp() of webrtcbin refuses a fingerprint at both levels and asserts on repeated
  // credentials, so each goes to the sections that have none of their own.
  void moveSessionAttributes() {
    for (const char* key : kTransportKeys) {
      const std::string value = bestValue(message_, key, gst_sdp_message_get_attribute_val_n);
      if (value.empty())
        continue;
      for (unsigned i = 0; i < sections_; i++)
        if (countOf(sectionOf(message_, i), key) == 0)
          gst_sdp_media_add_attribute(&sectionOf(message_, i), key, value.c_str());
      removeAll(message_, key);
    }
  }

  void completeDirections() {
    const auto has_one = [](const GstSDPMedia& section) {
      return std::any_of(kDirections.begin(), kDirections.end(),
                         [&section](const char* key) { return countOf(section, key) > 0; });
    };
    const char* for_all = kDirections.front();  // RFC 8866 6.7: sendrecv when nothing is said
    for (const char* key : kDirections)
      if (countOf(message_, key) > 0)
        for_all = key;
    for (unsigned i = 0; i < sections_; i++)
      if (!has_one(sectionOf(message_, i)))
        gst_sdp_media_add_attribute(&sectionOf(message_, i), for_all, "");
  }

  unsigned taggedSection() const {
    const std::string tag = liveBundleOf(message_).front();
    unsigned i = 0;
    while (valueOf(sectionOf(message_, i), "mid") != tag)
      i++;
    return i;
  }

  // webrtcbin wants ICE and DTLS attributes in every section, rejected ones too, though nobody need
  // send them there (RFC 9143 7.1.3, RFC 8829 5.3.1), and the same ones.
  void shareTransportOf(unsigned tagged) {
    for (const char* key : kTransportKeys) {
      const auto count = countOf(sectionOf(message_, tagged), key);
      const std::string value =
          bestValue(sectionOf(message_, tagged), key, gst_sdp_media_get_attribute_val_n);
      for (unsigned i = 0; i < sections_; i++) {
        if (i == tagged && (count == 0 || std::string_view(key) != "fingerprint"))
          continue;  // for the Judge as it is
        removeAll(sectionOf(message_, i), key);
        if (count > 0)
          gst_sdp_media_add_attribute(&sectionOf(message_, i), key, value.c_str());
      }
    }
  }

  // webrtcbin reads those of its transport's section: the first that is not rejected.
  void moveCandidates(unsigned tagged) {
    std::vector<std::string> candidates;
    for (guint n = 0; const char* value = gst_sdp_media_get_attribute_val_n(
                          &sectionOf(message_, tagged), "candidate", n);
         n++)
      candidates.emplace_back(value);
    const bool is_end = countOf(sectionOf(message_, tagged), "end-of-candidates") > 0;
    unsigned transport = 0;
    while (isRejected(sectionOf(message_, transport)))
      transport++;
    for (unsigned i = 0; i < sections_; i++) {
      removeAll(sectionOf(message_, i), "candidate");
      removeAll(sectionOf(message_, i), "end-of-candidates");
    }
    for (const std::string& candidate : candidates)
      gst_sdp_media_add_attribute(&sectionOf(message_, transport), "candidate", candidate.c_str());
    if (is_end)
      gst_sdp_media_add_attribute(&sectionOf(message_, transport), "end-of-candidates", "");
  }

  // webrtcbin writes the group of its answers in the order of the m-lines, whatever the offer's was,
  // and takes the first in it for the transport. So that both agree, the group is put in that order
  // here. It reads only the first group line: others, which it would not heed anyway, go.
  void writeGroup() {
    removeAll(message_, "group");
    std::string group = "BUNDLE";
    for (unsigned i = 0; i < sections_; i++)
      if (!isRejected(sectionOf(message_, i)))
        group += " " + std::string(valueOf(sectionOf(message_, i), "mid"));
    gst_sdp_message_add_attribute(&message_, "group", group.c_str());
  }

  GstSDPMessage& message_;
  const unsigned sections_;
};

const char* wordOf(DtlsRole role) {
  return role == DtlsRole::kActive ? "active" : "passive";
}

std::string faultOfText(std::string_view text) {
  if (text.empty())
    return "empty";
  if (text.size() > kMaxDescriptionBytes)
    return "longer than 128 KiB";
  if (text.find('\0') != std::string_view::npos)
    return "a NUL byte in the text";
  if (!g_utf8_validate(text.data(), static_cast<gssize>(text.size()), nullptr))
    return "not UTF-8";
  return text.starts_with("v=0") ? "" : "does not begin with v=0";
}

}  // namespace

std::vector<MediaSection> mediaSections(const GstSDPMessage& description) {
  std::vector<MediaSection> sections;
  for (guint i = 0; i < gst_sdp_message_medias_len(&description); i++) {
    const GstSDPMedia& media = sectionOf(description, i);
    MediaSection section;
    section.mline = i;
    section.mid = valueOf(media, "mid");
    section.kind = kindOf(media);
    section.rejected = isRejected(media);
    const bool is_both = countOf(media, "sendrecv") > 0;
    section.sends = !section.rejected && (is_both || countOf(media, "sendonly") > 0);
    section.receives = !section.rejected && (is_both || countOf(media, "recvonly") > 0);
    if (section.kind)
      section.payload_type = payloadTypeOf(media, *section.kind);
    sections.push_back(std::move(section));
  }
  return sections;
}

std::optional<unsigned> transportMline(const std::vector<MediaSection>& sections) {
  for (const MediaSection& section : sections)
    if (!section.rejected)
      return section.mline;
  return std::nullopt;
}

Result<RemoteDescription> readRemoteDescription(std::string_view text, SdpType type) {
  const auto refused = [type](const std::string& why) {
    return Error{ErrorCode::kIo, std::string("remote ") + toString(type) + ": " + why};
  };
  if (const std::string fault = faultOfText(text); !fault.empty())
    return refused(fault);
  RemoteDescription description;
  gst_sdp_message_new(description.message.out());
  GstSDPMessage& message = *description.message.get();
  if (gst_sdp_message_parse_buffer(reinterpret_cast<const guint8*>(text.data()),
                                   static_cast<guint>(text.size()), &message) != GST_SDP_OK)
    return refused("not SDP");
  Judge judge(message, type);
  if (const std::string fault = judge.faultAsWritten(); !fault.empty())
    return refused(fault);
  description.bundle = liveBundleOf(message);
  const unsigned tagged = Rewriter(message).run();
  if (const std::string fault = judge.transportFault(tagged); !fault.empty())
    return refused(fault);
  description.sections = mediaSections(message);
  for (const MediaSection& section : description.sections)
    if (section.kind && !section.rejected)
      setDirection(sectionOf(message, section.mline), true, true);
  description.transport_mline = *transportMline(description.sections);
  description.role = dtlsRoleOf(message, tagged);
  return description;
}

void setFingerprint(GstSDPMessage& description, const std::string& fingerprint) {
  replaceEverywhere(description, "fingerprint", fingerprint);
}

void setDtlsRole(GstSDPMessage& description, DtlsRole role) {
  replaceEverywhere(description, "setup", wordOf(role));
}

void leaveDtlsRole(GstSDPMessage& offer) {
  replaceEverywhere(offer, "setup", "actpass");
}

void offerEverySection(GstSDPMessage& offer) {
  constexpr guint kDiscardPort = 9;  // candidates come by themselves (RFC 8840 4.1.1)
  for (unsigned i = 0; i < gst_sdp_message_medias_len(&offer); i++) {
    GstSDPMedia& media = sectionOf(offer, i);
    if (countOf(media, "bundle-only") == 0)
      continue;
    removeAll(media, "bundle-only");
    gst_sdp_media_set_port_info(&media, kDiscardPort, 1);
  }
}

void setOrigin(GstSDPMessage& description, std::uint64_t session_id, unsigned version) {
  gst_sdp_message_set_origin(&description, "-", std::to_string(session_id).c_str(),
                             std::to_string(version).c_str(), "IN", "IP4", "0.0.0.0");
}

std::optional<DtlsRole> dtlsRoleOf(const GstSDPMessage& description, unsigned mline) {
  const std::string_view setup = valueOf(sectionOf(description, mline), "setup");
  for (const DtlsRole role : {DtlsRole::kActive, DtlsRole::kPassive})
    if (setup == wordOf(role))
      return role;
  return std::nullopt;
}

void setDirections(GstSDPMessage& answer, const std::vector<MediaSection>& offered) {
  for (const MediaSection& own : mediaSections(answer))
    if (own.kind && !own.rejected && own.mline < offered.size())
      setDirection(sectionOf(answer, own.mline), own.sends && offered[own.mline].receives,
                   own.receives && offered[own.mline].sends);
}

void setBundleOrder(GstSDPMessage& answer, const std::vector<std::string>& offered) {
  const auto bundles = bundlesOf(answer);
  if (bundles.size() != 1)
    return;
  std::vector<std::string> mids = bundles.front();
  const auto rank = [&offered](const std::string& mid) {
    return std::find(offered.begin(), offered.end(), mid) - offered.begin();
  };
  std::stable_sort(mids.begin(), mids.end(), [&rank](const std::string& a, const std::string& b) {
    return rank(a) < rank(b);
  });
  std::string group = "BUNDLE";
  for (const std::string& mid : mids)
    group += " " + mid;
  removeAll(answer, "group");
  gst_sdp_message_add_attribute(&answer, "group", group.c_str());
}

}  // namespace turnout
