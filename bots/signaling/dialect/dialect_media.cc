// The shapes in which apps write descriptions and candidates, and what a session makes of them.
#include "bots/signaling/dialect/dialect_session.h"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace turnout {
namespace {

constexpr int kMostNesting = 4;  // of JSON in strings in JSON

JsonValue jsonIn(const std::string& text) {
  auto value = JsonValue::parse(text);
  return value.hasValue() ? *value : JsonValue();
}

std::string lineOf(const std::string& sdp, const char* begin) {
  const std::size_t from = sdp.find(begin);
  return from == std::string::npos ? "" : sdp.substr(from, sdp.find_first_of("\r\n", from) - from);
}

// "o=- 123 2 IN IP4 0.0.0.0": 123
std::string sessionIdOf(const std::string& sdp) {
  const std::string line = lineOf(sdp, "o=");
  const std::size_t from = line.find(' ');
  return from == std::string::npos ? ""
                                   : line.substr(from + 1, line.find(' ', from + 1) - from - 1);
}

bool isCandidateText(std::string_view text) {
  return text.empty() || text.starts_with("candidate:") || text.starts_with("a=candidate:");
}

// Candidates: split fields, flat, nested, JSON in a string; null or "" is the end of them. Nothing: it is
// none of these.
std::optional<SignalCandidate> candidateIn(const JsonValue& value, int depth) {
  if (depth > kMostNesting)
    return std::nullopt;
  SignalCandidate body;
  if (value.isNull())
    return body;
  if (const auto text = value.asText()) {
    if (text->starts_with("{"))
      return candidateIn(jsonIn(std::string(*text)), depth + 1);
    if (!isCandidateText(*text))
      return std::nullopt;
    body.candidate = *text;
  } else {
    const JsonValue inner = value.get("candidate");
    if (inner.isObject())
      return candidateIn(inner, depth + 1);
    const bool is_end = inner.isNull() || (!inner.isPresent() && value.get("sdpMid").isPresent());
    if (!is_end && (!inner.isString() || !isCandidateText(*inner.asText())))
      return std::nullopt;
    body.candidate = inner.asString().value_or("");
    body.mid = value.stringOr("sdpMid", "");
    for (const char* key : {"sdpMLineIndex", "label", "id"})
      if (const auto mline = value.get(key).asInteger(); mline && *mline >= 0 && *mline < 0x10000) {
        body.mline = static_cast<unsigned>(*mline);
        break;
      }
  }
  if (body.candidate.starts_with("a="))
    body.candidate.erase(0, 2);
  return body;
}

}  // namespace

void DialectSession::hearMedia(const DialectRule& rule, const Scope& scope,
                               const std::string& peer) {
  const int number = static_cast<int>(integerAt(rule.connection, scope));
  using Why = Misheard::Why;
  const auto hear = [&](const std::optional<DialectPath>& path, Why why, const auto& understand) {
    if (!path)
      return;
    const JsonValue value = at(*path, scope);
    if (!value.isPresent())
      mishear(Why::kNothingThere, path->text, value);
    else if (!understand(value))
      mishear(why, path->text, value);
  };
  hear(rule.description, Why::kNoDescription, [&](const JsonValue& value) {
    return hearDescription(peer, number, value, rule.description_type, 0);
  });
  hear(rule.candidate, Why::kNoCandidate, [&](const JsonValue& value) {
    auto candidate = candidateIn(value, 0);
    if (!candidate)
      return false;
    if (rule.mid)
      candidate->mid = textAt(rule.mid, scope);
    if (rule.mline)
      candidate->mline = static_cast<unsigned>(std::min<std::int64_t>(
          integerAt(rule.mline, scope), std::numeric_limits<std::uint16_t>::max()));
    hearCandidate(peer, number, *std::move(candidate));
    return true;
  });
  hear(rule.signal, Why::kNoSignal,
       [&](const JsonValue& value) { return hearSignal(peer, number, value, 0); });
  if (rule.ping)
    deliver(peer, SignalPing{peer, integerAt(rule.ping, scope), false});
  if (rule.pong)
    deliver(peer, SignalPing{peer, integerAt(rule.pong, scope), true});
}

// Descriptions as apps write them: an object, bare SDP, JSON in a string, simple-peer's signal.
bool DialectSession::hearDescription(const std::string& peer, int number, const JsonValue& value,
                                     const std::string& type, int depth) {
  if (depth > kMostNesting || peer.empty())
    return false;
  if (const auto text = value.asText()) {
    if (text->starts_with("{"))
      return hearDescription(peer, number, jsonIn(std::string(*text)), type, depth + 1);
    if (!text->starts_with("v=0"))
      return false;
    if (const Peer* about = peerOf(peer))
      hearSdp(peer, number,
              !type.empty()       ? type
              : about->we_offered ? "answer"
                                  : "offer",
              std::string(*text));
    return true;
  }
  const auto sdp = value.get("sdp").asString();
  const std::string said = value.stringOr("type", type);
  if (!sdp || (said != "offer" && said != "answer"))
    return hearDescription(peer, number, value.get("sdp"), type, depth + 1);
  hearSdp(peer, number, said, *sdp);
  return true;
}

// One keeps its certificate and the id of its session for as long as it lives (JSEP, RFC 9429 5.2.2).
// Connections of one program may share a certificate, and some stacks have another id in each
// description: of these an offer is of a new connection if its credentials are new, too.
bool DialectSession::Origin::isOfAnother(const Origin& before) const {
  if (before.fingerprint.empty() && before.session.empty())
    return false;  // the first one
  return fingerprint != before.fingerprint || (session != before.session && ufrag != before.ufrag);
}

// Where the app does not number connections.
void DialectSession::hearSdp(const std::string& peer, int number, const std::string& type,
                             const std::string& sdp) {
  Peer* about = peerOf(peer);
  if (!about)
    return;
  about->described = true;
  about->offered = about->offered || type == "offer";
  const Origin origin{lineOf(sdp, "a=fingerprint:"), sessionIdOf(sdp), lineOf(sdp, "a=ice-ufrag:")};
  const Origin before = std::exchange(about->origin, origin);
  if (number == 0 && type == "offer") {
    about->number = std::max(about->number, 1);
    if (origin.isOfAnother(before))
      number = ++about->number;
  }
  deliver(peer, SignalDescription{peer, number, type, sdp});
}

void DialectSession::hearCandidate(const std::string& peer, int number, SignalCandidate candidate) {
  if (peer.empty())
    return;
  candidate.from = peer;
  candidate.connection = number;
  deliver(peer, std::move(candidate));
}

bool DialectSession::hearSignal(const std::string& peer, int number, const JsonValue& value,
                                int depth) {
  if (depth > kMostNesting)
    return false;
  if (const auto text = value.asText()) {
    if (text->starts_with("{"))
      return hearSignal(peer, number, jsonIn(std::string(*text)), depth + 1);
    if (text->starts_with("v=0"))
      return hearDescription(peer, number, value, "", depth);
  } else if (value.get("sdp").isPresent()) {
    return hearDescription(peer, number, value, "", depth);
  }
  auto candidate = candidateIn(value, depth);
  if (!candidate)  // what simple-peer says beside them is understood, and means nothing to us
    return value.get("renegotiate").isPresent() || value.get("transceiverRequest").isPresent();
  hearCandidate(peer, number, *std::move(candidate));
  return true;
}

}  // namespace turnout
