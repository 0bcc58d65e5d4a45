#include "orchestrator/run/signaling_probe.h"

#include "pipelines/base/gobject_ref.h"
#include "pipelines/base/json.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace turnout {
namespace {

constexpr Duration kHandshakeDue = 3s;
constexpr Duration kAnswerDue = 2s;  // to an event that any of our servers answers at once
constexpr std::size_t kQuoted = 80;  // bytes of what a server said

using Kind = SignalingKind;

bool isOneOf(unsigned status, std::initializer_list<unsigned> statuses) {
  return std::find(statuses.begin(), statuses.end(), status) != statuses.end();
}

// The first line of it, as text.
std::string quoted(const std::string& body) {
  std::string line = body.substr(0, std::min(body.find_first_of("\r\n"), kQuoted));
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ' || static_cast<unsigned char>(c) >= 0x7f)
      c = '.';
  return line.empty() ? "" : ": " + line;
}

Kind kindOfStatus(const HttpResponse& response) {
  if (isOneOf(response.status, {401, 403, 407}))
    return Kind::kLogin;
  if (isOneOf(response.status, {502, 503, 504}))
    return Kind::kBadGateway;
  return response.status == 426 ? Kind::kPlainWebSocket : Kind::kNoSocketIo;
}

// "0{"sid":...}"; of Engine.IO 3 its length comes first, "97:0{...".
SignalingSeen kindOfBody(const HttpResponse& response) {
  const std::string& body = response.body;
  if (body.starts_with("0{"))
    return {Kind::kSocketIo, ""};
  const std::size_t colon = body.find_first_not_of("0123456789");
  if (colon != std::string::npos && colon > 0 && body.compare(colon, 3, ":0{") == 0)
    return {Kind::kSocketIo2, "its handshake is of Engine.IO 3"};
  const auto json = JsonValue::parse(body);
  if (response.status == 400 && json && json->integerOr("code", -1) == 5)
    return {Kind::kSocketIo2, "HTTP 400" + quoted(body)};
  return {kindOfStatus(response), "HTTP " + std::to_string(response.status) + quoted(body)};
}

bool answers(std::string_view payload) {  // packets, apart by U+001E
  while (!payload.empty()) {
    const std::size_t end = std::min(payload.find('\x1e'), payload.size());
    if (payload.substr(0, end).starts_with("430["))
      return true;
    payload.remove_prefix(std::min(end + 1, payload.size()));
  }
  return false;
}

}  // namespace

SignalingSeen readHandshakeAnswer(const HttpClient::Answer& answer) {
  if (const auto* failure = std::get_if<HttpFailure>(&answer)) {
    switch (failure->kind) {
      case HttpFailure::Kind::kTimeout:
        return {Kind::kSilent, failure->what};
      case HttpFailure::Kind::kUntrusted:
        return {Kind::kNoTls, failure->what};
      case HttpFailure::Kind::kNotHttp:
        return {Kind::kNotHttp, failure->what};
      case HttpFailure::Kind::kTooLarge:
        return {Kind::kNoSocketIo, failure->what};
      case HttpFailure::Kind::kUnreachable:
        break;
    }
    return {Kind::kUnreachable, failure->what};
  }
  return kindOfBody(std::get<HttpResponse>(answer));
}

SignalingProbe::SignalingProbe(Loop& loop, std::string origin, const TlsTrust& tls,
                               std::function<void(SignalingSeen)> on_seen)
    : origin_(std::move(origin)),
      http_(loop, {.timeout = kHandshakeDue, .accept = nullptr, .goes_direct = true, .tls = tls}),
      on_seen_(std::move(on_seen)) {
  overdue_ = loop.after(kHandshakeDue + kAnswerDue, [this] {
    finish({Kind::kOtherApp, "no answer to the event \"leave\""});
  });
  ask("GET", "", &SignalingProbe::onHandshake);
}

void SignalingProbe::ask(const char* method, const std::string& body,
                         void (SignalingProbe::*then)(const HttpClient::Answer&)) {
  std::string url = origin_ + "/socket.io/?EIO=4&transport=polling";
  if (!sid_.empty())
    url +=
        std::string("&sid=") + Owned<char>(g_uri_escape_string(sid_.c_str(), nullptr, FALSE)).get();
  pending_ = http_.send({.method = method,
                         .url = Secret(std::move(url)),
                         .content_type = body.empty() ? "" : "text/plain;charset=UTF-8",
                         .body = Secret(body)},
                        [this, then](const HttpClient::Answer& answer) { (this->*then)(answer); });
}

void SignalingProbe::onHandshake(const HttpClient::Answer& answer) {
  SignalingSeen seen = readHandshakeAnswer(answer);
  if (seen.kind != Kind::kSocketIo)
    return finish(std::move(seen));
  const auto handshake = JsonValue::parse(std::get<HttpResponse>(answer).body.substr(1));
  sid_ = handshake ? handshake->stringOr("sid", "") : "";
  ask("POST", "40", &SignalingProbe::onEntered);
}

void SignalingProbe::onEntered(const HttpClient::Answer&) {
  ask("GET", "", &SignalingProbe::onNamespace);
}

// Who is not let in is refused in words, which the bots hear, too.
void SignalingProbe::onNamespace(const HttpClient::Answer& answer) {
  const auto* response = std::get_if<HttpResponse>(&answer);
  if (!response || !response->body.starts_with("40"))
    return finish({Kind::kSocketIo, ""});
  ask("POST", R"(420["leave",{}])", &SignalingProbe::onAsked);
}

void SignalingProbe::onAsked(const HttpClient::Answer&) {
  ask("GET", "", &SignalingProbe::onAnswer);
}

void SignalingProbe::onAnswer(const HttpClient::Answer& answer) {
  const auto* response = std::get_if<HttpResponse>(&answer);
  if (response && response->status == 200 && !answers(response->body))
    return ask("GET", "", &SignalingProbe::onAnswer);  // something else came first
  if (response && response->status == 200)
    return finish({Kind::kSocketIo, ""});
  finish({Kind::kOtherApp, "no answer to the event \"leave\""});
}

// The session ends in order, if there is one.
void SignalingProbe::finish(SignalingSeen seen) {
  const auto on_seen = std::exchange(on_seen_, {});
  overdue_.cancel();
  pending_.reset();
  if (!sid_.empty())
    ask("POST", "1", &SignalingProbe::onClosed);
  if (on_seen)
    on_seen(std::move(seen));
}

void SignalingProbe::onClosed(const HttpClient::Answer&) {
  pending_.reset();
}

}  // namespace turnout
