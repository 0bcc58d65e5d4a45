// What answers at a signaling URL that somebody gave: asked as a Socket.IO client asks that starts by
// polling, so that a server which is something else is known by what it says. One session, gone again
// at once, in which `leave` of docs/PROTOCOL.md is asked: it changes nothing.
#pragma once

#include "bots/timeline/event.h"
#include "pipelines/base/http/http_client.h"
#include "pipelines/base/loop.h"

#include <functional>
#include <memory>
#include <string>

namespace turnout {

// The answer to the handshake (Engine.IO 4, GET /socket.io/?EIO=4&transport=polling). Pure.
SignalingSeen readHandshakeAnswer(const HttpClient::Answer& answer);

// Threads: the loop's. Destroying it gives it up.
class SignalingProbe {
 public:
  // `origin`: "http://host:port". `on_seen` once, from the loop, within some 5 s.
  SignalingProbe(Loop& loop, std::string origin, const TlsTrust& tls,
                 std::function<void(SignalingSeen)> on_seen);

 private:
  void ask(const char* method, const std::string& body,
           void (SignalingProbe::*then)(const HttpClient::Answer&));
  void onHandshake(const HttpClient::Answer& answer);
  void onEntered(const HttpClient::Answer& answer);
  void onNamespace(const HttpClient::Answer& answer);
  void onAsked(const HttpClient::Answer& answer);
  void onAnswer(const HttpClient::Answer& answer);
  void onClosed(const HttpClient::Answer& answer);
  void finish(SignalingSeen seen);

  const std::string origin_;
  std::string sid_;
  HttpClient http_;
  std::function<void(SignalingSeen)> on_seen_;  // empty: it was told
  std::unique_ptr<HttpClient::Pending> pending_;
  Timer overdue_;
};

}  // namespace turnout
