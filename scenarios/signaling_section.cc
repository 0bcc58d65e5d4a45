#include "pipelines/base/server_url.h"
#include "scenarios/sections.h"

#include <algorithm>

namespace turnout {
namespace {

using GivenValue = SignalingSource::Value;

// A plain text, or where the value is found: secrets stay out of scenario files.
void readGivenValue(const Place& place, GivenValue& value) {
  if (place.value.isString()) {
    value.text = readText(place).value_or("");
    return;
  }
  if (!place.value.isObject())
    return place.expected("a text, {\"env\": NAME} or {\"file\": PATH}");
  readObject(place, {text("env", &GivenValue::env), text("file", &GivenValue::file)}, value);
  if (value.env.empty() == value.file.empty())
    place.problem("expected either \"env\" or \"file\"");
}

void readGivenValues(const Place& place, SignalingSource& source) {
  if (!place.value.isObject())
    return place.expected("an object: variables of the dialect and their values");
  for (const std::string& name : place.keys()) {
    GivenValue& value =
        source.values.emplace_back(GivenValue{.name = name, .text = {}, .env = {}, .file = {}});
    readGivenValue(place.at(name), value);
  }
}

void readServerUrl(const Place& place, SignalingSource& source) {
  const auto url = readText(place);
  if (!url)
    return;
  if (const auto server = serverUrl(*url); !server)
    place.problem(server.error().what);
  source.url = *url;
}

void readStart(const Place& place, SignalingSource& source) {
  std::vector<std::string> words;
  for (const auto& [word, start] : kEngineStartWords)
    words.emplace_back(word);
  const auto read = readWord(place, words);
  for (const auto& [word, start] : kEngineStartWords)
    if (read == word)
      source.start = start;
}

Keys<SignalingSource> signalingTlsKeys() {
  return {boolean("verify", &SignalingSource::tls_verify),
          text("ca_file", &SignalingSource::tls_ca_file)};
}

Keys<SignalingSource> signalingKeys() {
  return {{"url", readServerUrl},
          text("dialect", &SignalingSource::dialect),
          {"start", readStart},
          {"values", readGivenValues},
          section("tls", signalingTlsKeys())};
}

void readSignaling(const Place& place, Scenario& scenario) {
  SignalingSource& source = scenario.signaling;
  readObject(place, signalingKeys(), source);
  if (!place.value.isObject() || !source.dialect.empty())
    return;
  const auto server = serverUrl(source.url);
  if (server && !server->namesServerAlone())
    place.at("url").problem(
        "has a path or a query, which our own protocol has no use for; an app of another one needs "
        "a "
        "\"dialect\"");
  if (std::ranges::any_of(source.values,
                          [](const GivenValue& value) { return value.name != "token"; }))
    place.at("values").problem(
        "without a \"dialect\" there is one value, \"token\": of the server's --token-file");
}

}  // namespace

Key<Scenario> signalingSection() {
  return {"signaling", readSignaling, keyNames(signalingKeys(), ".")};
}

}  // namespace turnout
