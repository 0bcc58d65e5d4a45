// The application with clients played by the test: what each one says, what it is answered and what
// it hears. Time stands still until pass() is called.
#pragma once

#include "bots/signaling/app/signaling_app.h"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace turnout {

class Stage {
 public:
  explicit Stage(SignalingAppOptions options = {}) : app(std::move(options)) {}

  void connect(const std::string& id) { deliver(app.onConnected(at, id, Secret("key of " + id))); }
  // The acknowledgement.
  std::string say(const std::string& id, const char* event, const std::string& argument = "{}",
                  std::size_t size = 10) {
    const std::vector<JsonValue> arguments = {*JsonValue::parse(argument)};
    auto outcome = app.onEvent(at, id, {event, arguments, size});
    deliver(outcome);
    return outcome.ack;
  }
  // The error in it, or "ok".
  std::string outcome(const std::string& id, const char* event,
                      const std::string& argument = "{}") {
    const auto ack = *JsonValue::parse(say(id, event, argument));
    return ack.boolOr("ok", false) ? "ok" : ack.stringOr("error", "");
  }
  void gone(const std::string& id, Gone how) { deliver(app.onGone(at, id, how)); }

  // Everything that falls due up to then happens.
  void pass(Duration time) {
    at += time;
    deliver(app.onTime(at));
  }
  // Time passes, but the server does not get to look at its clock.
  void passUnnoticed(Duration time) { at += time; }

  // What was heard since the last question: "event argument".
  std::vector<std::string> heard(const std::string& id) { return std::move(heard_[id]); }

  // A connection whose user is registered under its id.
  void enter(const std::string& id) {
    connect(id);
    EXPECT_EQ(outcome(id, "register", R"({"user":")" + id + R"("})"), "ok");
  }
  std::uint64_t errors(AppError error) const { return app.stats().of(error); }

  SignalingApp app;
  Instant at{1h};
  std::vector<std::string> closed;  // connections the application wants closed

 private:
  void deliver(const SignalingApp::Outcome& outcome) {
    for (const auto& emit : outcome.emits)
      heard_[emit.to].push_back(emit.event + (" " + emit.argument));
    for (const auto& close : outcome.closes)
      closed.push_back(close.connection);
    EXPECT_TRUE(app.isConsistent());
  }

  std::map<std::string, std::vector<std::string>> heard_;
};

using Heard = std::vector<std::string>;

}  // namespace turnout
