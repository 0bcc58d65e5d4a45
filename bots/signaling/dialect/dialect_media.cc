// The shapes in which apps write descriptions and candidates, and what a session makes of them.
#include "bots/signaling/dialect/dialect_session.h"

#include <algorithm>

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

}  // namespace

void DialectSession::hearMedia(const DialectRule& rule, const Scope& scope,
                               const std::string& peer) {
  const int number = static_cast<int>(integerAt(rule.connection, scope));
  if (rule.description)
    hearDescription(peer, number, at(*rule.description, scope), rule.description_type, 0);
  if (rule.candidate)
    hearCandidate(peer, number, at(*rule.candidate, scope), 0);
  if (rule.signal)
    hearSignal(peer, number, at(*rule.signal, scope), 0);
  if (rule.ping)
    deliver(peer, SignalPing{peer, integerAt(rule.ping, scope), false});
  if (rule.pong)
    deliver(peer, SignalPing{peer, integerAt(rule.pong, scope), true});
}

// Descriptions as apps write them: an object, bare SDP, JSON in a string, simple-peer's signal.
void DialectSession::hearDescription(const std::string& peer, int number, const JsonValue& value,
                                     const std::string& type, int depth) {
  if (depth > kMostNesting || peer.empty())
    return;
  if (const auto text = value.asText()) {
    if (text->starts_with("{"))
      return hearDescription(peer, number, jsonIn(std::string(*text)), type, depth + 1);
    const Peer* about = peerOf(peer);
    if (text->starts_with("v=0") && about)
      hearSdp(peer, number,
              !type.empty()       ? type
              : about->we_offered ? "answer"
                                  : "offer",
              std::string(*text));
    return;
  }
  const auto sdp = value.get("sdp").asString();
  const std::string said = value.stringOr("type", type);
  if (!sdp || (said != "offer" && said != "answer"))
    return hearDescription(peer, number, value.get("sdp"), type, depth + 1);
  hearSdp(peer, number, said, *sdp);
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

// Candidates: split fields, flat, nested, JSON in a string; null or "" is the end of them.
void DialectSession::hearCandidate(const std::string& peer, int number, const JsonValue& value,
                                   int depth) {
  if (depth > kMostNesting || peer.empty())
    return;
  SignalCandidate body{peer, number, 0, ""};
  if (const auto text = value.asString()) {
    if (text->starts_with("{"))
      return hearCandidate(peer, number, jsonIn(*text), depth + 1);
    body.candidate = *text;
  } else if (value.isObject()) {
    const JsonValue inner = value.get("candidate");
    if (inner.isObject())
      return hearCandidate(peer, number, inner, depth + 1);
    body.candidate = inner.asString().value_or("");
    body.mid = value.stringOr("sdpMid", "");
    for (const char* key : {"sdpMLineIndex", "label", "id"})
      if (const auto mline = value.get(key).asInteger(); mline && *mline >= 0 && *mline < 0x10000) {
        body.mline = static_cast<unsigned>(*mline);
        break;
      }
  } else if (value.isPresent() && !value.isNull()) {
    return;
  }
  if (body.candidate.starts_with("a="))
    body.candidate.erase(0, 2);
  deliver(peer, std::move(body));
}

void DialectSession::hearSignal(const std::string& peer, int number, const JsonValue& value,
                                int depth) {
  if (depth > kMostNesting)
    return;
  if (const auto text = value.asString()) {
    if (text->starts_with("{"))
      return hearSignal(peer, number, jsonIn(*text), depth + 1);
    return text->starts_with("v=0") ? hearDescription(peer, number, value, "", depth)
                                    : hearCandidate(peer, number, value, depth);
  }
  if (value.get("sdp").isPresent())
    return hearDescription(peer, number, value, "", depth);
  if (value.isNull() || value.get("candidate").isPresent())
    return hearCandidate(peer, number, value, depth);
}

}  // namespace turnout
