// A byte stream as the lives of up to eight clients: they come, say things, vanish, and time
// passes. After every step nobody is in two things or alone with himself; everything that is sent
// is JSON; and when all have gone nothing is left.
#include "bots/signaling/app/signaling_app.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace turnout {
namespace {

class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : data_(data), end_(data + size) {}
  bool empty() const { return data_ == end_; }
  unsigned below(unsigned limit) { return empty() ? 0 : *data_++ % limit; }
  std::string text() {  // up to 15 bytes, as they are
    const std::size_t wanted = below(16);
    const auto size = std::min(wanted, static_cast<std::size_t>(end_ - data_));
    std::string taken(reinterpret_cast<const char*>(data_), size);
    data_ += size;
    return taken;
  }

 private:
  const std::uint8_t* data_;
  const std::uint8_t* end_;
};

class Lives {
 public:
  Lives(const std::uint8_t* data, std::size_t size)
      : bytes_(data, size),
        app_({.room_capacity = 3,
              .grace = 3s,
              .max_held = 2,
              .ring_timeout = 2s,
              .match_timeout = 4s,
              .budget = {.per_second = 5, .burst = 40},
              .max_message = 2000}) {}

  void live() {
    while (!bytes_.empty())
      step();
    while (!present_.empty())
      depart(Gone::kLost);
    at_ += 1h;
    check(app_.onTime(at_));
    TURNOUT_CHECK(app_.census() == AppCensus{}, "something is left behind");
    TURNOUT_CHECK(app_.deadline() == Instant::max(), "something is still due");
  }

 private:
  static constexpr std::array kEvents = {"register", "join",         "signal",       "leave",
                                         "call",     "answer",       "reject",       "hang-up",
                                         "signal",   "find-partner", "next-partner", "nonsense"};

  void step() {
    switch (bytes_.below(12)) {
      case 0:
      case 1:
        return arrive();
      case 2:
        return depart(static_cast<Gone>(bytes_.below(3)));
      case 3:
        at_ += milliseconds(10 * bytes_.below(256));
        return check(app_.onTime(at_));
      case 4:
        at_ += milliseconds(10 * bytes_.below(256));  // the server did not look at its clock
        return;
      default:
        return speak();
    }
  }

  void arrive() {
    if (present_.size() == 8)
      return;
    present_.push_back("c" + std::to_string(++last_));
    check(app_.onConnected(at_, present_.back(), Secret("key-" + present_.back())));
  }

  void depart(Gone how) {
    if (present_.empty())
      return;
    const std::string id = anybody();
    std::erase(present_, id);
    check(app_.onGone(at_, id, how));
  }

  void speak() {
    if (present_.empty())
      return;
    const std::string id = anybody(), event = kEvents[bytes_.below(kEvents.size())];
    const auto argument = JsonValue::parse(argumentText());
    std::vector<JsonValue> arguments;
    if (argument && bytes_.below(16) != 0)
      arguments.push_back(*argument);
    const auto content =
        bytes_.below(64) == 1 ? SignalingApp::Content::kBinary : SignalingApp::Content::kJson;
    const std::size_t size = bytes_.below(32) == 1 ? 2001 : 100;
    const auto outcome = app_.onEvent(at_, id, {event, arguments, size, content});
    TURNOUT_CHECK(JsonValue::parse(outcome.ack), outcome.ack.c_str());
    check(outcome);
  }

  std::string argumentText() {
    JsonWriter json;
    json.beginObject().field("user", name()).field("room", name());
    json.field("to", bytes_.below(2) ? anybody() : name());
    json.field("call", "call-" + std::to_string(app_.stats().calls - bytes_.below(2)));
    if (bytes_.below(3) == 1)
      json.field("key", "key-c" + std::to_string(1 + bytes_.below(16)));
    if (bytes_.below(2))
      json.field("reason", "busy");
    json.key("data").raw(bytes_.below(4) ? R"({"candidate":null})" : "[]");
    return json.endObject().take();
  }

  std::string name() {
    return bytes_.below(8) ? "u" + std::to_string(bytes_.below(4)) : bytes_.text();
  }
  std::string anybody() { return present_[bytes_.below(static_cast<unsigned>(present_.size()))]; }

  void check(const SignalingApp::Outcome& outcome) {
    for (const auto& emit : outcome.emits)
      TURNOUT_CHECK(JsonValue::parse(emit.argument), emit.argument.c_str());
    for (const auto& close : outcome.closes) {
      std::erase(present_, close.connection);
      check(app_.onGone(at_, close.connection, Gone::kClosed));
    }
    TURNOUT_CHECK(app_.isConsistent(), "the application");
  }

  Bytes bytes_;
  SignalingApp app_;
  Instant at_{1h};
  unsigned last_ = 0;
  std::vector<std::string> present_;  // connections
};

}  // namespace
}  // namespace turnout

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  turnout::Lives(data, size).live();
  return 0;
}
