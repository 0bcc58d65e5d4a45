#include "orchestrator/run/signaling_probe.h"

#include <gtest/gtest.h>

namespace turnout {
namespace {

using Kind = SignalingKind;

HttpClient::Answer answered(unsigned status, const std::string& body) {
  HttpResponse response;
  response.status = status;
  response.body = body;
  return response;
}
HttpClient::Answer failed(HttpFailure::Kind kind) {
  return HttpFailure{kind, "why"};
}

TEST(SignalingProbe, KnowsAServerByItsAnswerToTheHandshake) {
  const std::pair<HttpClient::Answer, Kind> rows[] = {
      {answered(200, R"(0{"sid":"a","upgrades":["websocket"]})"), Kind::kSocketIo},
      {answered(200, R"(97:0{"sid":"a","upgrades":["websocket"]}2:40)"), Kind::kSocketIo2},
      {answered(400, R"({"code":5,"message":"Unsupported protocol version"})"), Kind::kSocketIo2},
      {answered(400, R"({"code":0,"message":"Transport unknown"})"), Kind::kNoSocketIo},
      {answered(200, "<html>"), Kind::kNoSocketIo},
      {answered(200, ""), Kind::kNoSocketIo},
      {answered(404, "not here"), Kind::kNoSocketIo},
      {answered(302, ""), Kind::kNoSocketIo},
      {answered(401, ""), Kind::kLogin},
      {answered(403, ""), Kind::kLogin},
      {answered(502, "<h1>Bad Gateway</h1>"), Kind::kBadGateway},
      {answered(504, ""), Kind::kBadGateway},
      {answered(426, "Upgrade Required"), Kind::kPlainWebSocket},
      {failed(HttpFailure::Kind::kTimeout), Kind::kSilent},
      {failed(HttpFailure::Kind::kUntrusted), Kind::kNoTls},
      {failed(HttpFailure::Kind::kNotHttp), Kind::kNotHttp},
      {failed(HttpFailure::Kind::kUnreachable), Kind::kUnreachable},
      {failed(HttpFailure::Kind::kTooLarge), Kind::kNoSocketIo}};
  for (const auto& [answer, kind] : rows)
    EXPECT_EQ(readHandshakeAnswer(answer).kind, kind) << readHandshakeAnswer(answer).detail;
}

TEST(SignalingProbe, QuotesOneLineOfWhatWasSaidAsText) {
  EXPECT_EQ(readHandshakeAnswer(answered(404, "no\x01thing\r\nsecret")).detail,
            "HTTP 404: no.thing");
}

}  // namespace
}  // namespace turnout
